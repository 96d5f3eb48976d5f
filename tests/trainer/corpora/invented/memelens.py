"""The released corpus, invented: all 46 pairs with their splits, judged test rows, labels that stand for none."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from tests.trainer.corpora.writing import picture_bytes, write_parquet

from memelens.taxonomy import PAIRS, Language, Pair

__all__ = ["LABELS", "LEFT_OUT", "SCHEMA", "write", "write_pair"]

_TEXTS = ("id", "text", "label", "task_description", "explanation")
_NATIVE = ("native_label", "native_task_description", "native_explanation")
_MARKS = ("informativeness", "clarity", "plausibility", "faithfulness")
SCHEMA = pa.schema(
    [
        ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        *((name, pa.string()) for name in (*_TEXTS, *_NATIVE)),
        *((name, pa.float32()) for name in (*_MARKS, "llm_judge")),
    ]
)
_NO_LABEL = {
    "Harmful_en__HarMeme": ("not-specified", "no harm label"),
    "Misogyny_Categories_hi_en__MIMIC2024": ("Unspecified", "no kind named, whether misogynous or not"),
}

LABELS = {
    pair.configuration: dict.fromkeys(pair.label_set.labels, 2 if pair.label_set.multiple else 1)
    | ({} if pair.label_set.multiple else {pair.label_set.labels[0]: 3})
    for pair in PAIRS
}
LEFT_OUT = {pair: {reason: 1} for pair, (_, reason) in _NO_LABEL.items()}


def write(root: Path) -> None:
    """Three files for each pair."""
    for pair in PAIRS:
        write_pair(root, pair)


def write_pair(root: Path, pair: Pair) -> None:
    """Test rows of every label; train and validation have the first one."""
    configuration, labels = pair.configuration, list(pair.label_set.labels)
    first = [", ".join(label.capitalize() for label in labels)] if pair.label_set.multiple else labels[:1]
    without = [label for label, _ in [_NO_LABEL[configuration]]] if configuration in _NO_LABEL else []
    alone = [] if pair.label_set.multiple else first
    for split, some in (("train", [*first, *without]), ("validation", alone), ("test", labels)):
        rows = list(_rows(pair, split, some))
        write_parquet(root / configuration / f"{split}-00000-of-00001.parquet", rows, SCHEMA)


def _rows(pair: Pair, split: str, labels: list[str]) -> Iterator[dict[str, Any]]:
    for number, label in enumerate(labels):
        text = f"Zorblaxians of {split}\nin {pair.configuration}, {number} times"
        told = dict.fromkeys(_NATIVE, None if pair.language is Language.ENGLISH else f"{label} auf Zorblaxisch")
        marks = dict.fromkeys((*_MARKS, "llm_judge"), 4.5 if split == "test" else None)
        yield {
            "id": f"{number:032x}",  # the same ids in every split
            "image": {"bytes": picture_bytes(text), "path": f"{label}_{number}.png"},
            "text": None if split == "train" else text,
            "label": label,
            "task_description": f"Say whether it is {label}.",
            "explanation": f"They wave: {label}.",
            **told,
            **marks,
        }
