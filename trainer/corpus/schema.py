"""Columns of a built corpus: a record's own, what is known of its picture, and the side on which it stands."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from datasets import Dataset, Features, List, Value

from ..corpora.interface import JUDGED
from .records import Record

__all__ = ["FEATURES", "RECORD_FEATURES", "row_of", "rows_of"]

_BATCH = 2_000

_TEXT, _COUNT, _YES_NO = Value("string"), Value("int32"), Value("bool")

RECORD_FEATURES = Features(
    {
        "id": _TEXT,
        "meme": _TEXT,
        "dataset": _TEXT,
        "pair": _TEXT,
        "task": _TEXT,
        "label_set": _TEXT,
        "language": _TEXT,
        "text": _TEXT,
        "modality": _TEXT,
        "labels": List(_TEXT),
        "original_label": _TEXT,
        "original_split": _TEXT,
        "licence": _TEXT,
        "key": _TEXT,
        "file": _TEXT,
        "row": _COUNT,
        "image": _TEXT,
        "group": _TEXT,
        "template": _TEXT,
        "note": _TEXT,
        "explanation": _TEXT,
        "native_label": _TEXT,
        "native_task_description": _TEXT,
        "native_explanation": _TEXT,
        "judgement": {name: Value("float32") for name in JUDGED},
    }
)
"""What `Record` holds: read from the datasets' own files, before anything is decided."""

FEATURES = Features(
    {
        **RECORD_FEATURES,
        "image_sha256": _TEXT,
        "image_width": _COUNT,
        "image_height": _COUNT,
        "image_bytes": _COUNT,
        "perceptual_hash": _TEXT,
        "split": _TEXT,
        "template_disjoint": _YES_NO,
    }
)
"""A row of a built corpus.

Sizes are in pixels as shown and in bytes; the hash is 64 hexadecimal digits, null for a picture too flat to have one.
`template_disjoint` says of a test row whether no training or validation row has its template, null where neither its
picture nor its source tells the template.
"""


def row_of(record: Record) -> Mapping[str, Any]:
    """A record as a row of `RECORD_FEATURES`."""
    return asdict(record) | {"judgement": {name: record.judgement.get(name) for name in JUDGED}}


def rows_of(rows: Dataset, *columns: str) -> Iterator[Mapping[str, Any]]:
    """Rows one after the other, some of their columns or all; a batch at a time is in memory."""
    chosen = rows.select_columns(list(columns)) if columns else rows
    for batch in chosen.with_format("arrow").iter(_BATCH):
        yield from batch.to_pylist()
