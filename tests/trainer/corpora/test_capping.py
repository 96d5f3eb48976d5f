"""A cap on a large dataset's rows."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memelens.trainer.corpora.capping import over_the_cap
from memelens.trainer.corpora.folder import Folder


def _folder(cap: int) -> Folder:
    return Folder("zorblax", Path(), {"cap": cap})


def test_which_rows_go_is_the_same_for_ever() -> None:
    """A corpus built elsewhere, or with another version of Python, has the same ones."""
    ids = [str(number) for number in range(10)]
    kept = {*ids} - over_the_cap(_folder(4), 0, 0, [ids])
    assert kept == {*ids} - over_the_cap(_folder(4), 0, 0, [reversed(ids)])
    assert kept == {"3", "6", "7", "8"}


@given(sizes=st.lists(st.integers(0, 40), min_size=1, max_size=5), cap=st.integers(1, 150), whole=st.integers(0, 20))
def test_strata_keep_their_shares(sizes: list[int], cap: int, whole: int) -> None:
    """As many rows as there is room for, and from each stratum its share of them, up to one row."""
    strata = [[f"{stratum}-{number}" for number in range(size)] for stratum, size in enumerate(sizes)]
    total = sum(sizes)
    over = over_the_cap(_folder(cap + whole), 0, whole, strata)
    room = min(cap, total)
    assert total - len(over) == room
    for stratum in strata:
        kept = len({*stratum} - over)
        assert kept == pytest.approx(room * len(stratum) / max(total, 1), abs=1)
