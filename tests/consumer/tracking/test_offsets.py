"""Watermarks."""

import random

from hypothesis import given
from hypothesis import strategies as st

from memelens.consumer.tracking.offsets import Watermark


def test_nothing_finished_is_nothing_to_commit() -> None:
    """A partition without finished records has no offset of its own."""
    watermark = Watermark()
    assert watermark.offset is None
    watermark.receive([5, 6])
    assert (watermark.offset, watermark.unfinished, watermark.span) == (None, 2, 2)


def test_an_unfinished_record_holds_the_watermark() -> None:
    """What comes after a slow record counts only when that is finished."""
    watermark = Watermark()
    watermark.receive([0, 1, 2])
    watermark.finish([2, 1])
    assert (watermark.offset, watermark.unfinished, watermark.span) == (None, 1, 3)
    watermark.finish([0])
    assert (watermark.offset, watermark.unfinished, watermark.span) == (3, 0, 0)


def test_holes_are_no_obstacle() -> None:
    """Offsets that compaction or transactions left out are never waited for."""
    watermark = Watermark()
    watermark.receive([10, 14, 99])
    watermark.finish([10, 14])
    assert watermark.offset == 15


@given(st.lists(st.integers(1, 5), min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_the_watermark_never_passes_unfinished_work(gaps: list[int], order: random.Random) -> None:
    """Whatever the order of finishing, everything before the watermark is finished, and it ends behind the last."""
    offsets = [sum(gaps[: place + 1]) for place in range(len(gaps))]
    watermark = Watermark()
    watermark.receive(offsets)
    finished: set[int] = set()
    for offset in order.sample(offsets, len(offsets)):
        watermark.finish([offset])
        finished.add(offset)
        before = [one for one in offsets if one < (watermark.offset or 0)]
        assert set(before) <= finished
        assert watermark.unfinished == len(offsets) - len(finished)
    assert watermark.offset == offsets[-1] + 1
