"""A cap on a large dataset's rows."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memelens.trainer.corpora.capping import over_the_cap
from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import Row, Split


def _kept(cap: int, strata: Sequence[Sequence[str]], whole: int = 0) -> set[str]:
    """Training rows that a cap leaves; beside them are that many test rows."""
    train = {
        name: Row("rows", 1, {"label": str(place)}, Split.TRAIN) for place, ids in enumerate(strata) for name in ids
    }
    test = {f"test-{number}": Row("rows", 1, {"label": "0"}, Split.TEST) for number in range(whole)}
    folder = Folder("zorblax", Path(), {"cap": cap})
    over = over_the_cap(folder, 0, {**train, **test}, lambda row: row.text("label"))
    assert over <= {*train}
    return {*train} - over


def test_which_rows_go_is_the_same_for_ever() -> None:
    """A corpus built elsewhere, or with another version of Python, has the same ones."""
    ids = [str(number) for number in range(10)]
    assert _kept(4, [ids]) == _kept(4, [ids[::-1]]) == {"3", "6", "7", "8"}


@given(sizes=st.lists(st.integers(0, 40), min_size=1, max_size=5), cap=st.integers(1, 150), whole=st.integers(0, 20))
def test_strata_keep_their_shares(sizes: list[int], cap: int, whole: int) -> None:
    """As many rows as there is room for, and from each stratum its share of them, up to one row."""
    strata = [[f"{stratum}-{number}" for number in range(size)] for stratum, size in enumerate(sizes)]
    total = sum(sizes)
    kept = _kept(cap + whole, strata, whole)
    room = min(cap, total)
    assert len(kept) == room
    for stratum in strata:
        assert len({*stratum} & kept) == pytest.approx(room * len(stratum) / max(total, 1), abs=1)
