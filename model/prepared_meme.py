"""A meme made ready for the device: text as tokens, picture as patches. Runs on threads while the device is busy."""

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

from .engine import Meme
from .errors import MemeError
from .packing import MemeTokens
from .picture_patches import PatchMaker, PicturePatches
from .prompt import Plan, Prompt

__all__ = ["MemePreparer", "PreparedMeme"]


@dataclass(frozen=True, slots=True, eq=False)
class PreparedMeme:
    """`plans` are what a meme in its language is asked; memes with the same plans can share a batch.

    `chains` are its tokens under the root of each plan, `tokens` the new ones in the largest of its sequences.
    """

    meme: Meme
    plans: tuple[Plan, ...]
    chains: tuple[MemeTokens, ...]
    tokens: int
    picture: PicturePatches | None

    def chain(self, plan: Plan) -> MemeTokens:
        """Its tokens under the root of one of its plans."""
        return self.chains[self.plans.index(plan)]


class MemePreparer:
    """Prepares memes on a few threads."""

    def __init__(self, prompt: Prompt, patches: PatchMaker, *, threads: int) -> None:
        self._prompt, self._patches = prompt, patches
        self._pool: Executor = ThreadPoolExecutor(threads, thread_name_prefix="pictures")

    def prepare(self, memes: Sequence[Meme]) -> list[PreparedMeme | MemeError]:
        """Each meme made ready, or why it can't be judged."""
        return list(self._pool.map(self._prepare, memes))

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _prepare(self, meme: Meme) -> PreparedMeme | MemeError:
        try:
            text, caption = self._prompt.untrusted(meme.text), self._prompt.untrusted(meme.caption)
            picture = self._patches.patches(meme.image) if meme.image is not None else None
        except MemeError as error:
            return error
        merged = self._patches.merged
        grid = (picture.rows // merged, picture.columns // merged) if picture else None
        plans = self._prompt.plans(meme.language)
        chains = tuple(self._prompt.meme(plan, grid=grid, text=text, caption=caption) for plan in plans)
        tokens = max(len(chain) + len(plan.tree) for plan, chain in zip(plans, chains, strict=True))
        return PreparedMeme(meme, plans, chains, tokens, picture)
