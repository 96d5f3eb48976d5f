"""MAMI (SemEval-2022 task 5): misogyny in memes and four kinds of it, each a yes/no question of its own.

Tables separated by TAB, whatever they are called. Labels and text of the training memes stand in one file, those of the
test memes in two, and the one with labels has no heading. There is no validation split.
"""

from collections.abc import Iterator

from .folder import Folder
from .interface import Licence, Meme, Row, Source, Split
from .joining import by_id, joined
from .tables import read_csv

__all__ = ["SOURCE", "meme", "rows"]

_MISOGYNOUS = "misogynous"
_KINDS = ("shaming", "stereotype", "objectification", "violence")
_COLUMN_OF = {f"{column}_en__MAMI": column for column in (_MISOGYNOUS, *_KINDS)}
_NAME, _TEXT = "file_name", "Text Transcription"
_LABELLED = (_NAME, _MISOGYNOUS, *_KINDS)
_TEST_LABELS = "test_labels.txt"

SOURCE = Source(
    name="mami",
    title="MAMI, Multimedia Automatic Misogyny Identification",
    pairs=tuple(_COLUMN_OF),
    licence=Licence("on request, academic use only", may_be_passed_on=False),
    citation="Fersini et al., SemEval 2022, task 5 (2022.semeval-1.74)",
    homepage="https://github.com/MIND-Lab/SemEval2022-Task-5-Multimedia-Automatic-Misogyny-Identification-MAMI-",
    files=f"training.csv, Test.csv, {_TEST_LABELS} and the pictures of both splits",
    official_test=dict.fromkeys(_COLUMN_OF, _TEST_LABELS),
)


def rows(folder: Folder) -> Iterator[Row]:
    """Training rows as they stand, test rows joined from labels and text."""
    training = folder.one("training.csv")
    yield from read_csv(folder, training, (*_LABELLED, _TEXT), delimiter="\t", split=Split.TRAIN)
    labels, texts = folder.one(_TEST_LABELS), folder.one("Test.csv", "test.csv")
    labelled = read_csv(folder, labels, _LABELLED, delimiter="\t", heading=False, split=Split.TEST)
    written = read_csv(folder, texts, (_NAME, _TEXT), delimiter="\t")
    yield from joined(folder, by_id(folder, labelled, _NAME), by_id(folder, written, _NAME)).values()


def meme(row: Row) -> Meme:
    """Labels as they are, also where they contradict each other; a misogynous meme may be of no kind."""
    labels = {pair: row.text(column) for pair, column in _COLUMN_OF.items()}
    kinds = [kind for kind in _KINDS if row.text(kind) == "1"]
    contradicts = kinds and row.text(_MISOGYNOUS) == "0"
    return Meme(
        key=row.id(_NAME),
        labels=labels,
        text=row.text(_TEXT),
        image=row.id(_NAME),
        split=row.split,
        warning="not misogynous, but of a kind" if contradicts else None,
    )
