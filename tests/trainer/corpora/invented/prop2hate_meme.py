"""Prop2Hate-Meme, invented: lines in one file, an array in another."""

import json
from pathlib import Path
from typing import Any

from tests.trainer.corpora.writing import write_json_lines, write_picture

__all__ = ["LABELS", "LEFT_OUT", "write"]

LABELS = {"Hateful_ar__Prop2Hate-Meme": {"not-hateful": 6, "hateful": 3}}
LEFT_OUT: dict[str, dict[str, int]] = {}


def write(root: Path) -> None:
    """Three files with names of their own; the pictures lie without the folder that their paths begin with."""
    write_json_lines(root / "arabic_memes_train.jsonl", _rows("train"))
    (root / "arabic_memes_dev.jsonl").write_text(json.dumps(_rows("dev"), ensure_ascii=False), encoding="utf-8")
    write_json_lines(root / "arabic_memes_test.json", _rows("test"))
    for split in ("train", "dev", "test"):
        for row in _rows(split):
            write_picture(root / row["img_path"].removeprefix("data/"))


def _rows(split: str) -> list[dict[str, Any]]:
    return [
        {
            "img_path": f"data/arabic_memes/{split}/{number}.jpg",
            "text": f"الزوربلاكسيون يشربون الشاي {split} {number}",
            "prop_label": propaganda,
            "hate_label": hateful,
        }
        for number, (propaganda, hateful) in enumerate(((0, 0), (1, 1), (1, 0)))
    ]
