"""ArMeme, invented: an array in a file that says it holds lines, and the labels that only the hub's copy has."""

import json
from pathlib import Path

from tests.trainer.corpora.writing import write_picture

__all__ = ["LABELS", "LEFT_OUT", "write"]

LABELS = {"propoganda_ar_ArMeme": {"not-propaganda": 4, "propaganda": 2}}
LEFT_OUT = {"propoganda_ar_ArMeme": {"not-meme": 2, "other": 2}}

_LABELS = ("propaganda", "not_propaganda", "not-propaganda", "not-meme", "other")


def write(root: Path) -> None:
    """Both files and the pictures; ids are the pictures' paths, and one file name is there in two folders."""
    for file in ("memes_train.jsonl", "memes_dev.json"):
        part = Path(file).stem
        rows = []
        for number, label in enumerate(_LABELS):
            path = f"data/arabic_memes/{part}/{number}.jpg"
            text = f"الزوربلاكسيون يقرؤون {part} {number}"
            rows.append({"id": path, "img_path": path, "text": text, "class_label": label})
            write_picture(root / path)
        (root / file).write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
