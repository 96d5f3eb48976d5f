"""Tables that tell of the same memes: joined by id, and whatever has no counterpart is told."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from .folder import Folder
from .interface import Row

__all__ = ["by_id", "joined"]


def by_id(folder: Folder, rows: Iterable[Row], column: str, key: Callable[[str], str] = str) -> Mapping[str, Row]:
    """Rows by the id that stands in a column, in their order; one that comes again is told, its first row counts.

    `key` is what two spellings of one id have in common.
    """
    found: dict[str, Row] = {}
    for row in rows:
        name = key(row.text(column))
        first = found.setdefault(name, row)
        if first is not row:
            folder.problem(row.file, row.number, f"the id was there before, in {first.file} row {first.number}", name)
    return found


def joined(
    folder: Folder, one: Mapping[str, Row], other: Mapping[str, Row], repeated: Sequence[str] = ()
) -> Mapping[str, Row]:
    """Rows of the first table with what the other one says of the same meme; in doubt the first one's values count.

    `repeated` are columns in which both have to say the same. A table without rows is one that couldn't be read, which
    is told already.
    """
    if not one or not other:
        return {}
    _tell_lone(folder, one, other)
    _tell_lone(folder, other, one)
    found = {}
    for name, row in one.items():
        if name in other and _agree(folder, row, other[name], repeated):
            found[name] = replace(row, values={**other[name].values, **row.values})
    return found


def _agree(folder: Folder, row: Row, other: Row, repeated: Sequence[str]) -> bool:
    if differ := [column for column in repeated if row.text(column) != other.text(column)]:
        text = f"says something else than {other.file} row {other.number}; take both files from one place"
        folder.problem(row.file, row.number, text, ", ".join(differ))
    return not differ


def _tell_lone(folder: Folder, one: Mapping[str, Row], other: Mapping[str, Row]) -> None:
    """One sentence, however many: where a part of the other table was lost, they all have one cause."""
    if lone := [name for name in one if name not in other]:
        row = one[lone[0]]
        files = ", ".join(dict.fromkeys(told.file for told in other.values()))
        text = f"{len(lone)} of {len(one)} memes aren't in {files}; is that copy complete? The first"
        folder.problem(row.file, row.number, text, lone[0])
