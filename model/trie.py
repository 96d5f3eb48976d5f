"""Trees of tokens under a meme: task branches, label tries and teacher-forced explanations are one and the same thing.

A node is a token whose context is the meme and the nodes above it. What is asked of the model are *edges*: the
log-probability of a token after a node. A label's last token is only ever an edge (nothing follows it), so that a label
that ends inside another ("X", "X not") differs from it by the edge of its terminator.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["MEME", "TokenTree", "TreeBuilder"]

MEME = -1
"""The place above the first node of every branch: the meme's last token."""


@dataclass(frozen=True, eq=False)
class TokenTree:
    """`tokens` and `parents` of each node, a parent before its children; `edges` are pairs of node and token."""

    tokens: tuple[int, ...]
    parents: tuple[int, ...]
    edges: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def depths(self) -> NDArray[np.int64]:
        """Distance of each node from the meme's last token, minus one: shape (nodes,)."""
        depths = np.zeros(len(self), dtype=np.int64)
        for node, parent in enumerate(self.parents):
            depths[node] = depths[parent] + 1 if parent != MEME else 0
        return depths

    @cached_property
    def sees(self) -> NDArray[np.bool_]:
        """Whether a node (row) sees another (column): itself and those above it. Shape (nodes, nodes)."""
        sees = np.eye(len(self), dtype=np.bool_)
        for node, parent in enumerate(self.parents):
            if parent != MEME:
                sees[node] |= sees[parent]
        return sees


class TreeBuilder:
    """Grows a tree; equal beginnings are one node."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[int, int], int] = {}
        self._edges: dict[tuple[int, int], int] = {}

    def grow(self, node: int, tokens: Sequence[int]) -> int:
        """Last node of these tokens under a node."""
        for token in tokens:
            node = self._nodes.setdefault((node, token), len(self._nodes))
        return node

    def ask(self, node: int, tokens: Sequence[int]) -> tuple[int, ...]:
        """Places of the edges whose sum is the log-probability of these tokens after a node.

        Raises:
            ValueError: `node` is the meme itself, whose row is no node: a branch has an opening.
        """
        if node == MEME:
            raise ValueError("an answer needs a branch to stand in: grow the branch's opening first")
        places = []
        for token in tokens[:-1]:
            places.append(self._edge(node, token))
            node = self.grow(node, (token,))
        return (*places, self._edge(node, tokens[-1]))

    def _edge(self, node: int, token: int) -> int:
        return self._edges.setdefault((node, token), len(self._edges))

    def build(self) -> TokenTree:
        """The tree as it is now."""
        parents, tokens = zip(*self._nodes, strict=True) if self._nodes else ((), ())
        return TokenTree(tuple(tokens), tuple(parents), tuple(self._edges))
