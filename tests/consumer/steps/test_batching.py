"""Micro-batches."""

import pytest

from memelens.consumer.steps.batching import Batcher, BatchLimits


@pytest.fixture
def batcher() -> Batcher[str]:
    """Three posts, one second, a hundred tokens."""
    return Batcher(BatchLimits(max_posts=3, max_age_seconds=1.0, max_tokens=100))


def test_nothing_waits_for_nothing(batcher: Batcher[str]) -> None:
    """An empty batcher is never due."""
    assert batcher.due_in(5.0) is None
    with pytest.raises(IndexError):
        batcher.take(5.0)


def test_count_closes(batcher: Batcher[str]) -> None:
    """The third post makes a batch due at once; a fourth waits for the next one."""
    batcher.add([("a", 1), ("b", 1)], 10.0)
    assert batcher.due_in(10.25) == 0.75
    batcher.add([("c", 1), ("d", 1)], 10.5)
    assert batcher.due_in(10.5) == 0
    batch = batcher.take(10.5)
    assert (batch.items, batch.tokens, batch.age_seconds) == (["a", "b", "c"], 3, 0.5)
    assert batcher.due_in(10.5) == 1.0


def test_age_closes(batcher: Batcher[str]) -> None:
    """A single post waits no longer than the age."""
    batcher.add([("a", 1)], 10.0)
    assert batcher.due_in(11.0) == 0
    assert batcher.take(11.0).items == ["a"]


def test_tokens_close(batcher: Batcher[str]) -> None:
    """A batch stays within its budget of tokens."""
    batcher.add([("a", 60), ("b", 60), ("c", 40)], 0.0)
    assert batcher.due_in(0.0) == 0
    assert batcher.take(0.0).items == ["a"]
    assert batcher.take(0.0).items == ["b", "c"]
    assert len(batcher) == 0


def test_an_oversize_post_goes_alone(batcher: Batcher[str]) -> None:
    """What no budget holds is computed by itself, and nothing is computed with it."""
    batcher.add([("small", 1), ("huge", 500), ("tiny", 1)], 0.0)
    assert [batcher.take(0.0).items for _ in range(3)] == [["small"], ["huge"], ["tiny"]]
