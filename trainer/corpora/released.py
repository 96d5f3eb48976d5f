"""The released corpus, QCRI/MemeLens on the hub: every pair with its splits, explanations and their judgement.

A folder for each pair, `<configuration>/<split>-<shard>-of-<shards>.parquet`, pictures inside the rows. It comes after
its makers' filtering and label folding; a user who has the datasets' own files builds from those.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from ...taxonomy import PAIRS
from .folder import Folder
from .interface import JUDGED, LeftOut, Licence, Meme, Row, Source
from .parquet import PICTURE, read_parquet
from .problems import RowError
from .shards import files_of_pairs

__all__ = ["NO_LABEL", "SOURCE", "meme", "rows", "rows_of"]

NO_LABEL = "none"
"""How an export in this layout says that none of a set's labels holds, where several may hold at once."""

_COLUMNS = ("id", PICTURE, "text", "label")
_OPTIONAL = ("explanation", "native_label", "native_task_description", "native_explanation", *JUDGED)
_MULTIPLE = frozenset(pair.configuration for pair in PAIRS if pair.label_set.multiple)

# What its makers wrote where a row had no label.
_WITHOUT_LABEL = {
    ("Harmful_en__HarMeme", "not-specified"): "no harm label",
    ("Misogyny_Categories_hi_en__MIMIC2024", "Unspecified"): "no kind named, whether misogynous or not",
}

SOURCE = Source(
    name="memelens",
    title="MemeLens, as released",
    pairs=tuple(pair.configuration for pair in PAIRS),
    licence=Licence("see each dataset (its card says MIT, its repository CC BY-NC 4.0)", may_be_passed_on=False),
    citation="MemeLens: Multilingual Multitask VLMs for Memes, arXiv 2601.12539 (2026)",
    homepage="https://huggingface.co/datasets/QCRI/MemeLens",
    files="<configuration>/ with train-*.parquet, validation-*.parquet and test-*.parquet, for any of the pairs",
    official_test={pair.configuration: f"{pair.configuration}/test-*.parquet" for pair in PAIRS},
)


def rows(folder: Folder) -> Iterator[Row]:
    """Rows of all its pairs that are there and wanted."""
    yield from rows_of(folder, SOURCE.pairs)


def rows_of(folder: Folder, pairs: Sequence[str]) -> Iterator[Row]:
    """Rows of these pairs, as far as they are there and wanted: train, validation and test of each."""
    for pair, split, name in files_of_pairs(folder, [pair for pair in pairs if folder.wants(pair)]):
        for row in read_parquet(folder, name, _COLUMNS, optional=_OPTIONAL, split=split):
            yield replace(row, values={**row.values, "configuration": pair})


def meme(row: Row) -> Meme | LeftOut:
    """One pair's label of a meme. Ids are unique in a split, not over a pair: the key holds both."""
    pair, label = row.text("configuration"), row.text("label")
    if reason := _WITHOUT_LABEL.get((pair, label)):
        return LeftOut(reason, (pair,))
    key = f"{pair}/{row.split}/{row.id('id')}"
    return Meme(
        key=key,
        labels={pair: _several(label) if pair in _MULTIPLE else label},
        text=_optional(row, "text") or "",
        image=_optional(row, PICTURE) or key,
        split=row.split,
        explanation=_optional(row, "explanation"),
        native_label=_optional(row, "native_label"),
        native_task_description=_optional(row, "native_task_description"),
        native_explanation=_optional(row, "native_explanation"),
        judgement=_judgement(row),
    )


def _several(label: str) -> tuple[str, ...]:
    return () if label == NO_LABEL else tuple(one.strip() for one in label.split(","))


def _optional(row: Row, name: str) -> str | None:
    return None if row.values.get(name) is None else row.text(name)


def _judgement(row: Row) -> Mapping[str, float]:
    judged = {name: [*_scores(name, row.values.get(name))] for name in JUDGED}
    marks = {name: fmean(scores) for name, scores in judged.items() if scores}
    for name, mark in marks.items():
        if not 1 <= mark <= 5:
            raise RowError(f"{name} should be from 1 to 5", str(mark))
    return marks


def _scores(name: str, value: object) -> Iterator[float]:
    """A mark, or the scores of each judge on each criterion: the card has one, older revisions the other."""
    if isinstance(value, Mapping):
        inner = [value["score"]] if "score" in value else value.values()
        for one in inner:
            yield from _scores(name, one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if not math.isnan(value):  # a float column's way to say that there is none
            yield value
    elif value is not None:
        raise RowError(f"{name} should be a number", str(value))
