"""The engine's contract: memes in, raw scores and rationales out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..taxonomy import LABEL_SETS, Language, Task
from .calibration import Calibration
from .errors import MemeError

__all__ = ["Engine", "EngineDescription", "Meme", "ModelIdentity", "RationaleRequest", "Scores", "TokenEstimate"]


@dataclass(frozen=True, slots=True)
class Meme:
    """What the model sees of a post.

    `image` is the compressed file, bounded and checked by its header only: the engine decodes it. `text` is the text in
    the picture, `caption` what its author wrote beside it, both NFC and capped. `language` is None outside the nine:
    such a meme is asked in English.
    """

    text: str = ""
    caption: str = ""
    language: Language | None = None
    image: bytes | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Raw log-probabilities of one meme, before calibration and policy.

    `sets` are names of label sets, one for each task asked; `log_probabilities` holds their labels' scores, one set
    after the other (flat; natural logarithm; the sum over each label's tokens and the terminator).
    """

    sets: tuple[str, ...]
    log_probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        expected = sum(len(LABEL_SETS[name].labels) for name in self.sets)
        if len(self.log_probabilities) != expected:
            raise ValueError(f"{len(self.log_probabilities)} scores for {expected} labels of {len(self.sets)} sets")

    def by_set(self) -> dict[str, tuple[float, ...]]:
        """Log-probabilities of each set, in the set's label order."""
        result, start = {}, 0
        for name in self.sets:
            end = start + len(LABEL_SETS[name].labels)
            result[name], start = self.log_probabilities[start:end], end
        return result


@dataclass(frozen=True, slots=True)
class RationaleRequest:
    """Asks why `label` of `label_set` holds for a meme, in `language`."""

    meme: Meme
    label_set: str
    label: str
    language: Language


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """What is published of a model, and `scores_key`: a digest of everything that shapes its raw scores.

    The key covers model and adapter revision, layout, prompt version, label sets, image processor and pixel cap, dtype,
    attention backend and this project's score schema; calibration is not in it, since it applies after the cache.
    """

    name: str
    revision: str
    adapter: str | None
    layout: str
    scores_key: str


@dataclass(frozen=True, slots=True)
class TokenEstimate:
    """Upper estimate of the new tokens of a meme, as plain data: both sides of a process border count alike.

    `base` tokens for the template and all branches, `per_image` at the pixel cap, and at most one for each UTF-8 byte
    of the text times `per_byte`.
    """

    base: int = 0
    per_image: int = 0
    per_byte: float = 1.0

    def count(self, meme: Meme) -> int:
        """Tokens that a forward pass over this meme adds, at most."""
        text = len((meme.text + meme.caption).encode(errors="surrogatepass"))
        return self.base + (self.per_image if meme.image is not None else 0) + math.ceil(text * self.per_byte)


@dataclass(frozen=True, slots=True)
class EngineDescription:
    """What a caller must know of a loaded model; plain data, so that it crosses a process border.

    `trained` are the languages with labelled rows for each task: everything else is transferred evidence.
    `rationale_languages` is empty for a model that doesn't explain; `rationale_tokens` is the length at which it cuts
    what it writes. `demonstration` marks the shipped toy model.
    """

    identity: ModelIdentity
    calibration: Calibration
    trained: Mapping[Task, frozenset[Language]] = field(default_factory=dict)
    rationale_languages: frozenset[Language] = frozenset()
    rationale_tokens: int = 0
    demonstration: bool = False
    device: str = "cpu"
    tokens: TokenEstimate = field(default_factory=TokenEstimate)


class Engine(Protocol):
    """Judges memes. Methods block, may be called from one thread at a time, and never reorder what they were given."""

    @property
    def description(self) -> EngineDescription:
        """Identity, calibration and evidence of the loaded model. Constant."""
        ...

    def count_tokens(self, meme: Meme) -> int:
        """Upper estimate of the new tokens a forward pass over this meme costs; reads no pixel, raises nothing."""
        ...

    def score(self, memes: Sequence[Meme]) -> list[Scores | MemeError]:
        """Scores of each meme on all served tasks of its language, or why that one meme can't be judged.

        Raises:
            EngineUnavailableError: nothing was judged; the same call may succeed later.
        """
        ...

    def explain(self, requests: Sequence[RationaleRequest]) -> list[str | MemeError]:
        """One rationale for each request. Requests about the same meme object share its forward pass.

        Raises:
            EngineUnavailableError: as for `score`.
        """
        ...

    def close(self) -> None:
        """Free the device; the engine is of no use afterwards. Idempotent."""
        ...
