"""A cap on the rows of a large dataset: which of its training rows are too many."""

import hashlib
from collections.abc import Callable, Mapping
from itertools import groupby

from ..errors import SourcesError
from .folder import Folder
from .interface import Row, Split

__all__ = ["over_the_cap"]


def over_the_cap(
    folder: Folder, default: int, rows: Mapping[str, Row], stratum_of: Callable[[Row], str]
) -> frozenset[str]:
    """Ids of training rows that are too many for the source's `cap` in sources.yaml, 0 for all rows.

    `rows` are all of the dataset by id. Of each stratum the same share is too many. Which rows these are depends on a
    hash of dataset and id alone: neither on their order nor on how the files are cut.

    Raises:
        SourcesError: the cap is no number of rows, or leaves no room for training.
    """
    stratum = {name: stratum_of(row) for name, row in rows.items() if row.split is Split.TRAIN}
    total = len(stratum)
    room = _room(folder, default, len(rows) - total, total)
    ranked = sorted(stratum, key=lambda name: (stratum[name], _rank(folder.dataset, name)))
    over: list[str] = []
    seen = kept = 0
    for _, together in groupby(ranked, stratum.__getitem__):
        names = [*together]
        seen += len(names)
        count = round(room * seen / total) - kept
        kept += count
        over += names[count:]
    return frozenset(over)


def _room(folder: Folder, default: int, whole: int, total: int) -> int:
    cap = folder.options.get("cap", default) or 0
    if not isinstance(cap, int) or isinstance(cap, bool) or cap < 0:
        raise SourcesError(f"{folder.dataset}.cap: should be a number of rows, or 0 for all of them, not {cap!r}")
    if 0 < cap <= whole and total:
        raise SourcesError(
            f"{folder.dataset}.cap: {cap} leaves no training rows beside the {whole} of the published validation and "
            "test splits, which are kept whole; give a greater number, or 0 for all"
        )
    return min(cap - whole, total) if cap else total


def _rank(dataset: str, name: str) -> bytes:
    return hashlib.sha256(f"{dataset}/{name}".encode()).digest()
