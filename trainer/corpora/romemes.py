"""RoMemes: Romanian memes, whether they are real, political, and what they feel.

`metadata.tsv` has the labels, `romemes.csv` the text. The second has lost the leading zeros of the ids, so both are
joined by number; the labels that it repeats have to be the same.
"""

from collections.abc import Iterator

from .folder import Folder
from .interface import Licence, Meme, Row, Source
from .joining import Table, joined, table
from .problems import RowError
from .reading import read_csv

__all__ = ["SOURCE", "meme", "rows"]

_COLUMNS = {
    "deepfake_ro__RoMemes": "Real_Fake",
    "political_ro__RoMemes": "Political",
    "emotion_ro__RoMemes": "Sentiment2",
    "sentiment_ro__RoMemes": "Sentiment1",
}

SOURCE = Source(
    name="romemes",
    title="RoMemes",
    pairs=tuple(_COLUMNS),
    licence=Licence("unknown, see its record on Zenodo", may_be_passed_on=False),
    citation="Păiș et al., arXiv 2410.15497 (2024); data doi 10.5281/zenodo.13120216",
    homepage="https://doi.org/10.5281/zenodo.13120215",
    files="metadata.tsv, romemes.csv and the pictures, <ID>.<Extension>",
)


def rows(folder: Folder) -> Iterator[Row]:
    """Rows of metadata.tsv with their text."""
    labels = _table(folder, "metadata.tsv", ("ID", "Extension", *_COLUMNS.values()), "\t")
    texts = _table(folder, "romemes.csv", ("ID", "Text", *_COLUMNS.values()), ",")
    for row, told in joined(folder, labels, texts) if labels and texts else ():
        contradicted = [column for column in _COLUMNS.values() if row.text(column) != told.text(column)]
        yield Row(row.file, row.number, {**row.values, "Text": told.text("Text"), "contradicted": contradicted})


def _table(folder: Folder, name: str, columns: tuple[str, ...], delimiter: str) -> Table | None:
    if file := folder.one(name):
        found = read_csv(folder, file, columns, delimiter=delimiter)
        return table(folder, file, found, lambda row: row.text("ID").lstrip("0"))
    return None


def meme(row: Row) -> Meme:
    """Ids as metadata.tsv has them, which is how the pictures are called."""
    if contradicted := row.many("contradicted"):
        raise RowError("metadata.tsv and romemes.csv disagree", ", ".join(contradicted))
    key = row.text("ID")
    return Meme(
        key=key,
        labels={pair: row.text(column) for pair, column in _COLUMNS.items()},
        text=row.text("Text"),
        image=f"{key}.{row.text('Extension')}",
    )
