"""Prop2Hate-Meme: ArMeme's memes, labelled anew as hateful or not.

Copies call the three files differently, and hold lines of JSON or one array: `{img_path, text, prop_label: 0 or 1,
hate_label: 0 or 1}`. The propaganda label is ArMeme's and comes from there.
"""

from collections.abc import Iterator

from .folder import Folder
from .interface import Licence, Meme, Row, Source, Split
from .json_files import read_json_rows

__all__ = ["SOURCE", "meme", "rows"]

_PAIR = "Hateful_ar__Prop2Hate-Meme"
_CALLED = {Split.TRAIN: ("train",), Split.VALIDATION: ("dev", "val"), Split.TEST: ("test",)}

SOURCE = Source(
    name="prop2hate_meme",
    title="Prop2Hate-Meme",
    pairs=(_PAIR,),
    licence=Licence("CC BY-NC-SA 4.0", may_be_passed_on=True),
    citation="Alam et al., WISE 2024 (arXiv 2409.07246)",
    homepage="https://huggingface.co/datasets/QCRI/Prop2Hate-Meme",
    files="three .json or .jsonl files with train, dev or val, and test in their names, and the pictures",
    official_test={_PAIR: "*test*.jsonl"},
)


def rows(folder: Folder) -> Iterator[Row]:
    """Rows of the three files, however they are called."""
    for split, names in _CALLED.items():
        patterns = [f"*{name}*.{suffix}" for name in names for suffix in ("jsonl", "json")]
        yield from read_json_rows(folder, folder.one(*patterns), split=split)


def meme(row: Row) -> Meme:
    """Known by its picture's path, as in ArMeme."""
    path = row.id("img_path")
    return Meme(
        key=path,
        labels={_PAIR: row.text("hate_label")},
        text=row.text("text"),
        image=path.removeprefix("data/"),  # the authors' own folder: a copy needn't have it
        split=row.split,
    )
