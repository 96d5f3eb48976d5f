"""Batches of packed memes: one row is root, meme and all its branches, each branch blind to the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from .encoding import EncodedMeme
from .seeing import values_of

__all__ = ["Batch", "collate"]

_PREFIX, _PADDING = -1, -2


@dataclass(frozen=True, slots=True)
class Batch:
    """Packed sequences, padded on the right.

    `ids` (memes, tokens); `positions` (3, memes, tokens); `mask` (memes, 1, tokens, tokens), true where a row sees a
    column; `patches` (patches of all pictures, values of one) with `grid` (pictures, 3). A scored token is in `rows`
    (scored, 2: meme and place of the row that predicts it), `targets` and `weights` (scored,).
    """

    ids: Tensor
    positions: Tensor
    mask: Tensor
    patches: Tensor
    grid: Tensor
    rows: Tensor
    targets: Tensor
    weights: Tensor


def collate(memes: Sequence[EncodedMeme], place: Callable[[Tensor, Tensor], Tensor], pad: int) -> Batch:
    """One batch of these memes. `place` gives positions (3, 1, tokens) of a prefix (1, tokens) with its grid (1, 3)."""
    patches, grid = values_of([one.picture for one in memes])
    length = max(one.length for one in memes)
    ids = torch.full((len(memes), length), pad)
    segments = torch.full((len(memes), length), _PADDING)
    positions = torch.zeros(3, len(memes), length, dtype=torch.long)
    scored: list[tuple[int, int, int, float]] = []
    for row, one in enumerate(memes):
        start = len(one.prefix)
        ids[row, :start], segments[row, :start] = torch.tensor(one.prefix), _PREFIX
        positions[:, row, :start] = place(ids[row : row + 1, :start], grid[row : row + 1])[:, 0]
        after = int(positions[:, row, :start].max()) + 1
        for number, branch in enumerate(one.branches):
            end = start + len(branch.ids)
            ids[row, start:end], segments[row, start:end] = torch.tensor(branch.ids), number
            positions[:, row, start:end] = torch.arange(after, after + end - start)
            scored += [(row, start + at, target, weight) for at, target, weight in branch.scored]
            start = end
    table = torch.tensor([(row, at, target) for row, at, target, _ in scored])
    weights = torch.tensor([weight for *_, weight in scored])
    return Batch(ids, positions, _mask(segments), patches, grid, table[:, :2], table[:, 2], weights)


def _mask(segments: Tensor) -> Tensor:
    """Who sees whom: the prefix is seen by all that follow it, a branch by its own later tokens only."""
    length = segments.shape[1]
    same = segments[:, :, None] == segments[:, None, :]
    earlier = torch.ones(length, length, dtype=torch.bool).tril()
    return ((same | (segments == _PREFIX)[:, None, :]) & earlier)[:, None]
