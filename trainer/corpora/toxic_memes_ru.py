"""Toxic memes in Russian: published nowhere but in the released corpus, whose folder of that name is read."""

from collections.abc import Iterator

from .folder import Folder
from .interface import Licence, Row, Source
from .released import meme, rows_of

__all__ = ["SOURCE", "meme", "rows"]

_PAIR = "toxic_ru__Toxic_Memes_Detection_Dataset"

SOURCE = Source(
    name="toxic_memes_ru",
    title="Toxic Memes Detection Dataset",
    pairs=(_PAIR,),
    licence=Licence("no licence named", may_be_passed_on=False),
    citation="known from MemeLens: Multilingual Multitask VLMs for Memes, arXiv 2601.12539 (2026)",
    homepage="https://huggingface.co/datasets/QCRI/MemeLens",
    files=f"{_PAIR}/ of the released corpus, with train-*.parquet, validation-*.parquet and test-*.parquet",
    official_test={_PAIR: f"{_PAIR}/test-*.parquet"},
)


def rows(folder: Folder) -> Iterator[Row]:
    """Rows of that pair."""
    yield from rows_of(folder, SOURCE.pairs)
