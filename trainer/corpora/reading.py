"""Tables of the datasets' own files: every column as text, strictly, all problems of a file together."""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from .folder import Folder
from .interface import Row, Split

__all__ = [
    "read_bytes",
    "read_csv",
    "read_json_object",
    "read_json_rows",
    "read_text",
    "read_xlsx",
    "table_rows",
]


def read_csv(  # noqa: PLR0913 - a file's format has as many sides
    folder: Folder,
    name: str,
    columns: Sequence[str],
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
    heading: bool = True,
    split: Split | None = None,
) -> Iterator[Row]:
    """Rows of a csv file; a byte order mark is no part of the first column's name.

    `columns` have to be there; others are given as well. Without a heading they are the columns, in that order. Columns
    and cells that are empty at the end of a line don't count; a second column of one name is called `name (2)`.
    """
    text = read_text(folder, name, encoding)
    if text is None:
        return
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)

    def numbered() -> Iterator[tuple[int, list[str]]]:
        while True:
            first = lines.line_num + 1
            try:
                cells = next(lines)
            except StopIteration:
                return
            except csv.Error as error:  # an open quote has swallowed the rest: nothing after it can be trusted
                folder.problem(name, first, f"is no csv from here on ({error})")
                return
            yield first, cells

    yield from table_rows(folder, name, numbered(), columns, heading=heading, split=split)


def read_xlsx(folder: Folder, name: str, columns: Sequence[str], *, split: Split | None = None) -> Iterator[Row]:
    """Rows of an Excel file's first sheet, as `read_csv` gives them; whole numbers without a point."""
    from openpyxl import load_workbook  # noqa: PLC0415 - half a second that only two datasets need

    data = read_bytes(folder, name)
    if data is None:
        return
    try:
        sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=True).worksheets[0]
        cells = [[_cell(value) for value in values] for values in sheet.iter_rows(values_only=True)]
    except Exception as error:  # noqa: BLE001 - zip, XML and openpyxl each raise their own
        folder.problem(name, None, f"is no Excel file, or a damaged one ({type(error).__name__})")
        return
    yield from table_rows(folder, name, iter(list(enumerate(cells, 1))), columns, split=split)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def table_rows(  # noqa: PLR0913
    folder: Folder,
    name: str,
    lines: Iterator[tuple[int, list[str]]],
    columns: Sequence[str],
    *,
    heading: bool = True,
    split: Split | None = None,
) -> Iterator[Row]:
    """Rows of numbered lines of cells: the heading checked, ragged lines told, empty lines passed over."""
    if heading:
        names = _heading(next(lines, (1, []))[1])
        if missing := [column for column in columns if column not in names]:
            folder.problem(name, 1, f"has no column {', '.join(map(repr, missing))}; it has {', '.join(names)}")
            return
    else:
        names = list(columns)
    for number, cells in lines:
        kept = _trimmed(cells, len(names))
        if len(kept) == len(names):
            yield Row(name, number, dict(zip(names, kept, strict=True)), split)
        elif any(cells):
            folder.problem(name, number, f"has {len(kept)} cells where the heading has {len(names)}")


def _heading(cells: list[str]) -> list[str]:
    names: list[str] = []
    for cell in _trimmed([cell.strip() for cell in cells], 0):
        again = 1 + sum(name == cell or name.startswith(f"{cell} (") for name in names)
        names.append(cell if again == 1 else f"{cell} ({again})")
    return names


def _trimmed(cells: list[str], least: int) -> list[str]:
    """Cells without the empty ones at the end, but not fewer than `least` where there were as many."""
    end = len(cells)
    while end > least and not cells[end - 1].strip():
        end -= 1
    return cells[:end]


def read_json_rows(folder: Folder, name: str, *, split: Split | None = None) -> Iterator[Row]:
    """Objects of a file with one on each line, or of one array, whatever the file calls itself.

    A row's number is its line, or its place in the array from 1.
    """
    text = read_text(folder, name, "utf-8")
    if text is None:
        return
    if text.lstrip().startswith("["):
        content = _parsed(folder, name, None, text)
        found: list[tuple[int, object]] = list(enumerate(content, 1)) if isinstance(content, list) else []
    else:
        lines = ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
        found = [(number, _parsed(folder, name, number, line)) for number, line in lines]
    for number, values in found:
        if isinstance(values, dict):
            yield Row(name, number, values, split)
        elif values is not None:
            folder.problem(name, number, "is no JSON object")


def read_json_object(folder: Folder, name: str) -> Mapping[str, Any]:
    """The one object of a JSON file; an empty one after telling the problem."""
    text = read_text(folder, name, "utf-8")
    content = None if text is None else _parsed(folder, name, None, text)
    if isinstance(content, dict):
        return content
    if content is not None:
        folder.problem(name, None, "should hold one JSON object")
    return {}


def _parsed(folder: Folder, name: str, number: int | None, text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        line = number or text.count("\n", 0, error.pos) + 1
        folder.problem(name, line, f"is no JSON ({error.msg}); is the copy complete?")
        return None


def read_text(folder: Folder, name: str, encoding: str) -> str | None:
    """A file as text, without a byte order mark; None after telling the problem."""
    data = read_bytes(folder, name)
    if data is None:
        return None
    if encoding != "utf-8" and _is_utf8(data):
        folder.problem(
            name, None, f"is in UTF-8, not in {encoding} as this dataset's files are; take the published file"
        )
        return None
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode(encoding)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(encoding, "replace")
        line = 1 + before.count("\n")
        folder.problem(name, line, f"is not in {encoding} as this dataset's files are", data[error.start :][:4].hex())
        return None


def _is_utf8(data: bytes) -> bool:
    """Whether bytes beyond ASCII are UTF-8: GB18030 would read most of them as well, and give another text."""
    try:
        return not data.isascii() and bool(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def read_bytes(folder: Folder, name: str) -> bytes | None:
    """A file as it is; None after telling the problem."""
    try:
        data = (folder.root / name).read_bytes()
    except OSError as error:
        folder.problem(name, None, f"can't be read ({error.strerror})")
        return None
    if not data:
        folder.problem(name, None, "is empty; is the copy complete?")
    return data or None
