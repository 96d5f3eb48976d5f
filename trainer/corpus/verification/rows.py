"""What can be asked of one row: each question a function that says what is wrong."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from ....taxonomy import LABEL_SETS, PAIRS, UnknownNameError, unified_label
from ...corpora.interface import Split
from ..records import Modality
from .findings import Question

__all__ = ["COLUMNS", "Tell", "tells"]

COLUMNS = (
    *("id", "meme", "dataset", "pair", "task", "label_set", "language", "text", "modality", "labels"),
    *("original_label", "original_split", "image", "group", "template", "image_sha256", "image_width"),
    *("image_height", "image_bytes", "perceptual_hash", "split", "template_disjoint"),
)
"""What is read of each row."""

Row = Mapping[str, Any]
Tell = Callable[[Row, Split], str | None]
"""Says what is wrong with a row that stands on that side; None where nothing is."""

_PAIR_OF = MappingProxyType({pair.configuration: pair for pair in PAIRS})
_SIZES = ("image_width", "image_height", "image_bytes")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def tells() -> Mapping[Question, Tell]:
    """The questions, for one reading of a corpus."""
    return {
        Question.IDS: _Ids(),
        Question.SIDES: _side,
        Question.PUBLISHED_TESTS: _published_test,
        Question.TAXONOMY: _taxonomy,
        Question.LABELS: _labels,
        Question.MODALITY: _modality,
        Question.RECORDED: _recorded,
    }


class _Ids:
    def __init__(self) -> None:
        self._seen: set[str] = set()

    def __call__(self, row: Row, side: Split) -> str | None:
        before = len(self._seen)
        self._seen.add(row["id"])
        if len(self._seen) == before:
            return f"its id stands a second time, in {side}"
        return None if row["id"] == f"{row['meme']}/{row['pair']}" else f"should be {row['meme']}/{row['pair']}"


def _side(row: Row, side: Split) -> str | None:
    return None if row["split"] == side else f"says {row['split']}, stands in {side}"


def _published_test(row: Row, side: Split) -> str | None:
    stray = row["original_split"] == Split.TEST and side is not Split.TEST
    return f"published for testing, stands in {side}" if stray else None


def _taxonomy(row: Row, _: Split) -> str | None:
    pair = _PAIR_OF.get(row["pair"])
    if pair is None:
        return f"{row['pair']!r} is no pair of the taxonomy"
    due = {"task": pair.task.value, "label_set": pair.label_set.name, "language": pair.language.value}
    wrong = [f"{name} is {row[name]!r} in place of {value!r}" for name, value in due.items() if row[name] != value]
    return ", ".join(wrong) or None


def _labels(row: Row, _: Split) -> str | None:
    pair = _PAIR_OF.get(row["pair"])
    labels = row["labels"] or []
    if pair is None:  # told by `_taxonomy`
        return None
    strange = [label for label in labels if label not in pair.label_set.labels]
    if strange:
        return f"{strange[0]!r} isn't one of {', '.join(pair.label_set.labels)}"
    if len(set(labels)) < len(labels):
        return "one label stands twice"
    return None if pair.label_set.multiple else _one_label(labels, pair.label_set.name, row["original_label"])


def _one_label(labels: list[str], set_name: str, original: str | None) -> str | None:
    if len(labels) != 1:
        return f"has {len(labels)} labels in place of one"
    meant = _meant(set_name, original or "")
    return None if labels == [meant] else f"its label is {labels[0]!r}, its original label stands for {meant!r}"


@lru_cache(4_096)
def _meant(set_name: str, original: str) -> str | None:
    try:
        return unified_label(LABEL_SETS[set_name], original)
    except UnknownNameError:
        return None


def _modality(row: Row, _: Split) -> str | None:
    picture, text = row["image"] is not None, bool(row["text"])
    if not picture and not text:
        return "has neither picture nor text"
    both = Modality.MULTIMODAL if text else Modality.IMAGE_ONLY
    due = both if picture else Modality.TEXT_ONLY
    return None if row["modality"] == due else f"says {row['modality']}, is {due}"


def _recorded(row: Row, _: Split) -> str | None:
    return next(_flaws(row), None)


def _flaws(row: Row) -> Iterator[str]:
    """Without a recorded content hash a picture can't be compared, so it could hide a copy from `--quick`."""
    digest, look = row["image_sha256"], row["perceptual_hash"]
    if row["image"] is None:
        known = [name for name in ("image_sha256", "perceptual_hash", *_SIZES) if row[name] is not None]
        yield from (f"has no picture, but {name}" for name in known)
        return
    if digest is None or not _DIGEST.fullmatch(digest):
        yield "image_sha256 should be 64 hexadecimal digits"
    if look is not None and not _DIGEST.fullmatch(look):
        yield "perceptual_hash should be 64 hexadecimal digits, or null"
    yield from (f"{name} should be a number above 0" for name in _SIZES if not row[name] or row[name] < 1)
