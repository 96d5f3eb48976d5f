"""Parquet tables with pictures in their rows: a few rows at a time, however large the file."""

from collections.abc import Iterator, Sequence
from typing import Any

from .folder import Folder
from .interface import Row, Split

__all__ = ["PICTURE", "read_parquet"]

PICTURE = "image"
"""The column with pictures, as the `datasets` library writes them: structs of `bytes` and `path`."""

_ROWS_AT_ONCE = 16
_BUFFER_BYTES = 1 << 20


def read_parquet(
    folder: Folder, name: str, columns: Sequence[str], *, optional: Sequence[str] = (), split: Split | None = None
) -> Iterator[Row]:
    """Rows with these columns, and the optional ones that are there; a row's number is its place from 1.

    The picture's bytes are the row's `picture`, its path stays as the column's value.
    """
    import pyarrow as pa  # noqa: PLC0415 - a third of a second that only the released corpus needs
    import pyarrow.parquet as pq  # noqa: PLC0415 - as above

    number = 0
    try:
        # Buffered ahead, as it is by default, a file of 500 MB would be in memory before its first row is.
        with pq.ParquetFile(folder.root / name, pre_buffer=False, buffer_size=_BUFFER_BYTES) as file:
            wanted = [*columns, *(one for one in optional if one in file.schema_arrow.names)]
            if wrong := _wrong(file.schema_arrow, wanted):
                folder.problem(name, None, wrong)
                return
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=wanted):
                for values in batch.to_pylist():
                    number += 1
                    yield _row(name, number, values, split)
    except (OSError, ValueError, pa.ArrowException) as error:
        place = number + 1 if number else None
        folder.problem(name, place, f"can't be read as parquet ({type(error).__name__}); is the copy complete?")


def _row(name: str, number: int, values: dict[str, Any], split: Split | None) -> Row:
    picture = values[PICTURE] or {}
    return Row(name, number, {**values, PICTURE: picture.get("path")}, split, picture.get("bytes") or None)


def _wrong(schema: Any, columns: Sequence[str]) -> str | None:  # noqa: ANN401 - pyarrow ships no types
    """What keeps the columns from being read as text, numbers and pictures."""
    from pyarrow import types  # noqa: PLC0415 - as above

    def is_bytes(kind: Any) -> bool:  # noqa: ANN401 - as above
        return bool(types.is_binary(kind) or types.is_large_binary(kind))

    if missing := [column for column in columns if column not in schema.names]:
        return f"has no column {', '.join(map(repr, missing))}; it has {', '.join(schema.names)}"
    if twice := [column for column in columns if schema.names.count(column) > 1]:
        return f"has {', '.join(map(repr, twice))} more than once"
    for column in columns:
        kind = schema.field(column).type
        if column == PICTURE:
            if not (types.is_struct(kind) and any(one.name == "bytes" and is_bytes(one.type) for one in kind)):
                return f"{column} should hold structs with bytes, and holds {kind}"
        elif is_bytes(kind) or types.is_temporal(kind):
            return f"{column} should hold text or numbers, and holds {kind}"
    return None
