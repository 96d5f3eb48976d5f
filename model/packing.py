"""The packed sequence: chains of static text and meme, with a tree of branches under each, as tensors of one batch.

Serving packs memes under one tree (`Plan.tree`) against the cached root; training gives each meme a tree of its own
(the tasks it has labels for, the gold label, explanations as siblings after it), perhaps with the root in the sequence:

    builder = TreeBuilder()
    branch = builder.grow(MEME, answer.opening)
    loss_edges = builder.ask(branch, answer.tokens)          # places in the result of `scoring.log_probabilities`
    after = builder.grow(branch, answer.tokens)
    explained = builder.ask(builder.grow(after, marker), explanation)
    packed = pack(memes, [builder.build(), …], root=plan.root, cached=False, ids=control)
    log_probabilities(model, packed, encode_pictures(model, patches, grids))    # (edges of all memes,), with gradient

Columns of a row: the chain, padded to the longest of the batch, then the tree, padded likewise. Positions are those of
Qwen3-VL (three rows: time, height, width; https://arxiv.org/abs/2511.21631): a picture takes as many as its longer
side, and every branch goes on from the meme's last position as if it stood alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .trie import TokenTree

__all__ = ["MemeTokens", "Packed", "SpecialIds", "chain_positions", "pack"]


@dataclass(frozen=True, slots=True)
class SpecialIds:
    """Ids that packing itself writes: the placeholder of an image token, and padding."""

    image: int
    padding: int


@dataclass(frozen=True, slots=True)
class MemeTokens:
    """Tokens before the picture, its grid (rows and columns of image tokens; None without a picture), and the rest."""

    before: tuple[int, ...]
    grid: tuple[int, int] | None
    after: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.before) + self.image_tokens + len(self.after)

    @property
    def image_tokens(self) -> int:
        """Number of placeholders."""
        return self.grid[0] * self.grid[1] if self.grid else 0


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """A batch of packed sequences, on the CPU until `to` moves it.

    `ids` (memes, tokens); `positions` (3, memes, tokens); `mask` (memes or 1, 1, tokens, root + tokens), true where a
    row sees a column; `rows` (rows, 2) meme and column of every row whose logits are needed; `edge_rows` and
    `edge_tokens` (edges of all memes, meme after meme): which of the rows, which token. `root` tokens stand in a cache
    before the first column. `chains` are the lengths of the chains, `ends` the position after each, `tree_start` is the
    trees' first column.
    """

    ids: Tensor
    positions: Tensor
    mask: Tensor
    rows: Tensor
    edge_rows: Tensor
    edge_tokens: Tensor
    root: int
    chains: tuple[int, ...]
    ends: tuple[int, ...]
    tree_start: int

    def to(self, device: torch.device) -> "Packed":
        """The same on another device."""
        names = ("ids", "positions", "mask", "rows", "edge_rows", "edge_tokens")
        return replace(self, **{name: getattr(self, name).to(device, non_blocking=True) for name in names})


def pack(
    memes: Sequence[MemeTokens],
    trees: TokenTree | Sequence[TokenTree],
    *,
    root: Sequence[int],
    cached: bool,
    ids: SpecialIds,
) -> Packed:
    """Packed sequences of memes, each with its own tree or all with the same one.

    `cached`: the root's keys and values are given to the forward pass; otherwise its tokens open every chain.
    """
    each = [trees] * len(memes) if isinstance(trees, TokenTree) else list(trees)
    if len(each) != len(memes):
        raise ValueError(f"{len(each)} trees for {len(memes)} memes")
    head, start = ((), len(root)) if cached else (tuple(root), 0)
    chains = tuple(len(head) + len(meme) for meme in memes)
    tree_start = max(chains)
    length = tree_start + max(len(tree) for tree in each)
    tokens = np.full((len(memes), length), ids.padding, dtype=np.int64)
    positions = np.zeros((3, len(memes), length), dtype=np.int64)
    for row, (meme, tree, chain) in enumerate(zip(memes, each, chains, strict=True)):
        tokens[row, :chain] = (*head, *meme.before, *[ids.image] * meme.image_tokens, *meme.after)
        positions[:, row, :chain] = chain_positions(meme, head=len(head), start=start)
        tokens[row, tree_start : tree_start + len(tree)] = tree.tokens
        positions[:, row, tree_start : tree_start + len(tree)] = positions[:, row, :chain].max() + 1 + tree.depths
    ends = tuple(int(positions[:, row, :chain].max()) + 1 for row, chain in enumerate(chains))
    rows, edge_rows, edge_tokens = _edges(each, tree_start)
    return Packed(
        torch.from_numpy(tokens),
        torch.from_numpy(positions),
        torch.from_numpy(_mask(each, chains, tree_start, length, root=start)),
        torch.from_numpy(rows),
        torch.from_numpy(edge_rows),
        torch.from_numpy(edge_tokens),
        start,
        chains,
        ends,
        tree_start,
    )


def chain_positions(meme: MemeTokens, *, head: int = 0, start: int = 0) -> NDArray[np.int64]:
    """Positions of `head` tokens and a meme after `start` earlier ones: shape (3, tokens)."""
    lead = start + np.arange(head + len(meme.before))
    parts = [np.broadcast_to(lead, (3, len(lead)))]
    after = start + len(lead)
    if meme.grid:
        height, width = meme.grid
        row, column = np.divmod(np.arange(height * width), width)
        parts.append(after + np.stack([np.zeros_like(row), row, column]))
        after += max(height, width)
    rest = after + np.arange(len(meme.after))
    parts.append(np.broadcast_to(rest, (3, len(rest))))
    return np.concatenate(parts, axis=1)


def _mask(
    trees: Sequence[TokenTree], chains: tuple[int, ...], tree_start: int, length: int, *, root: int
) -> NDArray[np.bool_]:
    """Chain rows see what is before them, tree rows the whole chain and the nodes above them; all see the root.

    Padded rows see something too, or softmax would divide by zero. Where all memes are alike one mask does for all.
    """
    alike = len(set(chains)) == 1 and len({id(tree) for tree in trees}) == 1
    mask = np.zeros((1 if alike else len(trees), 1, length, root + length), dtype=np.bool_)
    mask[..., :root] = True
    mask[:, 0, :tree_start, root : root + tree_start] = np.tri(tree_start, dtype=np.bool_)
    for one, chain, tree in zip(mask[:, 0], chains, trees, strict=False):
        one[tree_start:, root : root + chain] = True
        nodes = slice(tree_start, tree_start + len(tree))
        one[nodes, root + tree_start : root + tree_start + len(tree)] = tree.sees
    return mask


def _edges(
    trees: Sequence[TokenTree], tree_start: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Rows that predict something, and row and token of each edge."""
    rows: list[tuple[int, int]] = []
    edge_rows: list[int] = []
    edge_tokens: list[int] = []
    for meme, tree in enumerate(trees):
        places: dict[int, int] = {}
        for node, token in tree.edges:
            if node not in places:
                places[node] = len(rows)
                rows.append((meme, tree_start + node))
            edge_rows.append(places[node])
            edge_tokens.append(token)
    return np.array(rows, dtype=np.int64).reshape(-1, 2), np.array(edge_rows, np.int64), np.array(edge_tokens, np.int64)
