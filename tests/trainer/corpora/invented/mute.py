"""MUTE, invented: one Excel file for each split, a caption that is a number, and none."""

from pathlib import Path

from tests.trainer.corpora.writing import write_picture, write_xlsx

__all__ = ["LABELS", "LEFT_OUT", "write"]

LABELS = {"Hateful_bn__MUTE": {"not-hateful": 6, "hateful": 6}}
LEFT_OUT: dict[str, dict[str, int]] = {}

_MEMES = (("জরব্ল্যাক্সীয়রা নাচে {}", "not-hate"), ("Zorblaxian দের চা {}", "hate"), (2020, "hate"), (None, "not-hate"))


def write(root: Path) -> None:
    """Three files, and pictures with brackets and blanks in their names."""
    for split in ("train", "valid", "test"):
        rows = [
            (f"{split} ({number}).jpg", text.format(split) if isinstance(text, str) else text, label)
            for number, (text, label) in enumerate(_MEMES)
        ]
        write_xlsx(root / f"{split}_hate.xlsx", [("image_name", "Captions", "Label"), *rows])
        for name, *_ in rows:
            write_picture(root / "Memes" / name)
