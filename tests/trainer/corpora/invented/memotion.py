"""Memotion, invented: the form with addresses, with every way in which its rows are shifted; and the other form."""

from collections.abc import Sequence
from pathlib import Path

from tests.trainer.corpora.writing import write_csv, write_picture

__all__ = ["HTML", "LABELS", "LEFT_OUT", "corrected", "labels_of", "name_of", "ocr", "url_of", "write", "write_plain"]

LABELS = {
    "humour_en__memotion": dict.fromkeys(("not-funny", "funny", "very-funny", "hilarious"), 5),
    "sarcasm_en__memotion": dict.fromkeys(("not-sarcastic", "general-sarcasm", "twisted-meaning", "very-twisted"), 5),
    "offensive_en__memotion": dict.fromkeys(
        ("not-offensive", "slightly-offensive", "very-offensive", "hateful-offensive"), 5
    ),
    "motivational_en__memotion": {"not-motivational": 10, "motivational": 10},
    "overall_sentiment_en__memotion": dict.fromkeys(
        ("very-negative", "negative", "neutral", "positive", "very-positive"), 4
    ),
}
LEFT_OUT = {pair: {"the same row again": 1} for pair in LABELS}

HTML = '<html><head><meta content="text/html; charset=UTF-8"><style type="text/css">ol{margin:0;padding:0}table td'
_VOCABULARIES = (
    ("not_funny", "funny", "very_funny", "hilarious"),
    ("not_sarcastic", "general", "twisted_meaning", "very_twisted"),
    ("not_offensive", "slight", "very_offensive", "hateful_offensive"),
    ("not_motivational", "motivational"),
    ("very_negative", "negative", "neutral", "positive", "very_positive"),
)
_HEADING = (
    *("Image_name", "Image_URL", "OCR_extracted_text", "corrected_text"),
    *("Humour", "Sarcasm", "offensive", "Motivational", "Motivational"),
)
_MEMES = 20


def labels_of(number: int) -> list[str]:
    """As the file spells them: twenty memes have each label of a set as often as another."""
    return [words[number % len(words)] for words in _VOCABULARIES]


def name_of(number: int) -> str:
    """A picture's name."""
    return f"zorblax_{number:02}.jpg"


def url_of(number: int) -> str:
    """Where it was found."""
    return f"https://zorblax.example/c_limit/{name_of(number)}"


def ocr(number: int) -> str:
    """Text as a machine read it."""
    return f"ZORBLAXIANS N0 {number} "


def corrected(number: int) -> str:
    """Text as it is."""
    return f"Zorblaxians no {number} "


def write(root: Path) -> None:
    """The form with addresses and all pictures."""
    write_csv(root / "data_7000_new.csv", [_HEADING, *_rows()], line_end="\r\n")
    _write_pictures(root)


def write_plain(root: Path) -> None:
    """The same memes in the form that is in order, its first column without a name."""
    heading = ["", "image_name", "text_ocr", "text_corrected"]
    heading += ["humour", "sarcasm", "offensive", "motivational", "overall_sentiment"]
    rows = [[str(n), name_of(n), ocr(n), corrected(n), *labels_of(n)] for n in range(_MEMES)]
    write_csv(root / "labels.csv", [heading, *rows])
    _write_pictures(root)


def _write_pictures(root: Path) -> None:
    for number in range(_MEMES):
        write_picture(root / "images" / name_of(number))


def _rows() -> list[Sequence[str]]:
    in_order = [[name_of(n), url_of(n), ocr(n), corrected(n), *labels_of(n)] for n in range(12)]
    in_order[7][2:4] = ["", 'A Zorblaxian, in "quotes",\non two lines']
    in_order[8][2] = ""
    in_order[9][3] = ""
    in_order[10][2] = HTML
    in_order[11][2:4] = [HTML, HTML]
    return [
        *in_order,
        in_order[0],
        [name_of(12), url_of(12), corrected(12), *labels_of(12), ""],
        [name_of(13), url_of(13), f"{ocr(13)},{corrected(13)}", *labels_of(13), ""],
        [name_of(14), f"{url_of(14)},{ocr(14)}", corrected(14), *labels_of(14), ""],
        [name_of(15), f"{url_of(15)},{ocr(15)},{corrected(15)}", *labels_of(15), "", ""],
        [name_of(16), url_of(16), *labels_of(16), "", ""],
        [name_of(17), _swallowing(), corrected(19), *labels_of(19), ""],
    ]


def _swallowing() -> str:
    """An address in which the rest of its row, a whole row, and the beginning of a third one stand."""
    rest = ",".join([url_of(17), ocr(17), corrected(17), *labels_of(17)])
    whole = ",".join([name_of(18), url_of(18), ocr(18), corrected(18), *labels_of(18)])
    return "\n".join([rest, whole, ",".join([name_of(19), url_of(19), ocr(19)])])
