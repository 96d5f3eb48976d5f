"""BanglaAbuseMeme: abuse, vulgarity, sarcasm and sentiment in Bengali memes.

One csv file with the labels of each picture. It has no text (OCR has to read the pictures), and no split.
"""

from collections.abc import Iterator

from .folder import Folder
from .interface import Licence, Meme, Row, Source
from .tables import read_csv

__all__ = ["SOURCE", "meme", "rows"]

_COLUMNS = {
    f"{column}_bn__BanglaAbuseMeme": column for column in ("abuse", "sarcasm", "sentiment", "vulgar")
}  # a pair is called as its column is
_FILE = "BanglaAbuseMeme_annotation*.csv"

SOURCE = Source(
    name="bangla_abuse_meme",
    title="BanglaAbuseMeme",
    pairs=tuple(_COLUMNS),
    licence=Licence("unknown, see its record on Zenodo (the code beside it: MIT)", may_be_passed_on=False),
    citation="Das and Mukherjee, EMNLP 2023 (2023.emnlp-main.959); data at zenodo.org/records/10044949",
    homepage="https://github.com/hate-alert/BanglaAbuseMeme",
    files=f"{_FILE} and the pictures that it names",
)


def rows(folder: Folder) -> Iterator[Row]:
    """Rows of the one file."""
    yield from read_csv(folder, folder.one(_FILE), ("Ids", *_COLUMNS.values(), "target"))


def meme(row: Row) -> Meme:
    """Four labels; whom a meme is about is kept as a note, `None` where it is about nobody."""
    name = row.id("Ids")
    return Meme(
        key=name,
        labels={pair: row.text(column) for pair, column in _COLUMNS.items()},
        image=name,
        note=f"target: {', '.join(row.text('target').split('#'))}",
    )
