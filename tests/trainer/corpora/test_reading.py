"""Tables as text, strictly: what is wrong is told by file and row, all of it."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trainer.corpora.writing import write_csv, write_json_lines, write_xlsx

from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import Row
from memelens.trainer.corpora.problems import RowError
from memelens.trainer.corpora.reading import read_csv, read_json_rows, read_xlsx

COLUMNS = ("id", "label", "text")


def folder_of(root: Path) -> Folder:
    """A folder whose dataset is called `invented`."""
    return Folder("invented", root)


def read(root: Path, data: bytes, **format_: str) -> tuple[list[Row], list[str]]:
    """Rows of a csv file with that content, and what is wrong with it."""
    (root / "rows.csv").write_bytes(data)
    folder = folder_of(root)
    rows = list(read_csv(folder, "rows.csv", COLUMNS, **format_))  # type: ignore[arg-type]
    return rows, [str(problem) for problem in folder.problems]


def test_every_column_is_text(tmp_path: Path) -> None:
    """Leading zeros, the word None and empty strings stay what they are."""
    rows, problems = read(tmp_path, b"id,label,text\n00100001,None,\nNA,null,nan\n")
    assert problems == []
    assert [dict(row.values) for row in rows] == [
        {"id": "00100001", "label": "None", "text": ""},
        {"id": "NA", "label": "null", "text": "nan"},
    ]


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    """A file that begins with one has the same first column."""
    rows, problems = read(tmp_path, "\ufeffid\tlabel\ttext\n7\tno\tZorblax\n".encode(), delimiter="\t")
    assert problems == []
    assert rows[0].text("id") == "7"


def test_empty_columns_at_the_end_do_not_count(tmp_path: Path) -> None:
    """A spreadsheet's empty columns, in the heading or in the rows, are neither columns nor raggedness."""
    rows, problems = read(tmp_path, b"id,label,text,,,\r\n1,no,a,,,\r\n2,yes,,,\r\n\r\n3,no,c\r\n")
    assert problems == []
    assert [row.text("text") for row in rows] == ["a", "", "c"]


def test_a_name_that_is_there_twice_is_numbered(tmp_path: Path) -> None:
    """The second column of one name is another column."""
    rows, _ = read(tmp_path, b"id,label,text,label\n1,a,b,c\n")
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
    assert problems == ["invented: rows.csv row 1: has no column 'id', 'label', 'text'; it has id;label;text"]


def test_another_encoding_is_told_by_line(tmp_path: Path) -> None:
    """Bytes that the dataset's encoding doesn't have stop the file, with the place."""
    rows, problems = read(tmp_path, "id,label,text\n1,no,a\n2,no,呵\n".encode("gb18030"))
    assert rows == []
    assert problems == ["invented: rows.csv row 3: is not in utf-8 as this dataset's files are: 'bac70a'"]


def test_an_open_quote_is_told(tmp_path: Path) -> None:
    """A cut file ends in the middle of a cell."""
    rows, problems = read(tmp_path, b'id,label,text\n1,no,a\n2,no,"cut he')
    assert len(rows) == 1
    assert problems == ["invented: rows.csv row 3: is no csv from here on (unexpected end of data)"]


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20)


@given(rows=st.lists(st.tuples(CELLS.filter(str.strip), CELLS, CELLS.filter(str.strip)), max_size=8))
def test_what_a_writer_wrote_is_read_back(
    rows: list[tuple[str, str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Quotes, commas, line breaks and every script come back as they were."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows([COLUMNS, *rows])
    found, problems = read(tmp_path_factory.mktemp("csv"), out.getvalue().encode())
    assert problems == []
    assert [tuple(row.values.values()) for row in found] == rows


def test_an_array_is_read_as_lines_are(tmp_path: Path) -> None:
    """A file that calls itself jsonl may hold one array; numbers are text, a list isn't."""
    (tmp_path / "array.jsonl").write_text('\n[\n{"id": 17, "label": ["a", "b"]},\n{"id": "018", "label": []}\n]\n')
    write_json_lines(tmp_path / "lines.jsonl", [{"id": 17, "label": ["a", "b"]}, {"id": "018", "label": []}])
    for name in ("array.jsonl", "lines.jsonl"):
        folder = folder_of(tmp_path)
        rows = list(read_json_rows(folder, name))
        assert folder.problems == []
        assert [row.text("id") for row in rows] == ["17", "018"]
        assert rows[0].many("label") == ("a", "b")
        with pytest.raises(RowError, match="label should be text"):
            rows[0].text("label")
        with pytest.raises(RowError, match="the row has no 'text'"):
            rows[0].text("text")


def test_all_bad_lines_are_told(tmp_path: Path) -> None:
    """A line that is no JSON, or no object, has its number; the others are read."""
    (tmp_path / "rows.jsonl").write_text('{"id": 1}\n{"id": \n[2]\n\n{"id": 3}\n')
    folder = folder_of(tmp_path)
    assert [row.number for row in read_json_rows(folder, "rows.jsonl")] == [1, 5]
    found = [(problem.row, problem.text[:12]) for problem in folder.problems]
    assert found == [(2, "is no JSON ("), (3, "is no JSON o")]


def test_a_spreadsheet_is_read_as_text(tmp_path: Path) -> None:
    """Whole numbers have no point, empty cells are empty strings, ragged rows are told."""
    written: list[list[object]] = [["id", "label", "text"], [1.0, "no", None], ["007", 0, "x"], [3, "no", "x", "y"]]
    write_xlsx(tmp_path / "rows.xlsx", written)
    folder = folder_of(tmp_path)
    rows = list(read_xlsx(folder, "rows.xlsx", COLUMNS))
    assert [tuple(row.values.values()) for row in rows] == [("1", "no", ""), ("007", "0", "x")]
    assert [str(problem) for problem in folder.problems] == [
        "invented: rows.xlsx row 4: has 4 cells where the heading has 3"
    ]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A file that isn't there, or is a directory, or is empty: a problem of that file."""
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "empty.csv").touch()
    folder = folder_of(tmp_path)
    for name in ("none.csv", "folder.csv", "empty.csv"):
        assert list(read_csv(folder, name, COLUMNS)) == []
    assert [problem.file for problem in folder.problems] == ["none.csv", "folder.csv", "empty.csv"]


def test_files_are_found_wherever_they_lie(tmp_path: Path) -> None:
    """By the end of their path; two of one name, or none, are told."""
    write_csv(tmp_path / "data" / "captions" / "en.csv", [COLUMNS])
    write_csv(tmp_path / "old" / "en.csv", [COLUMNS])
    folder = folder_of(tmp_path)
    assert folder.one("captions/en.csv") == "data/captions/en.csv"
    assert folder.one("en.csv") is None
    assert folder.one("de.csv") is None
    assert [problem.text[:14] for problem in folder.problems] == ["there are seve", "there is no su"]


def test_a_picture_is_found_by_name(tmp_path: Path) -> None:
    """Its folder narrows the search, a suffix may lie, two of one name are told, nothing outside is found."""
    for name in ("memes/en/Chief Zorblax/7.jpg", "memes/es/Chief Zorblax/7.jpg", "memes/en/other/8.webp"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    folder = folder_of(tmp_path)
    assert folder.picture("memes/en/7.jpg") == "memes/en/Chief Zorblax/7.jpg"
    assert folder.picture("8.png") == "memes/en/other/8.webp"
    assert folder.picture("memes/de/7.jpg") is None
    with pytest.raises(RowError, match="several pictures are called so"):
        folder.picture("7.jpg")
    with pytest.raises(RowError, match="leads out of the folder"):
        folder.picture("../secret.jpg")
