"""ArMeme: propaganda in Arabic memes, as the shared task ArAIEval 2024 publishes it.

Arrays of `{id, img_path, text, class_label}` in files that are said to hold lines, one for training and one for
development. No test split is among them, so a corpus splits all rows itself; a row's file says where it was.
"""

from collections.abc import Iterator

from .folder import Folder
from .interface import LeftOut, Licence, Meme, Row, Source
from .json_files import read_json_rows

__all__ = ["SOURCE", "meme", "rows"]

_PAIR = "propoganda_ar_ArMeme"
_LEFT_OUT = ("not-meme", "other")

SOURCE = Source(
    name="armeme",
    title="ArMeme",
    pairs=(_PAIR,),
    licence=Licence("CC BY-NC-SA 4.0", may_be_passed_on=True),
    citation="Alam et al., EMNLP 2024 (arXiv 2406.03916); Hasanain et al., ArabicNLP 2024 (ArAIEval)",
    homepage="https://gitlab.com/araieval/araieval_arabicnlp24",
    files="two .json or .jsonl files with train and dev in their names, and the pictures",
)


def rows(folder: Folder) -> Iterator[Row]:
    """Rows of both files."""
    for part in ("train", "dev"):
        yield from read_json_rows(folder, folder.one(f"*{part}*.json", f"*{part}*.jsonl"))
    for file in folder.find("*test*.json", "*test*.jsonl"):
        folder.note(f"{file} isn't read: the files with labels are train and dev")


def meme(row: Row) -> Meme | LeftOut:
    """The hub's copy also holds what is no meme, or neither propaganda nor not: no answer to the pair's question."""
    label = row.text("class_label")
    if label in _LEFT_OUT:
        return LeftOut(label, (_PAIR,))
    return Meme(
        key=row.id("id"),
        labels={_PAIR: label},
        text=row.text("text"),
        image=row.id("img_path").removeprefix("data/"),  # the authors' own folder: a copy needn't have it
    )
