"""Trees of tokens: equal beginnings are one node, and every answer is the sum of its edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memelens.model.trie import MEME, TreeBuilder

PATHS = st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=5).map(tuple), min_size=1, max_size=8)


def test_a_label_that_begins_another_ends_with_an_edge_of_its_own() -> None:
    """Both share the node of "X"; their terminators are edges from two nodes."""
    builder = TreeBuilder()
    branch = builder.grow(MEME, (7,))
    short, long = builder.ask(branch, (1, 9)), builder.ask(branch, (1, 2, 9))
    tree = builder.build()
    assert tree.tokens == (7, 1, 2)
    assert tree.parents == (MEME, 0, 1)
    assert [tree.edges[place] for place in short] == [(0, 1), (1, 9)]
    assert [tree.edges[place] for place in long] == [(0, 1), (1, 2), (2, 9)]


def test_a_labels_last_token_is_no_node() -> None:
    """Nothing follows a terminator, so no forward pass is spent on it; an explanation makes it a node."""
    builder = TreeBuilder()
    branch = builder.grow(MEME, (7,))
    builder.ask(branch, (1, 9))
    assert len(builder.build()) == 2
    builder.ask(builder.grow(branch, (1, 9)), (5, 6))
    assert builder.build().tokens == (7, 1, 9, 5)


def test_an_answer_needs_a_branch() -> None:
    """The meme's own row is no node of the tree."""
    with pytest.raises(ValueError, match="grow the branch's opening first"):
        TreeBuilder().ask(MEME, (1,))


@given(PATHS)
def test_edges_spell_every_answer(answers: list[tuple[int, ...]]) -> None:
    """Whatever labels a branch has: each one's edges, in order, are its tokens after their contexts."""
    builder = TreeBuilder()
    branch = builder.grow(MEME, (7,))
    places = [builder.ask(branch, one) for one in answers]
    tree = builder.build()
    for one, found in zip(answers, places, strict=True):
        assert tuple(tree.edges[place][1] for place in found) == one
        for depth, place in enumerate(found):
            assert _path(tree.parents, tree.tokens, tree.edges[place][0]) == (7, *one[:depth])
    assert len(set(tree.edges)) == len(tree.edges)


@given(PATHS)
def test_a_node_sees_its_own_path_and_nothing_else(answers: list[tuple[int, ...]]) -> None:
    """Itself and those above it: no other branch, no sibling; depths count the path."""
    builder = TreeBuilder()
    for one in answers:
        builder.grow(MEME, one)
    tree = builder.build()
    assert len({(_path(tree.parents, tree.tokens, node)) for node in range(len(tree))}) == len(tree)
    for node in range(len(tree)):
        above = {node}
        while (parent := tree.parents[min(above)]) != MEME:
            above.add(parent)
        assert set(np.flatnonzero(tree.sees[node])) == above
        assert tree.depths[node] == len(above) - 1


def test_an_empty_tree_is_a_tree() -> None:
    """A pass that asks nothing: the prefix of rationales alone."""
    tree = TreeBuilder().build()
    assert len(tree) == 0
    assert tree.sees.shape == (0, 0)
    assert tree.depths.shape == (0,)


def _path(parents: tuple[int, ...], tokens: tuple[int, ...], node: int) -> tuple[int, ...]:
    return () if node == MEME else (*_path(parents, tokens, parents[node]), tokens[node])
