"""MIMIC Islamophobia, invented: no text, suffixes that lie, names that differ in the suffix alone, a row twice."""

from pathlib import Path

from tests.trainer.corpora.writing import write_csv, write_picture

__all__ = ["LABELS", "LEFT_OUT", "write"]

_PAIR = "Hateful_en__MIMIC_Islamophpbia"
LABELS = {_PAIR: {"not-hateful": 4, "hateful": 3}}
LEFT_OUT = {_PAIR: {"the same row again": 1}}

# Picture, label, the format that it really has.
_ROWS = (
    ("images/0.jpg", "1", "JPEG"),
    ("images/1.jpg", "0", "PNG"),
    ("images/1.jpeg", "1", "JPEG"),
    ("images/zorblax1.png", "0", "WEBP"),
    ("images/zorblax2.png", "1", "PNG"),
    ("images/zorblax3.jpg", "0", "JPEG"),
    ("images/zorblax2.png", "1", "PNG"),
    ("images/zorblax4.jpeg", "0", "JPEG"),
)


def write(root: Path) -> None:
    """The table and all pictures."""
    write_csv(root / "dataset.csv", [["image", "label"], *([name, label] for name, label, _ in _ROWS)])
    for name, _, kind in _ROWS:
        write_picture(root / name, kind=kind)
