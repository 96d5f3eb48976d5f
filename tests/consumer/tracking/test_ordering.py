"""Order of leaving."""

import random

from hypothesis import given
from hypothesis import strategies as st

from memelens.consumer.tracking.ordering import Ordering


def test_other_keys_do_not_wait() -> None:
    """A slow item holds back its own key only."""
    ordering: Ordering[str] = Ordering()
    for key, item in (("a", "a1"), ("b", "b1"), ("a", "a2")):
        ordering.enter(key, item)
    assert ordering.leave([("a", "a2"), ("b", "b1")]) == ["b1"]
    assert ordering.held_back() == ["a2"]
    assert ordering.leave([("a", "a1")]) == ["a1", "a2"]
    assert ordering.held_back() == []


@given(st.lists(st.integers(0, 3), min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_equal_keys_leave_as_they_entered(keys: list[int], order: random.Random) -> None:
    """However they finish, items of a key leave in order, each once, and none stays behind."""
    ordering: Ordering[tuple[int, int]] = Ordering()
    items = [(key, place) for place, key in enumerate(keys)]
    for item in items:
        ordering.enter(item[0], item)
    left: list[tuple[int, int]] = []
    for item in order.sample(items, len(items)):
        left += ordering.leave([(item[0], item)])
    assert sorted(left) == sorted(items)
    for key in set(keys):
        mine = [item for item in left if item[0] == key]
        assert mine == sorted(mine)
