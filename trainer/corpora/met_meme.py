"""MET-Meme: metaphor, intention, offence and emotion in English and Chinese memes.

Each language has a file of labels and one of texts, csv in GB18030 with hundreds of empty columns, or Excel. Labels are
mostly a number and a word, `4(sorrow)`; which language a row is in shows in how the column with its picture's name is
called.
"""

from collections.abc import Iterator

from .folder import Folder
from .interface import Licence, Meme, Row, Source
from .joining import Table, joined, table
from .reading import read_csv, read_xlsx

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
        letter = _LETTERS[language]
        labels = _table(folder, f"label_{letter}", language, _QUESTIONS)
        texts = _table(folder, f"{letter}_text", language, ("text",))
        for row, told in joined(folder, labels, texts) if labels and texts else ():
            yield Row(row.file, row.number, {**row.values, "text": told.text("text")})
    for language in sorted({*_LETTERS} - {*there}):
        folder.note(f"the {language} part isn't in this copy")


def _names(*stems: str) -> tuple[str, ...]:
    return tuple(f"{stem}.{suffix}" for stem in stems for suffix in ("csv", "xlsx"))


def _table(folder: Folder, stem: str, language: str, columns: tuple[str, ...]) -> Table | None:
    key = _KEYS[language]
    file = folder.one(*_names(stem))
    if file is None:
        return None
    if file.endswith(".xlsx"):
        found = read_xlsx(folder, file, (key, *columns))
    else:
        found = read_csv(folder, file, (key, *columns), encoding="gb18030")
    return table(folder, file, found, lambda row: row.text(key))


def meme(row: Row) -> Meme:
    """Five labels, each a pair of the row's language."""
    language = "zh" if _KEYS["zh"] in row.values else "en"
    name = row.text(_KEYS[language])
    return Meme(
        key=f"{language}/{name}",
        labels={_pair(question, language): row.text(question) for question in _QUESTIONS},
        text=row.text("text"),
        image=name,
    )
