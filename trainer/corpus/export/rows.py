"""A corpus' row as exports hold it: its picture's bytes inside, and nothing that can say the label beside the label.

A dataset's key, a file's name and a row's place stay at home; so does a group's own name, which can be a key.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from datasets import Features, Image, Value

from ....taxonomy import Language, Task, wording
from ...corpora.interface import JUDGED
from ...corpora.released import NO_LABEL
from ..records import Modality
from ..schema import FEATURES

__all__ = ["own_features", "own_row", "released_features", "released_row"]

_AT_HOME = {"image", "key", "file", "row"}
_RELEASED_TEXTS = (
    "text",
    "label",
    "task_description",
    "explanation",
    "native_label",
    "native_task_description",
    "native_explanation",
)


def own_features(*, pictures: bool) -> Features:
    """Columns of the layouts `datasets` and `parquet`: the corpus' own."""
    shown = {"image": Image()} if pictures else {}
    return Features(shown | {name: kind for name, kind in FEATURES.items() if name not in _AT_HOME})


def own_row(row: Mapping[str, Any], picture: bytes | None, *, pictures: bool) -> dict[str, Any]:
    """A row of `own_features`. Without pictures every row is one of text alone, and is marked as such."""
    kept = {name: value for name, value in row.items() if name not in _AT_HOME}
    kept["group"] = row["group"] and hashlib.sha256(row["group"].encode()).hexdigest()[:16]
    if pictures:
        return kept | {"image": _embedded(picture)}
    return kept | {"modality": Modality.TEXT_ONLY.value}


def released_features() -> Features:
    """Columns of the released corpus. Only test rows are judged, but a dataset's splits have the same columns."""
    texts = {name: Value("string") for name in _RELEASED_TEXTS}
    return Features({"id": Value("string"), "image": Image(), **texts, **{name: Value("float64") for name in JUDGED}})


def released_row(row: Mapping[str, Any], picture: bytes | None) -> dict[str, Any]:
    """A row of `released_features`. Where the corpus has no wording of a task or label, this project's own stands."""
    return {
        "id": row["meme"],
        "image": _embedded(picture),
        "text": row["text"],
        "label": ", ".join(row["labels"]) or NO_LABEL,
        "task_description": wording(Language.ENGLISH).tasks[Task(row["task"])].definition,
        "explanation": row["explanation"],
        **_native(row),
        **row["judgement"],
    }


def _native(row: Mapping[str, Any]) -> Mapping[str, str | None]:
    """What is said in the meme's language; nothing where that is English."""
    language, task = Language(row["language"]), Task(row["task"])
    label = description = None
    if language is not Language.ENGLISH:
        words = wording(language)
        label = ", ".join(words.label(row["label_set"], one) for one in row["labels"]) or None
        description = words.tasks[task].definition
    return {
        "native_label": row["native_label"] or label,
        "native_task_description": row["native_task_description"] or description,
        "native_explanation": row["native_explanation"],
    }


def _embedded(picture: bytes | None) -> Mapping[str, bytes | None] | None:
    return None if picture is None else {"bytes": picture, "path": None}
