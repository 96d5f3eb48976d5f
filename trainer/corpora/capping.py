"""A cap on the rows of a large dataset: which of its training rows are too many."""

import hashlib
from collections.abc import Iterable, Sequence

from ..errors import SourcesError
from .folder import Folder

__all__ = ["over_the_cap"]


def over_the_cap(folder: Folder, default: int, whole: int, strata: Sequence[Iterable[str]]) -> frozenset[str]:
    """Ids of training rows that are too many for the source's `cap` in sources.yaml, 0 for all rows.

    `whole` rows beside them are always kept. The same share of each stratum is too many. Which rows these are depends
    on a hash of dataset and id alone: neither on their order nor on how the files are cut.

    Raises:
        SourcesError: the cap is no number of rows, or leaves no room for training.
    """
    ranked = [sorted(set(ids), key=lambda one: _rank(folder.dataset, one)) for ids in strata]
    total = sum(map(len, ranked))
    room = _room(folder, default, whole, total)
    over: list[str] = []
    seen = kept = 0
    for ids in ranked:
        seen += len(ids)
        count = round(room * seen / total) - kept if total else 0
        kept += count
        over += ids[count:]
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


def _rank(dataset: str, one: str) -> bytes:
    return hashlib.sha256(f"{dataset}/{one}".encode()).digest()
