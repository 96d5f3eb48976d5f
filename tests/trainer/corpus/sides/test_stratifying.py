"""What dealing units out to sides promises."""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trainer.corpus.sides.many import weighted_rows

from memelens.trainer.corpus.links import Lists
from memelens.trainer.corpus.sides.stratifying import Units, stratify

SHARES = {1: 0.7, 2: 0.1, 3: 0.2}
NO_PAIRS = np.empty((0, 2), dtype=np.int64)


def make_units(
    rows: Sequence[Sequence[str]], forced: Sequence[int] = (), pairs: Sequence[tuple[int, int]] = ()
) -> Units:
    """Units of one meme each."""
    count = len(rows)
    copies = Lists.of_neighbours(np.array(pairs, dtype=np.int64).reshape(-1, 2), count)
    sides = np.array([*forced] or [0] * count, dtype=np.int8)
    return Units([f"{one:05d}" for one in range(count)], [sorted(of) for of in rows], [["set"]] * count, copies, sides)


def sides_of(units: Units, side: Sequence[int]) -> dict[str, Counter[int]]:
    """Rows of each stratum on each side."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for rows, one in zip(units.rows, side, strict=True):
        for row in rows:
            found[row][one] += 1
    return found


ROWS = st.lists(
    st.sets(st.sampled_from([f"{pair}={label}" for pair in "ab" for label in "xyz"]), max_size=4), max_size=30
)


@given(st.lists(st.sampled_from("abcde"), max_size=60), st.integers(0, 5))
def test_a_stratum_of_three_stands_on_all_three_sides(labels: list[str], seed: int) -> None:
    """With one pair alone, each label that three units hold is on each side."""
    units = make_units([[label] for label in labels])
    for count in sides_of(units, stratify(units, SHARES, seed).tolist()).values():
        assert count.total() < 3 or {*count} == {1, 2, 3}


@given(ROWS, st.integers(0, 5))
def test_no_single_unit_could_bring_a_missing_stratum(rows: list[set[str]], seed: int) -> None:
    """Where strata hinder each other, each move to where one is missing would take another away."""
    units = make_units([sorted(of) for of in rows])
    side = stratify(units, SHARES, seed).tolist()
    found = {row: count for row, count in sides_of(units, side).items() if count.total() >= 3}
    lacking = [(row, one) for row, count in found.items() for one in SHARES if not count[one]]
    for row, _ in lacking:
        holders = [unit for unit, of in enumerate(rows) if row in of]
        assert all(any(found[of][side[unit]] == 1 for of in rows[unit] if of in found) for unit in holders)


@given(ROWS, st.data())
def test_forced_units_go_where_they_have_to(rows: list[set[str]], data: st.DataObject) -> None:
    """Whatever is best for the shares; the others all stand somewhere."""
    forced = data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows)))
    side = stratify(make_units([sorted(of) for of in rows], forced), SHARES, 0).tolist()
    assert all(one == wanted if wanted else one in SHARES for one, wanted in zip(side, forced, strict=True))


@pytest.mark.parametrize("taken", [0.0, 0.05, 0.1])
def test_what_is_forced_is_made_up_for(taken: float) -> None:
    """A tenth of all units forced to the smallest but one side: rare labels keep their shares all the same."""
    rows = weighted_rows(4_000, {"intention": (20, 20, 40, 10, 3), "offensive": (80, 12, 5, 3), "metaphor": (62, 38)})
    forced = np.where(np.random.default_rng(0).random(4_000) < taken, 3, 0)
    units = make_units(rows, forced.tolist())
    for count in sides_of(units, stratify(units, SHARES, 1).tolist()).values():
        for one, share in SHARES.items():
            assert abs(count[one] - share * count.total()) <= 5


def test_copies_of_a_forced_unit_go_with_it() -> None:
    """Before anything else is dealt, so that a copy of the copy isn't torn from it."""
    rows = [["a=x"]] * 100
    units = make_units(rows, [3] + [0] * 99, pairs=[(0, 1), (1, 2)])
    for seed in range(20):
        assert stratify(units, SHARES, seed)[:3].tolist() == [3, 3, 3]
