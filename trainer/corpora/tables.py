"""Tables of the datasets' own files: every column as text, strictly, all problems of a file together."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from .folder import Folder
from .interface import Row, Split
from .reading import read_bytes, read_text

__all__ = ["read_csv", "read_xlsx"]


def read_csv(  # noqa: PLR0913 - a file's format has as many sides
    folder: Folder,
    name: str | None,
    columns: Sequence[str],
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
    heading: bool = True,
    split: Split | None = None,
) -> Iterator[Row]:
    """Rows of a csv file; a row's number is its first line.

    `columns` have to be there; others are given as well. Without a heading they are the columns, in that order. Columns
    and cells that are empty at the end of a line don't count, nor do lines of empty cells; a second column of one name
    is called `name (2)`.
    """
    if name is None or (text := read_text(folder, name, encoding)) is None:
        return
    lines = _csv_lines(folder, name, text, delimiter)
    names = _heading(folder, name, next(lines, (1, []))[1], columns) if heading else [*columns]
    if names:
        yield from _rows(folder, name, lines, names, split)


def _csv_lines(folder: Folder, name: str, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    # A setting of the process, so it is only ever raised: cells of any length are read.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:  # an open quote has swallowed the rest: nothing after it can be trusted
            folder.problem(
                name, first, f"is no csv from here on ({error}); is a quote or the rest of the file missing?"
            )
            return
        yield first, cells


def read_xlsx(folder: Folder, name: str | None, columns: Sequence[str], *, split: Split | None = None) -> Iterator[Row]:
    """Rows of an Excel file's first sheet, as `read_csv` gives them; whole numbers without a point."""
    if name is None or (data := read_bytes(folder, name)) is None:
        return
    try:
        lines = list(enumerate(_sheet(data), 1))
    except Exception as error:  # noqa: BLE001 - zip, XML and openpyxl each raise their own
        text = f"is no Excel file, or a damaged one ({type(error).__name__}); is the copy complete?"
        folder.problem(name, None, text)
        return
    if names := _heading(folder, name, lines[0][1] if lines else [], columns):
        yield from _rows(folder, name, lines[1:], names, split)


def _sheet(data: bytes) -> Iterator[list[str]]:
    """Cells of each row, all rows of one length."""
    from openpyxl.utils.escape import unescape  # noqa: PLC0415 - half a second that only two datasets need

    # What Excel computed, and what stands in a cell: a text that begins with = is a formula without a value.
    values, written = (list(_cells(data, computed=computed)) for computed in (True, False))
    width = max(map(len, written), default=0)
    for shown, told in zip(values, written, strict=True):
        cells = [_cell(other if value is None else value) for value, other in zip(shown, told, strict=True)]
        yield [*map(unescape, cells), *[""] * (width - len(cells))]  # `_x000D_` is a line end


def _cells(data: bytes, *, computed: bool) -> Iterator[tuple[object, ...]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - as above

    sheet = load_workbook(io.BytesIO(data), read_only=True, data_only=computed).worksheets[0]
    sheet.reset_dimensions()  # what a file says of its own size can be too small: rows would be lost
    return sheet.iter_rows(values_only=True)


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _rows(
    folder: Folder, name: str, lines: Iterable[tuple[int, list[str]]], names: Sequence[str], split: Split | None
) -> Iterator[Row]:
    """Rows of numbered lines of cells; ragged ones are told."""
    filled = False
    for number, cells in lines:
        kept = _trimmed(cells, len(names))
        if not any(cell.strip() for cell in kept):
            continue
        filled = True
        if len(kept) == len(names):
            yield Row(name, number, dict(zip(names, kept, strict=True)), split)
        else:
            folder.problem(name, number, f"has {len(kept)} cells where the heading has {len(names)}")
    if not filled:
        folder.problem(name, None, "holds no rows; is the copy complete?")


def _heading(folder: Folder, name: str, cells: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Names of the columns; none after telling that some aren't there."""
    given = _trimmed([cell.strip() for cell in cells], 0)
    before = [given[:place].count(cell) for place, cell in enumerate(given)]
    names = [f"{cell} ({count + 1})" if count else cell for cell, count in zip(given, before, strict=True)]
    missing = [column for column in columns if column not in names]
    if missing:
        folder.problem(name, 1, f"has no column {', '.join(map(repr, missing))}; its first line is", ", ".join(names))
        return []
    return names


def _trimmed(cells: Sequence[str], least: int) -> list[str]:
    """Cells without the empty ones at the end, but not fewer than `least` where there were as many."""
    end = len(cells)
    while end > least and not cells[end - 1].strip():
        end -= 1
    return list(cells[:end])
