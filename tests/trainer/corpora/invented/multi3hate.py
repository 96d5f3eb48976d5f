"""Multi3Hate, invented: one meme in five languages, countries that disagree, templates under two spellings."""

from pathlib import Path

from tests.trainer.corpora.writing import write_csv, write_picture

__all__ = ["LABELS", "LEFT_OUT", "write"]

LABELS = {
    "Hateful_de__Multi3Hate": {"not-hateful": 2, "hateful": 2},
    "Hateful_en__Multi3Hate": {"not-hateful": 3, "hateful": 1},
    "Hateful_es__Multi3Hate": {"not-hateful": 2, "hateful": 2},
    "Hateful_hi__Multi3Hate": {"not-hateful": 1, "hateful": 3},
    "Hateful_zh__Multi3Hate": {"not-hateful": 2, "hateful": 2},
}
LEFT_OUT: dict[str, dict[str, int]] = {}

# US, DE, MX, CN, IN
_JUDGEMENTS = {"0": "00000", "1": "11111", "17": "01011", "203": "00101"}
_TEMPLATES = {"0": "Waving Zorblax", "1": "waving zorblax", "17": "queen of Zorblaxia", "203": "queen of zorblaxia"}
_FOLDERS = {"0": "Waving-Zorblax", "1": "Waving-Zorblax", "17": "Queen-Of-Zorblaxia", "203": "Queen-Of-Zorblaxia"}
_CAPTIONS = {
    "0": "Zorblaxians, {} <sep> they wave",
    "1": "Zorblaxians <sep>  they wave, {} ",
    "17": "the queen, {}<sep>",
    "203": "<emp> <sep> the queen, {}",
}
_GREETINGS = {"de": "grüßt", "en": "greets", "es": "saluda", "hi": "नमस्ते", "zh": "你好"}


def write(root: Path) -> None:
    """All five languages."""
    judged = [[number, *answers] for number, answers in _JUDGEMENTS.items()]
    write_csv(root / "data/final_annotations.csv", [["Meme ID", "US", "DE", "MX", "CN", "IN"], *judged])
    for language in _GREETINGS:
        write_language(root / "data", language)


def write_language(data: Path, language: str) -> None:
    """Captions and pictures of a language; the captions in another order than the annotations."""
    rows = [
        [number, _TEMPLATES[number], caption.format("greets"), caption.format(_GREETINGS[language])]
        for number, caption in reversed(_CAPTIONS.items())
    ]
    heading = ["Meme ID", "Template Name", "Original (English)", "Translation"]
    write_csv(data / "captions" / f"{language}.csv", [heading, *rows])
    for number, folder in _FOLDERS.items():
        write_picture(data / "memes" / language / folder / f"{number}.jpg")
