"""RoMemes: Romanian memes, whether they are real, political, and what they feel.

`metadata.tsv` has the labels, `romemes.csv` the text. The second has lost the leading zeros of the ids, so both are
joined by number; the labels that it repeats have to be the same.
"""

from collections.abc import Iterator

from .folder import Folder
from .interface import Licence, Meme, Row, Source
from .joining import by_id, joined
from .tables import read_csv

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
    columns = tuple(_COLUMNS.values())
    labelled = read_csv(folder, folder.one("metadata.tsv"), ("ID", "Extension", *columns), delimiter="\t")
    written = read_csv(folder, folder.one("romemes.csv"), ("ID", "Text", *columns))
    labels, texts = (by_id(folder, found, "ID", lambda one: one.lstrip("0")) for found in (labelled, written))
    yield from joined(folder, labels, texts, columns).values()


def meme(row: Row) -> Meme:
    """Ids as metadata.tsv has them, which is how the pictures are called."""
    key = row.id("ID")
    return Meme(
        key=key,
        labels={pair: row.text(column) for pair, column in _COLUMNS.items()},
        text=row.text("Text"),
        image=f"{key}.{row.text('Extension')}",
    )
