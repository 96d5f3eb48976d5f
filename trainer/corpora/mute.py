"""MUTE: hateful memes in Bengali, often mixed with English.

One Excel file for each split: `image_name, Captions, Label`; the captions are the text in the picture.
"""

from collections.abc import Iterator

from .folder import Folder
from .interface import Licence, Meme, Row, Source, Split
from .tables import read_xlsx

__all__ = ["SOURCE", "meme", "rows"]

_PAIR = "Hateful_bn__MUTE"
_FILES = {Split.TRAIN: "train_hate.xlsx", Split.VALIDATION: "valid_hate.xlsx", Split.TEST: "test_hate.xlsx"}
_NAME, _TEXT, _LABEL = "image_name", "Captions", "Label"

SOURCE = Source(
    name="mute",
    title="MUTE",
    pairs=(_PAIR,),
    licence=Licence("no licence named", may_be_passed_on=False),
    citation="Hossain et al., AACL-IJCNLP 2022, student research workshop (2022.aacl-srw.5)",
    homepage="https://github.com/eftekhar-hossain/MUTE-AACL22",
    files="train_hate.xlsx, valid_hate.xlsx, test_hate.xlsx and Memes/",
    official_test={_PAIR: "test_hate.xlsx"},
)


def rows(folder: Folder) -> Iterator[Row]:
    """Rows of the three files."""
    for split, file in _FILES.items():
        yield from read_xlsx(folder, folder.one(file), (_NAME, _TEXT, _LABEL), split=split)


def meme(row: Row) -> Meme:
    """One label for each picture."""
    return Meme(
        key=row.id(_NAME),
        labels={_PAIR: row.text(_LABEL)},
        text=row.text(_TEXT),
        image=row.id(_NAME),
        split=row.split,
    )
