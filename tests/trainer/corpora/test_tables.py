"""Tables as text, strictly: what is wrong is told by file and row, all of it."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trainer.corpora.writing import write_xlsx

from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import Row
from memelens.trainer.corpora.tables import read_csv, read_xlsx

COLUMNS = ("id", "label", "text")


def read(root: Path, data: bytes, delimiter: str = ",") -> tuple[list[Row], list[str]]:
    """Rows of a csv file with that content, and what is wrong with it."""
    (root / "rows.csv").write_bytes(data)
    folder = Folder("invented", root)
    rows = list(read_csv(folder, "rows.csv", COLUMNS, delimiter=delimiter))
    return rows, [str(problem) for problem in folder.problems]


def sheet(root: Path) -> tuple[list[tuple[object, ...]], list[str]]:
    """The same of an Excel file, values alone."""
    folder = Folder("invented", root)
    rows = [tuple(row.values.values()) for row in read_xlsx(folder, "rows.xlsx", COLUMNS)]
    return rows, [str(problem) for problem in folder.problems]


def test_every_column_is_text(tmp_path: Path) -> None:
    """Leading zeros, the word None and empty strings stay what they are."""
    rows, problems = read(tmp_path, b"id,label,text\n00100001,None,\nNA,null,nan\n")
    assert problems == []
    assert [dict(row.values) for row in rows] == [
        {"id": "00100001", "label": "None", "text": ""},
        {"id": "NA", "label": "null", "text": "nan"},
    ]


def test_empty_columns_at_the_end_do_not_count(tmp_path: Path) -> None:
    """A spreadsheet's empty columns, in the heading or in the rows, are neither columns nor raggedness."""
    rows, problems = read(tmp_path, b"id,label,text,,,\r\n1,no,a,,,\r\n2,yes,,,\r\n\r\n3,no,c\r\n")
    assert problems == []
    assert [row.text("text") for row in rows] == ["a", "", "c"]


def test_lines_of_empty_cells_do_not_count(tmp_path: Path) -> None:
    """A spreadsheet's empty rows are no rows, and no problem."""
    rows, problems = read(tmp_path, b"id,label,text\n1,no,a\n,,\n  , ,\n,\n2,no,b\n,,,,\n")
    assert problems == []
    assert [row.number for row in rows] == [2, 6]


@pytest.mark.parametrize("data", [b"id,label,text\n", b"id,label,text\n\n,,\n"])
def test_a_table_without_rows_is_told(tmp_path: Path, data: bytes) -> None:
    """What was published has some: the copy broke off after the heading."""
    assert read(tmp_path, data) == ([], ["invented: rows.csv: holds no rows; is the copy complete?"])


def test_a_name_that_is_there_twice_is_numbered(tmp_path: Path) -> None:
    """The second column of one name is another column; one that only begins so keeps its name."""
    rows, _ = read(tmp_path, b"text (old),id,label,text,label\nz,1,a,b,c\n")
    assert {*rows[0].values} == {"text (old)", *COLUMNS, "label (2)"}
    assert rows[0].text("label (2)") == "c"


def test_all_ragged_rows_are_told(tmp_path: Path) -> None:
    """Each with its line as an editor counts it; the others are read."""
    rows, problems = read(tmp_path, b'id,label,text\n1,no\n2,no,"two\nlines"\n3,no,a,b\n4,no,d\n')
    assert [row.number for row in rows] == [3, 6]
    assert problems == [
        "invented: rows.csv row 2: has 2 cells where the heading has 3",
        "invented: rows.csv row 5: has 4 cells where the heading has 3",
    ]


def test_a_missing_column_is_told_with_those_that_are_there(tmp_path: Path) -> None:
    """The heading of another file is noticed before its rows."""
    rows, problems = read(tmp_path, b"id;label;text\n1;no;a\n")
    assert rows == []
    assert problems == [
        "invented: rows.csv row 1: has no column 'id', 'label', 'text'; its first line is: 'id;label;text'"
    ]


def test_a_file_without_heading_does_not_show_its_memes(tmp_path: Path) -> None:
    """Its first row is no list of columns, and a message is no place for a meme's text."""
    _, (problem,) = read(tmp_path, b"7,not hateful," + b"Zorblaxians " * 20 + b"wave\n")
    assert len(problem) < 150
    assert "wave" not in problem


