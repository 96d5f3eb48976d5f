"""Exported rows on disk: parquet shards, or a dataset for `datasets.load_from_disk`; a few rows at a time in memory."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from datasets import Dataset, DatasetDict, Features
from datasets.arrow_writer import ArrowWriter, ParquetWriter
from datasets.fingerprint import generate_random_fingerprint

from ..store import without_bars

__all__ = ["write_dataset", "write_parquet"]

_GROUP_ROWS, _GROUP_BYTES = 1_000, 32_000_000  # whichever comes first; a reader of one row reads its whole group
_SHARD_BYTES = 500_000_000


def write_parquet(rows: Iterable[Mapping[str, Any]], features: Features, folder: Path, name: str) -> None:
    """Write `<name>-00000-of-00002.parquet` and so on in a folder; at least one, which without rows is empty."""
    _write_shards(ParquetWriter, rows, features, folder / f"{name}.parquet")


def write_dataset(sides: Mapping[str, Iterable[Mapping[str, Any]]], features: Features, folder: Path) -> None:
    """Write what `datasets.load_from_disk` reads.

    The library would have to be given all rows on disk already, and copy them, with both copies mapped into memory. So
    it describes a dataset without rows, and the files are put in that one's place.
    """
    nothing = Dataset.from_dict({name: [] for name in features}, features=features)
    with without_bars():
        DatasetDict(dict.fromkeys(sides, nothing)).save_to_disk(str(folder))
    for name, rows in sides.items():
        files = _write_shards(ArrowWriter, rows, features, folder / name / "data.arrow")
        described = folder / name / "state.json"
        state = json.loads(described.read_text(encoding="utf-8"))
        state["_data_files"] = [{"filename": file.name} for file in files]
        state["_fingerprint"] = generate_random_fingerprint()  # results that are cached for one export aren't another's
        described.write_text(json.dumps(state, indent=2), encoding="utf-8")


def _write_shards(
    kind: type[ArrowWriter], rows: Iterable[Mapping[str, Any]], features: Features, path: Path
) -> list[Path]:
    """Files of about `_SHARD_BYTES`: the path with `-00000-of-00002` before its suffix, and so on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    drafts: list[Path] = []
    tables = _tables(rows, features)
    rest = [*islice(tables, 1)]
    while rest or not drafts:
        drafts.append(path.with_suffix(f".{len(drafts)}"))
        _write_shard(kind, features, drafts[-1], chain(rest, tables))
        rest = [*islice(tables, 1)]
    names = [f"{path.stem}-{number:05d}-of-{len(drafts):05d}{path.suffix}" for number in range(len(drafts))]
    return [draft.replace(draft.with_name(name)) for draft, name in zip(drafts, names, strict=True)]


def _write_shard(kind: type[ArrowWriter], features: Features, path: Path, tables: Iterator[pa.Table]) -> None:
    """Take tables until the file is large enough."""
    size = 0
    with kind(features=features, path=str(path)) as writer:
        for table in tables:
            writer.write_table(table, len(table))
            size += table.nbytes
            if size >= _SHARD_BYTES:
                break
        writer.finalize()


def _tables(rows: Iterable[Mapping[str, Any]], features: Features) -> Iterator[pa.Table]:
    """Rows in tables that are small enough to be in memory two or three times."""
    group: list[Mapping[str, Any]] = []
    size = 0
    for row in rows:
        group.append(row)
        picture = row.get("image")
        size += len(picture["bytes"]) if picture else 0
        if len(group) == _GROUP_ROWS or size >= _GROUP_BYTES:
            yield pa.Table.from_pylist(group, schema=features.arrow_schema)
            group, size = [], 0
    if group:
        yield pa.Table.from_pylist(group, schema=features.arrow_schema)
