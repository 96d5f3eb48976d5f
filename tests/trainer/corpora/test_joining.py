"""Two tables of one dataset: what meets, what is there twice, what is there alone."""

from pathlib import Path

from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import Row
from memelens.trainer.corpora.joining import Table, joined, table


def _table(folder: Folder, file: str, *ids: str) -> Table:
    rows = [Row(file, number, {"id": one, "from": file}) for number, one in enumerate(ids, 2)]
    return table(folder, file, rows, lambda row: row.text("id"))


def test_rows_meet_in_the_order_of_the_first_table(tmp_path: Path) -> None:
    """Whatever the order of the other one."""
    folder = Folder("zorblax", tmp_path)
    pairs = joined(folder, _table(folder, "a.csv", "3", "1", "2"), _table(folder, "b.csv", "1", "2", "3"))
    assert [(one.text("id"), other.text("id"), other.file) for one, other in pairs] == [
        ("3", "3", "b.csv"),
        ("1", "1", "b.csv"),
        ("2", "2", "b.csv"),
    ]
    assert folder.problems == []


def test_lone_rows_are_one_problem_for_each_file(tmp_path: Path) -> None:
    """The first is named and all are counted: where half a file is lost, they have one cause."""
    folder = Folder("zorblax", tmp_path)
    pairs = list(joined(folder, _table(folder, "a.csv", "1", "2", "3"), _table(folder, "b.csv", "3", "4")))
    assert len(pairs) == 1
    assert [str(problem) for problem in folder.problems] == [
        "zorblax: a.csv row 2: 2 of its 3 memes aren't in b.csv; the first: '1'",
        "zorblax: b.csv row 3: 1 of its 2 memes aren't in a.csv; the first: '4'",
    ]


def test_an_id_that_comes_again_is_told(tmp_path: Path) -> None:
    """With both places; the first row counts."""
    folder = Folder("zorblax", tmp_path)
    found = _table(folder, "a.csv", "1", "2", "1")
    assert [row.number for row in found.rows.values()] == [2, 3]
    assert [str(problem) for problem in folder.problems] == [
        "zorblax: a.csv row 4: the id was there before, in row 2: '1'"
    ]
