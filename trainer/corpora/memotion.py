"""Memotion 1.0 (SemEval-2020, task 8): humour, sarcasm, offence, motivation and sentiment in English memes.

Two public forms: `labels.csv` is in order, `data_7000_new.csv` has addresses and is damaged. A program that saved it
took quotes inside addresses and texts for quotes around a cell: up to the next quote, commas and even line ends fell
into that cell. So rows are shifted left by the one or two cells that another one holds, and some addresses hold whole
rows, up to 31, of which the last one's labels stand in the columns of the first. The texts have no commas or line ends
of their own: joined by commas and cut again, those are the rows as they were.
"""

import re
from collections.abc import Iterator, Sequence

from ...taxonomy import UnknownNameError, unified_label
from .folder import Folder
from .interface import Licence, Meme, Row, Source
from .problems import RowError
from .tables import read_csv

__all__ = ["SOURCE", "meme", "rows"]

# Label set of each pair, its column in the first form and in the second, where two columns are called Motivational.
_QUESTIONS = {
    "humour_en__memotion": ("humor", "humour", "Humour"),
    "sarcasm_en__memotion": ("sarcasm-degree", "sarcasm", "Sarcasm"),
    "offensive_en__memotion": ("offensive-hateful", "offensive", "offensive"),
    "motivational_en__memotion": ("motivational", "motivational", "Motivational"),
    "overall_sentiment_en__memotion": ("sentiment-five", "overall_sentiment", "Motivational (2)"),
}
_SETS, _FIRST, _SECOND = zip(*_QUESTIONS.values(), strict=True)
_PLAIN, _WITH_URLS = "labels.csv", "data_7000_new.csv"
_COLUMNS = {
    _PLAIN: ("image_name", "text_ocr", "text_corrected", *_FIRST),
    _WITH_URLS: ("Image_name", "Image_URL", "OCR_extracted_text", "corrected_text", *_SECOND),
}
_HTML = re.compile(r"\s*<(?:!doctype|html|head|meta|body|div|span|style)\b", re.IGNORECASE)

SOURCE = Source(
    name="memotion",
    title="Memotion 1.0",
    pairs=tuple(_QUESTIONS),
    licence=Licence("no licence named", may_be_passed_on=False),
    citation="Sharma et al., SemEval 2020, task 8 (2020.semeval-1.99)",
    homepage="https://www.kaggle.com/datasets/williamscott701/memotion-dataset-7k",
    files=f"{_PLAIN} or {_WITH_URLS}, and the pictures that it names",
)


def rows(folder: Folder) -> Iterator[Row]:
    """Rows of the file that is there; where both are, of the one that is in order: they hold the same memes."""
    there = [form for form in _COLUMNS if folder.find(form)]
    columns = _COLUMNS[there[0]] if there else ()
    if there[1:]:
        folder.note(f"{there[1]} isn't read: {there[0]} holds the same memes")
    swallowed = 0
    for row in read_csv(folder, folder.one(*(there[:1] or _COLUMNS)), columns):
        found = list(_cut_apart(row)) if "\n" in str(row.values.get("Image_URL", "")) else [row]
        swallowed += len(found) - 1
        yield from found
    if swallowed:
        folder.note(f"{swallowed} rows stood inside the addresses of others: cut apart again")


def _cut_apart(row: Row) -> Iterator[Row]:
    """The rows that stand in this one's cells, each with its line."""
    columns = _COLUMNS[_WITH_URLS]
    lines = _joined([row.text(column) for column in columns]).split("\n")
    for number, line in enumerate(lines, row.number):
        yield Row(row.file, number, dict(zip(columns, line.split(","), strict=False)))


def _joined(cells: Sequence[str]) -> str:
    return ",".join(cells).rstrip(",")


def _readings(cells: Sequence[str]) -> Iterator[Sequence[str]]:
    """A row as it stands, with the cell cut that holds its neighbours, with empty cells for the one or two it lost."""
    yield cells
    joined = _joined(cells)
    again = joined.split(",")
    if len(again) == len(cells):
        yield again
    lost = len(",".join(cells)) - len(joined)
    if lost in {1, 2}:
        kept = 2 if cells[1].startswith("http") else 1  # name and address, or the name alone
        yield [*cells[:kept], *[""] * lost, *cells[kept:-lost]]


def _put_right(cells: Sequence[str]) -> Sequence[str]:
    """The reading whose last five cells are labels: no two sets share one, so that no more than one reading is."""
    for reading in _readings(cells):
        if all(map(_is_label, _SETS, reading[-5:])):
            return reading
    wrong = [cell for name, cell in zip(_SETS, cells[-5:], strict=True) if not _is_label(name, cell)]
    # One word is a misspelt label; anything longer can be a meme's text, which no message shows.
    shown = wrong[0] if len(wrong) == 1 and len(wrong[0].split()) == 1 else None
    raise RowError("its labels stand neither in their columns nor one or two to the left of them", shown)


def _is_label(name: str, cell: str) -> bool:
    try:
        return bool(unified_label(name, cell))
    except UnknownNameError:
        return False


def meme(row: Row) -> Meme:
    """Labels put right where they are shifted; the corrected text, else the one by OCR, never HTML in its place."""
    columns = _COLUMNS[_WITH_URLS if "Image_URL" in row.values else _PLAIN]
    name, cells = row.id(columns[0]), [row.text(column) for column in columns]
    reading = _put_right(cells)
    texts = [text for text in (reading[-6], reading[-7]) if text.strip()]
    readable = [text for text in texts if not _HTML.match(text)]
    warnings = [
        *(["shifted to the left: put right"] if reading is not cells else []),
        *(["HTML in place of a text: dropped"] if len(readable) < len(texts) else []),
    ]
    return Meme(
        key=name,
        labels=dict(zip(_QUESTIONS, reading[-5:], strict=True)),
        text=readable[0] if readable else "",
        image=name,
        warning="; ".join(warnings) or None,
    )
