"""Two tables that tell of the same memes: joined by id, and whatever has no counterpart is told."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from .folder import Folder
from .interface import Row

__all__ = ["Table", "joined", "table"]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a file by the id of their meme, in the file's order."""

    file: str
    rows: Mapping[str, Row]


def table(folder: Folder, file: str, rows: Iterable[Row], id_of: Callable[[Row], str]) -> Table:
    """A file's rows by id; an id that comes again is told, its first row counts."""
    found: dict[str, Row] = {}
    for row in rows:
        first = found.setdefault(id_of(row), row)
        if first is not row:
            folder.problem(file, row.number, f"the id was there before, in row {first.number}", id_of(row))
    return Table(file, found)


def joined(folder: Folder, one: Table, other: Table) -> Iterator[tuple[Row, Row]]:
    """Both rows of each meme, in the order of the first table."""
    _tell_lone(folder, one, other)
    _tell_lone(folder, other, one)
    yield from ((row, other.rows[key]) for key, row in one.rows.items() if key in other.rows)


def _tell_lone(folder: Folder, one: Table, other: Table) -> None:
    """One sentence for a file: where a part of the other was lost, hundreds of rows have the same cause."""
    lone = [key for key in one.rows if key not in other.rows]
    if lone:
        of_how_many = f"{len(lone)} of its {len(one.rows)} memes aren't in {other.file}; the first"
        folder.problem(one.file, one.rows[lone[0]].number, of_how_many, lone[0])
