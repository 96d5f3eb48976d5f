"""The Hateful Memes Challenge, invented: ids as texts, as numbers, and without their leading zeros."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.trainer.corpora.writing import write_json_lines, write_picture

__all__ = ["LABELS", "LEFT_OUT", "write"]

LABELS = {"Hateful_en_FHM": {"not-hateful": 9, "hateful": 6}}
LEFT_OUT: dict[str, dict[str, int]] = {}

_LABELS = (0, 1, 0, 0, 1)
_IDS: dict[str, tuple[int, Callable[[int], Any]]] = {
    "train": (8291, lambda number: f"{number:05}"),
    "dev_unseen": (531, lambda number: number),
    "test_unseen": (16_400, str),
}


def write(root: Path) -> None:
    """The three files that are read, and img/."""
    for file, (first, spelled) in _IDS.items():
        numbers = range(first, first + len(_LABELS))
        rows = [_row(number, spelled(number), label) for number, label in zip(numbers, _LABELS, strict=True)]
        write_json_lines(root / f"{file}.jsonl", rows)
        for row in rows:
            write_picture(root / row["img"])


def _row(number: int, spelled: Any, label: int) -> dict[str, Any]:
    return {"id": spelled, "img": f"img/{number:05}.png", "label": label, "text": f"Zorblaxians walk {number} miles"}