def test_an_open_quote_is_told(tmp_path: Path) -> None:
    """A cut file ends in the middle of a cell."""
    rows, problems = read(tmp_path, b'id,label,text\n1,no,a\n2,no,"cut he')
    assert len(rows) == 1
    assert problems == [
        (
            "invented: rows.csv row 3: is no csv from here on (unexpected end of data); is a quote or the rest of the "
            "file missing?"
        )
    ]


@pytest.mark.parametrize("text", ["Zorblax " * 100_000, "a\0b", "line\u2028line\x85\x0b\x0c"])
def test_long_and_odd_cells_are_read(tmp_path: Path, text: str) -> None:
    """Longer than Python's own limit for a cell, a NUL, line ends that are none in a csv file."""
    rows, problems = read(tmp_path, f"id,label,text\n1,no,{text}\n2,no,b\n".encode())
    assert problems == []
    assert [(row.number, row.text("text")) for row in rows] == [(2, text), (3, "b")]


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20)


@given(rows=st.lists(st.tuples(CELLS.filter(str.strip), CELLS, CELLS.filter(str.strip)), min_size=1, max_size=8))
def test_what_a_writer_wrote_is_read_back(
    rows: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Quotes, commas, line breaks and every script come back as they were."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([COLUMNS, *rows])
    found, problems = read(tmp_path_factory.mktemp("csv"), out.getvalue().encode())
    assert problems == []
    assert [tuple(row.values.values()) for row in found] == rows


def test_a_spreadsheet_is_read_as_text(tmp_path: Path) -> None:
    """Whole numbers have no point, empty cells are empty strings, ragged rows are told."""
    written: list[list[object]] = [["id", "label", "text"], [1.0, "no", None], ["007", 0, "x"], [3, "no", "x", "y"]]
    write_xlsx(tmp_path / "rows.xlsx", written)
    assert sheet(tmp_path) == (
        [("1", "no", ""), ("007", "0", "x")],
        ["invented: rows.xlsx row 4: has 4 cells where the heading has 3"],
    )


def test_a_text_that_looks_like_a_formula_is_kept(tmp_path: Path) -> None:
    """Programs that write a text which begins with = make a formula of it, and no value: it isn't read as empty."""
    write_xlsx(tmp_path / "rows.xlsx", [COLUMNS, [1, "no", "=) says Zorblax"], [2, "no", "=1+1"]])
    assert sheet(tmp_path) == ([("1", "no", "=) says Zorblax"), ("2", "no", "=1+1")], [])


def test_what_a_formula_gave_is_its_value(tmp_path: Path) -> None:
    """Where a program that computes has saved the file."""
    write_xlsx(tmp_path / "rows.xlsx", [COLUMNS, [1, "no", "=1+1"]])
    _replace(tmp_path / "rows.xlsx", rb"<f>1\+1</f><v ?/>|<f>1\+1</f><v></v>", b"<f>1+1</f><v>2</v>")
    assert sheet(tmp_path) == ([("1", "no", "2")], [])


def test_a_sheet_is_read_to_its_end(tmp_path: Path) -> None:
    """Whatever size it says it has; empty rows on the way and at the end are no rows."""
    write_xlsx(tmp_path / "rows.xlsx", [COLUMNS, [1, "no", "a"], [None] * 3, [2, "no", "b"], ["", "", ""]])
    _replace(tmp_path / "rows.xlsx", rb'<dimension ref="[^"]*"', b'<dimension ref="A1:B2"')
    assert sheet(tmp_path) == ([("1", "no", "a"), ("2", "no", "b")], [])


def test_escaped_characters_are_read_as_what_they_are(tmp_path: Path) -> None:
    """Excel writes a carriage return as `_x000D_`."""
    write_xlsx(tmp_path / "rows.xlsx", [COLUMNS, [1, "no", "a_x000D_\nb"]])
    assert sheet(tmp_path)[0] == [("1", "no", "a\r\nb")]


def test_an_empty_sheet_is_told(tmp_path: Path) -> None:
    """It has no heading."""
    write_xlsx(tmp_path / "rows.xlsx", [])
    assert sheet(tmp_path)[1] == [
        "invented: rows.xlsx row 1: has no column 'id', 'label', 'text'; its first line is: ''"
    ]


def _replace(path: Path, pattern: bytes, by: bytes) -> None:
    """Change the first sheet of an Excel file as another program would have written it."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts["xl/worksheets/sheet1.xml"], count = re.subn(pattern, by, parts["xl/worksheets/sheet1.xml"])
    assert count == 1
    with zipfile.ZipFile(path, "w") as book:
        for name, data in parts.items():
            book.writestr(name, data)
