"""MIMIC2024, invented: kinds of misogynous memes only, several or none of them, memes without text."""

from pathlib import Path

from tests.trainer.corpora.writing import write_csv, write_picture

__all__ = ["LABELS", "LEFT_OUT", "write"]

_KINDS_PAIR = "Misogyny_Categories_hi_en__MIMIC2024"
LABELS = {
    "Misogyny_hi_en__MIMIC2024": {"not-misogynous": 4, "misogynous": 6},
    _KINDS_PAIR: {"objectification": 3, "prejudice": 3, "humiliation": 2},
}
LEFT_OUT = {_KINDS_PAIR: {"not misogynous, so not asked for kinds": 4}}

# Misogyny, then the three kinds.
_ANSWERS = ("0000", "1100", "1010", "0000", "1001", "1110", "1111", "1000", "0000", "0000")


def write(root: Path) -> None:
    """The table and all pictures."""
    rows = [[_name(number, one), _text(number), *one] for number, one in enumerate(_ANSWERS)]
    heading = ["FileName", "ExtractedText", "Misogyny", "Objectification", "Prejudice", "Humiliation"]
    write_csv(root / "MIMIC2024.csv", [heading, *rows], line_end="\r\n")
    for name, *_ in rows:
        write_picture(root / "Files" / name)


def _name(number: int, answers: str) -> str:
    return f"{number}_M_pic_{number + 3}.jpg" if answers[0] == "1" else f"{number}_NM_pic.jpg"


def _text(number: int) -> str:
    """Two memes without, one of each label; others with what a reader might take for a number or for nothing."""
    return {3: "", 4: "", 5: "0", 8: "None"}.get(number, f'ज़ोरब्लाक्सियन रानी says, "नमस्ते {number}"')
