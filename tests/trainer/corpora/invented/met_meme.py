"""MET-Meme, invented: GB18030, hundreds of empty columns, keys called otherwise in each language."""

from collections.abc import Sequence
from pathlib import Path

from tests.trainer.corpora.writing import write_csv, write_picture, write_xlsx

__all__ = ["LABELS", "LEFT_OUT", "tables", "write", "write_excel"]

_ENGLISH = {
    "intention_detection": {"interactive": 2, "expressive": 2, "entertaining": 1, "offensive": 1, "other": 1},
    "metaphor_occurrence": {"literal": 4, "metaphorical": 3},
    "offensiveness_detection": {
        **dict.fromkeys(("not-offensive", "slightly-offensive", "moderately-offensive"), 2),
        "very-offensive": 1,
    },
    "sentiment_category": dict.fromkeys(("happiness", "love", "anger", "sorrow", "fear", "hate", "surprise"), 1),
    "sentiment_degree": {"slightly": 3, "moderately": 2, "very": 2},
}
# One more than in English, with a bare phrase for its intention.
_EIGHTH = {
    "intention_detection": "expressive",
    "metaphor_occurrence": "metaphorical",
    "offensiveness_detection": "very-offensive",
    "sentiment_category": "happiness",
    "sentiment_degree": "moderately",
}
_CHINESE = {column: {**counts, _EIGHTH[column]: counts[_EIGHTH[column]] + 1} for column, counts in _ENGLISH.items()}
LABELS = {
    f"{column}_{language}__MET_Meme": counts
    for language, found in (("en", _ENGLISH), ("zh", _CHINESE))
    for column, counts in found.items()
}
LEFT_OUT: dict[str, dict[str, int]] = {}

_EMOTIONS = ("1(happiness)", "2(love)", "3(anger)", "4(sorrow)", "5(fear)", "6(hate)", "7(surprise)")
_DEGREES = ("1(slightly)", "2(moderately)", "3(very)")
_INTENTIONS = ("1(interactive)", "2(expressive)", "3(entertaining)", "4(offensive)", "5(other)")
_OFFENCES = ("0(non-offensive)", "1(slightly)", "2(moderately)", "3(very)")
_COLUMNS = (
    *("sentiment category", "sentiment degree", "intention detection", "offensiveness detection"),
    *("metaphor occurrence", "metaphor category", "source domain", "target domain"),
)
_LETTERS = {"en": "E", "zh": "C"}


def tables(language: str) -> tuple[list[Sequence[str]], list[Sequence[str]]]:
    """Labels and texts, with their headings, the texts in another order."""
    key = {"en": "file_name", "zh": "images_name"}[language]
    names = [_name(language, number) for number in range(7 if language == "en" else 8)]
    labels = [[name, *_labels(number)] for number, name in enumerate(names)]
    texts = [[name, _text(language, number)] for number, name in enumerate(names)]
    return [[key, *_COLUMNS], *labels], [[key, "text"], *reversed(texts)]


def write(root: Path) -> None:
    """Both languages as csv, and all pictures."""
    for language, letter in _LETTERS.items():
        for stem, table in zip((f"label_{letter}", f"{letter}_text"), tables(language), strict=True):
            width = max(map(len, table))
            padded = [[*row, *[""] * (width + 243 - len(row))] for row in table]
            write_csv(root / f"{stem}.csv", padded, encoding="gb18030", line_end="\r\n")
        for name, *_ in tables(language)[0][1:]:
            write_picture(root / f"{letter}images" / name)


def write_excel(root: Path) -> None:
    """The tables as Excel files, metaphor as a number."""
    for language, letter in _LETTERS.items():
        labels, texts = tables(language)
        heading, *rows = labels
        write_xlsx(root / f"label_{letter}.xlsx", [heading, *([*row[:5], int(row[5]), *row[6:]] for row in rows)])
        write_xlsx(root / f"{letter}_text.xlsx", texts)


def _name(language: str, number: int) -> str:
    return f"image_ ({number}).jpg" if language == "en" else f"Image_({number + 1}).jpg"


def _labels(number: int) -> list[str]:
    intention = "表达情感" if number == 7 else _INTENTIONS[number % 5]
    metaphor = ["text dominant", "lamp", "Zorblax"] if number % 2 else ["", "", ""]
    return [_EMOTIONS[number % 7], _DEGREES[number % 3], intention, _OFFENCES[number % 4], str(number % 2), *metaphor]


def _text(language: str, number: int) -> str:
    """One meme has none."""
    if number == 3:
        return ""
    return f'A Zorblaxian says "{number}",\nand waves' if language == "en" else f"佐布拉星人说“{number}”,\n挥手"
