"""Memes as columns, invented: small ones with everything in them, and as many of one kind as a test wants."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from hypothesis import strategies as st

from memelens.trainer.corpora.interface import Split
from memelens.trainer.corpus.sides.splitting import Memes

__all__ = ["SHARES", "invented_memes", "joined", "make_memes", "same_pairs", "weighted_rows"]

TRAIN, VALIDATION, TEST = Split.TRAIN, Split.VALIDATION, Split.TEST
SHARES: Mapping[Split, float] = {TRAIN: 0.7, VALIDATION: 0.1, TEST: 0.2}

# What each invented dataset publishes.
_PUBLISHED: Mapping[str, tuple[Split | None, ...]] = {
    "whole": (TRAIN, VALIDATION, TEST),
    "without-validation": (TRAIN, TRAIN, TEST),
    "free": (None,),
    "free-too": (None,),
}


def make_memes(
    published: Sequence[Split | None],
    *,
    strata: Sequence[tuple[str, ...]] = (),
    unit: Sequence[int] = (),
    copies: Iterable[tuple[int, int]] = (),
    dataset: str = "set",
) -> Memes:
    """Memes of one dataset; each a unit and without a stratum where nothing else is said."""
    count = len(published)
    return Memes(
        [f"{dataset}-{place:05d}" for place in range(count)],
        [dataset] * count,
        published,
        strata or [()] * count,
        np.array(unit or range(count), dtype=np.int64),
        np.array([*copies], dtype=np.int64).reshape(-1, 2),
    )


def joined(*parts: Memes, copies: Iterable[tuple[int, int]] = ()) -> Memes:
    """Memes of several datasets; `copies` count through all of them."""
    starts = np.cumsum([0, *(len(part.ids) for part in parts)])
    units = np.cumsum([0, *(int(part.unit.max(initial=0)) + 1 for part in parts)])
    more = np.array([*copies], dtype=np.int64).reshape(-1, 2)
    return Memes(
        [one for part in parts for one in part.ids],
        [one for part in parts for one in part.dataset],
        [one for part in parts for one in part.published],
        [one for part in parts for one in part.strata],
        np.concatenate([part.unit + first for part, first in zip(parts, units, strict=False)]),
        np.concatenate([*(part.copies + first for part, first in zip(parts, starts, strict=False)), more]),
    )


@st.composite
def invented_memes(draw: st.DrawFn, datasets: Sequence[str] = tuple(_PUBLISHED)) -> Memes:
    """Up to thirty memes of datasets of every kind, with units and copies across all of them."""
    of = draw(st.lists(st.sampled_from(datasets), max_size=30))
    count = len(of)
    digits = draw(st.permutations(range(count)))
    unit = draw(st.lists(st.integers(0, 40), min_size=count, max_size=count))
    ends = st.integers(0, max(count - 1, 0))
    copies = draw(st.lists(st.tuples(ends, ends), max_size=12)) if count else []
    return Memes(
        [f"{name}-{digit:02d}" for name, digit in zip(of, digits, strict=True)],
        of,
        [draw(st.sampled_from(_PUBLISHED[name])) for name in of],
        [tuple(f"{name}-pair={one}" for one in draw(st.lists(st.sampled_from("abcd"), max_size=3))) for name in of],
        np.array(unit, dtype=np.int64),
        np.array([one for one in copies if unit[one[0]] != unit[one[1]]], dtype=np.int64).reshape(-1, 2),
    )


def same_pairs(memes: Memes) -> Iterator[tuple[int, int, bool]]:
    """Each two memes that are the same, both ways round, and whether they are of one unit; looked at one by one."""
    copies = {frozenset(pair) for pair in memes.copies.tolist()}
    for one, other in combinations(range(len(memes.ids)), 2):
        mates = bool(memes.unit[one] == memes.unit[other])
        if mates or frozenset((one, other)) in copies:
            yield one, other, mates
            yield other, one, mates


def weighted_rows(count: int, weights: Mapping[str, Sequence[float]], seed: int = 0) -> list[tuple[str, ...]]:
    """Strata of as many memes: for each pair one label, as often as it weighs."""
    random_ = random.Random(seed)
    return [
        tuple(f"{pair}={random_.choices(range(len(of)), of)[0]}" for pair, of in weights.items()) for _ in range(count)
    ]
