"""JSON files: lines, arrays and objects, each thing that is wrong with its place, nothing lost."""

from pathlib import Path

import pytest
from tests.trainer.corpora.writing import write_json_lines

from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import Row
from memelens.trainer.corpora.json_files import read_json_object, read_json_rows


def read(root: Path, data: str) -> tuple[list[Row], list[str]]:
    """Rows of a file with that content, and what is wrong with it."""
    (root / "rows.jsonl").write_text(data, encoding="utf-8", newline="")
    folder = Folder("invented", root)
    rows = list(read_json_rows(folder, "rows.jsonl"))
    return rows, [str(problem).removeprefix("invented: rows.jsonl") for problem in folder.problems]


def test_an_array_is_read_as_lines_are(tmp_path: Path) -> None:
    """A file that calls itself jsonl may hold one array."""
    (tmp_path / "array.jsonl").write_text('\n[\n{"id": 17, "label": ["a", "b"]},\n{"id": "018", "label": []}\n]\n')
    write_json_lines(tmp_path / "lines.jsonl", [{"id": 17, "label": ["a", "b"]}, {"id": "018", "label": []}])
    for name in ("array.jsonl", "lines.jsonl"):
        folder = Folder("invented", tmp_path)
        rows = list(read_json_rows(folder, name))
        assert folder.problems == []
        assert [row.text("id") for row in rows] == ["17", "018"]
        assert rows[0].many("label") == ("a", "b")


def test_all_bad_lines_are_told(tmp_path: Path) -> None:
    """A line that is no JSON, or no object, has its number; the others are read."""
    rows, problems = read(tmp_path, '{"id": 1}\n{"id": \n[2]\n\n{"id": 3}\nnull\n')
    assert [row.number for row in rows] == [1, 5]
    assert [problem[:20] for problem in problems] == [
        " row 2: is no JSON (",
        " row 3: is no JSON o",
        " row 6: is no JSON o",
    ]


def test_null_in_an_array_is_told(tmp_path: Path) -> None:
    """A row that isn't there is no row to pass over."""
    assert read(tmp_path, '[{"id": 1}, null]')[1] == [" row 2: is no JSON object"]


def test_a_cut_array_is_told_with_its_line(tmp_path: Path) -> None:
    """An interrupted copy."""
    rows, (problem,) = read(tmp_path, '[{"id": 1},\n{"id": 2')
    assert rows == []
    assert problem.startswith(" row 2: is no JSON (")
    assert problem.endswith("; is the copy complete?")


@pytest.mark.parametrize("data", ["[]", "\n\n", " [ ] \n"])
def test_a_file_without_rows_is_told(tmp_path: Path, data: str) -> None:
    """What was published has some."""
    assert read(tmp_path, data) == ([], [": holds no rows; is the copy complete?"])


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"label": 0, "label": 1}', "one object has 'label' twice"),
        ('{"label": NaN}', "NaN is no number"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "maximum recursion depth"),
        ('{"label": ' + "1" * 5_000 + "}", "5000 digits"),
    ],
)
def test_what_json_should_not_say_is_told(tmp_path: Path, line: str, says: str) -> None:
    """A value that would be lost, no number, nesting without end: one line lost, with its number, no crash."""
    rows, (problem,) = read(tmp_path, f'{line}\n{{"id": 2}}\n')
    assert [row.number for row in rows] == [2]
    assert problem.startswith(" row 1: is no JSON that can be read (")
    assert says in problem


def test_line_ends_and_a_byte_order_mark_do_not_count(tmp_path: Path) -> None:
    """As Windows' editors save lines; line ends inside a text are none of the file."""
    rows, problems = read(tmp_path, '\ufeff{"id": 1, "text": "a\u2028b"}\r\n{"id": 2}\r\n')
    assert problems == []
    assert [row.number for row in rows] == [1, 2]


def test_long_numbers_keep_their_digits(tmp_path: Path) -> None:
    """An id may have more of them than a machine's integers."""
    (row,), _ = read(tmp_path, '{"id": 123456789012345678901234567890}')
    assert row.text("id") == "123456789012345678901234567890"


def test_half_a_surrogate_pair_is_one_unknown_character(tmp_path: Path) -> None:
    """JSON can say it and nothing can keep it: the rest of the text isn't lost for it. A whole pair is a character."""
    (row,), problems = read(tmp_path, r'{"text": "a\ud83db \ud83d\ude00", "labels": ["\udc00"]}')
    assert problems == []
    assert row.text("text") == "a\ufffdb \U0001f600"
    assert row.many("labels") == ("\ufffd",)


@pytest.mark.parametrize(
    ("content", "found", "says"),
    [
        ('{"a": 1}', {"a": 1}, ""),
        ("{}", {}, ""),
        ("[1]", None, ": should hold one JSON object"),
        ("null", None, ": should hold one JSON object"),
        ('{"a"', None, " row 1: is no JSON ("),
    ],
)
def test_one_object_is_read(tmp_path: Path, content: str, found: object, says: str) -> None:
    """Anything else is told, and is none."""
    (tmp_path / "one.json").write_text(content, encoding="utf-8")
    folder = Folder("invented", tmp_path)
    assert read_json_object(folder, "one.json") == found
    assert [str(problem).startswith(f"invented: one.json{says}") for problem in folder.problems] == [True] * bool(says)
