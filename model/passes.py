"""Forward passes over memes: pictures encoded once, roots computed once."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import DynamicCache, Qwen3VLForConditionalGeneration

from .packing import MemeTokens, Packed, SpecialIds, pack
from .picture_patches import PicturePatches
from .prompt import Plan
from .scoring import Pass, Pictures, RootKeysValues, encode_pictures, forward, prefill_root, score_edges
from .trie import TokenTree

__all__ = ["KeptPass", "Passes"]

_NOTHING_ASKED = TokenTree((), (), ())


@dataclass(frozen=True, slots=True, eq=False)
class KeptPass:
    """What a pass left for rationales: its geometry and its cache."""

    packed: Packed
    cache: DynamicCache

    @property
    def size_bytes(self) -> int:
        """Memory that the cache takes."""
        return sum(layer.keys.nbytes + layer.values.nbytes for layer in self.cache.layers)


class Passes:
    """A model, and the roots that were computed."""

    def __init__(self, model: Qwen3VLForConditionalGeneration, ids: SpecialIds) -> None:
        self.model = model
        self._ids = ids
        self._roots: dict[tuple[int, ...], RootKeysValues] = {}
        self._gathering: dict[Plan, Tensor] = {}

    def see(self, pictures: Sequence[PicturePatches]) -> Pictures | None:
        """Vision features of pictures, in their order."""
        if not pictures:
            return None
        patches = torch.cat([torch.from_numpy(one.values) for one in pictures])
        grids = torch.tensor([[1, one.rows, one.columns] for one in pictures], device=self.model.device)
        return encode_pictures(self.model, patches.to(self.model.device, self.model.dtype), grids)

    def score(
        self, plan: Plan, memes: Sequence[MemeTokens], pictures: Pictures | None, *, keep: bool
    ) -> tuple[Tensor, KeptPass | None]:
        """Label scores (memes, answers of the plan) in float32; the pass itself where it is to be kept."""
        packed, done = self._run(plan, plan.tree, memes, pictures, keep=keep)
        edges = score_edges(self.model, done.hidden, packed).view(len(memes), -1)
        padded = torch.nn.functional.pad(edges, (0, 1))
        scores = padded[:, self._label_edges(plan)].sum(-1)
        return scores, KeptPass(packed, done.cache) if done.cache is not None else None

    def prefix(self, plan: Plan, memes: Sequence[MemeTokens], pictures: Pictures | None) -> KeptPass:
        """A pass over the memes alone, for rationales of what was scored before."""
        packed, done = self._run(plan, _NOTHING_ASKED, memes, pictures, keep=True)
        assert done.cache is not None  # noqa: S101  keep=True
        return KeptPass(packed, done.cache)

    def _run(
        self,
        plan: Plan,
        tree: TokenTree,
        memes: Sequence[MemeTokens],
        pictures: Pictures | None,
        *,
        keep: bool,
    ) -> tuple[Packed, Pass]:
        packed = pack(memes, tree, root=plan.root, cached=True, ids=self._ids).to(self.model.device)
        return packed, forward(self.model, packed, pictures, self._root(plan), keep_cache=keep)

    def _root(self, plan: Plan) -> RootKeysValues:
        if plan.root not in self._roots:
            self._roots[plan.root] = prefill_root(self.model, plan.root)
        return self._roots[plan.root]

    def _label_edges(self, plan: Plan) -> Tensor:
        """(answers, longest) places of each answer's edges; the column after the last edge is padding: zero."""
        if plan not in self._gathering:
            nothing, longest = len(plan.tree.edges), max(len(edges) for edges in plan.label_edges)
            rows = [[*edges, *[nothing] * (longest - len(edges))] for edges in plan.label_edges]
            self._gathering[plan] = torch.tensor(rows, device=self.model.device)
        return self._gathering[plan]
