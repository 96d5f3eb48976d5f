"""MET-Meme: metaphor, intention, offence and emotion in English and Chinese memes.

Each language has a file of labels and one of texts, csv in GB18030 with hundreds of empty columns, or Excel. Labels are
mostly a number and a word, `4(sorrow)`; which language a row is in shows in how the column with its picture's name is
called.
"""

from collections.abc import Iterator

from .folder import Folder
from .interface import Licence, Meme, Row, Source
from .joining import by_id, joined
from .tables import read_csv, read_xlsx

__all__ = ["SOURCE", "meme", "rows"]

_LETTERS = {"en": "E", "zh": "C"}
_KEYS = {"en": "file_name", "zh": "images_name"}
_QUESTIONS = (
    "intention detection",
    "metaphor occurrence",
    "offensiveness detection",
    "sentiment category",
    "sentiment degree",
)


def _pair(question: str, language: str) -> str:
    return f"{question.replace(' ', '_')}_{language}__MET_Meme"


SOURCE = Source(
    name="met_meme",
    title="MET-Meme",
    pairs=tuple(_pair(question, language) for question in _QUESTIONS for language in _LETTERS),
    licence=Licence("public for research, no licence named", may_be_passed_on=False),
    citation="Xu et al., SIGIR 2022 (doi 10.1145/3477495.3532019)",
    homepage="https://github.com/liaolianfoka/MET-Meme-A-Multi-modal-Meme-Dataset-Rich-in-Metaphors",
    files="label_E and E_text, label_C and C_text (one language is enough), .csv or .xlsx, and the pictures",
)


def rows(folder: Folder) -> Iterator[Row]:
    """Labels with their text, of the languages that are there; a language that is there has both files."""
    there = [one for one, letter in _LETTERS.items() if folder.find(*_names(f"label_{letter}", f"{letter}_text"))]
    for language in there or _LETTERS:
        letter, key = _LETTERS[language], _KEYS[language]
        labels = by_id(folder, _table(folder, f"label_{letter}", (key, *_QUESTIONS)), key)
        texts = by_id(folder, _table(folder, f"{letter}_text", (key, "text")), key)
        yield from joined(folder, labels, texts).values()
    for language in sorted({*_LETTERS} - {*there}):
        folder.note(f"the {language} part isn't in this copy")


def _names(*stems: str) -> tuple[str, ...]:
    return tuple(f"{stem}.{suffix}" for stem in stems for suffix in ("csv", "xlsx"))


def _table(folder: Folder, stem: str, columns: tuple[str, ...]) -> Iterator[Row]:
    file = folder.one(*_names(stem))
    if file and file.endswith(".xlsx"):
        return read_xlsx(folder, file, columns)
    return read_csv(folder, file, columns, encoding="gb18030")


def meme(row: Row) -> Meme:
    """Five labels, each a pair of the row's language."""
    language = "zh" if _KEYS["zh"] in row.values else "en"
    name = row.id(_KEYS[language])
    return Meme(
        key=f"{language}/{name}",
        labels={_pair(question, language): row.text(question) for question in _QUESTIONS},
        text=row.text("text"),
        image=name,
    )
