"""Two tables of one dataset: what meets, what is there twice, what is there alone, what contradicts."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import Row
from memelens.trainer.corpora.joining import by_id, joined


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Where problems are told."""
    return Folder("zorblax", tmp_path)


def _rows(file: str, *ids: str, **more: str) -> list[Row]:
    return [Row(file, number, {"id": one, f"in {file}": one, **more}) for number, one in enumerate(ids, 2)]


def _table(folder: Folder, file: str, *ids: str, **more: str) -> Mapping[str, Row]:
    return by_id(folder, _rows(file, *ids, **more), "id")


def _problems(folder: Folder) -> list[str]:
    return [str(problem) for problem in folder.problems]


def test_rows_meet_in_the_order_of_the_first_table(folder: Folder) -> None:
    """Whatever the order of the other one: values of both, place and doubtful values of the first."""
    found = joined(
        folder, _table(folder, "a.csv", "3", "1", "2", of="a"), _table(folder, "b.csv", "1", "2", "3", of="b")
    )
    assert [*found] == ["3", "1", "2"]
    assert found["3"] == Row("a.csv", 2, {"id": "3", "in a.csv": "3", "in b.csv": "3", "of": "a"})
    assert folder.problems == []


def test_spellings_of_one_id_meet(folder: Folder) -> None:
    """Where a key says what two of them have in common."""
    one, other = (by_id(folder, _rows(file, name), "id", str.casefold) for file, name in (("a", "X1"), ("b", "x1")))
    assert joined(folder, one, other)["x1"].text("id") == "X1"


def test_lone_rows_are_one_problem_for_each_table(folder: Folder) -> None:
    """The first is named and all are counted: where half a file is lost, they have one cause."""
    assert [*joined(folder, _table(folder, "a.csv", "1", "2", "3"), _table(folder, "b.csv", "3", "4"))] == ["3"]
    assert _problems(folder) == [
        "zorblax: a.csv row 2: 2 of 3 memes aren't in b.csv; is that copy complete? The first: '1'",
        "zorblax: b.csv row 3: 1 of 2 memes aren't in a.csv; is that copy complete? The first: '4'",
    ]


def test_a_table_that_could_not_be_read_leaves_nothing_to_join(folder: Folder) -> None:
    """Its own problem is told where it is read; that all memes of the other table are alone is no second one."""
    assert not joined(folder, _table(folder, "a.csv", "1"), {})
    assert not joined(folder, {}, _table(folder, "a.csv", "1"))
    assert folder.problems == []


def test_an_id_that_comes_again_is_told(folder: Folder) -> None:
    """With both places, which may be in two files; the first row counts."""
    found = by_id(folder, [*_rows("a.csv", "1", "2"), *_rows("b.csv", "1")], "id")
    assert [(row.file, row.number) for row in found.values()] == [("a.csv", 2), ("a.csv", 3)]
    assert _problems(folder) == ["zorblax: b.csv row 2: the id was there before, in a.csv row 2: '1'"]


def test_what_both_repeat_has_to_agree(folder: Folder) -> None:
    """Where it doesn't, neither is believed, and the columns are named."""
    one, other = _table(folder, "a.csv", "1", label="yes"), _table(folder, "b.csv", "1", label="no")
    assert not joined(folder, one, other, ["label"])
    (problem,) = _problems(folder)
    assert problem.startswith("zorblax: a.csv row 2: says something else than b.csv row 2")
    assert problem.endswith(": 'label'")
