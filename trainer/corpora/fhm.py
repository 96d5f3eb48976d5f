"""The Hateful Memes Challenge (FHM): hateful or not, by picture and text together.

One file for each split: `{id, img, label: 0 or 1, text}`. The published evaluation uses the *unseen* pair of files; the
*seen* ones hold 400 of its memes once more and aren't read.
"""

from collections.abc import Iterator

from .folder import Folder
from .interface import Licence, Meme, Row, Source, Split
from .json_files import read_json_rows
from .problems import RowError

__all__ = ["SOURCE", "meme", "rows"]

_PAIR = "Hateful_en_FHM"
_FILES = {Split.TRAIN: "train.jsonl", Split.VALIDATION: "dev_unseen.jsonl", Split.TEST: "test_unseen.jsonl"}
_UNREAD = ("dev_seen.jsonl", "test_seen.jsonl")
_DIGITS = 5

SOURCE = Source(
    name="fhm",
    title="Hateful Memes Challenge (FHM)",
    pairs=(_PAIR,),
    licence=Licence("Hateful Memes dataset licence agreement, research only", may_be_passed_on=False),
    citation="Kiela et al., NeurIPS 2020 (arXiv 2005.04790)",
    homepage="https://ai.meta.com/tools/hatefulmemes/",
    files="train.jsonl, dev_unseen.jsonl, test_unseen.jsonl and img/",
    official_test={_PAIR: "test_unseen.jsonl"},
)


def rows(folder: Folder) -> Iterator[Row]:
    """Rows of the three files that are evaluated on."""
    for split, file in _FILES.items():
        yield from read_json_rows(folder, folder.one(file), split=split)
    for file in folder.find(*_UNREAD):
        folder.note(f"{file} isn't read: the published evaluation uses the unseen files")


def meme(row: Row) -> Meme:
    """The id is a number in some copies and has lost its leading zeros there."""
    number = row.text("id")
    if not (number.isascii() and number.isdigit() and len(number) <= _DIGITS):
        raise RowError(f"id should have {_DIGITS} digits", number)
    return Meme(
        key=number.zfill(_DIGITS),
        labels={_PAIR: row.text("label")},
        text=row.text("text"),
        image=row.id("img"),
        split=row.split,
    )
