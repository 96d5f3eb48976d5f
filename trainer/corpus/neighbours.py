"""Pairs of near 256-bit hashes among many, all of them, without comparing each with each.

Multi-index hashing: M. Norouzi, A. Punjani, D. J. Fleet, "Fast Search in Hamming Space with Multi-Index Hashing", CVPR
2012 (https://arxiv.org/abs/1307.2982). Bits are dealt out to bands of about log2(n) bits. By the pigeonhole principle
two hashes that differ in few bits differ in very few of some band, so only rows whose values in a band are the same or
a few flipped bits apart have to be compared in full.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

__all__ = ["near_hashes"]

_BITS = 256
_BLOCK = 2**18  # pairs compared at once: arrays that stay in the processor's cache
_FEWEST = 16  # rows for which bands are made, so that the shortest has four bits

_Indices = NDArray[np.int64]
_Runs = tuple[_Indices, _Indices, _Indices]


def near_hashes(hashes: NDArray[np.uint8], most: int = 31) -> Iterator[_Indices]:
    """All pairs i < j of rows whose Hamming distance is at most `most`, each once, in blocks of (m, 2) indices.

    Time grows with n to the power of about 1.5 for hashes without structure, and with the number of pairs; memory with
    n alone, however many pairs there are. Meant for distances up to some fifty bits: beyond, flips become many.

    Args:
        hashes: (n, 32) bytes.
        most: bits, 0 to 255.

    Raises:
        ValueError: the array has another shape or type, or `most` is out of range.
    """
    if hashes.ndim != 2 or hashes.shape[1] * 8 != _BITS or hashes.dtype != np.uint8:
        raise ValueError(f"hashes are (n, 32) bytes, not {hashes.shape} of {hashes.dtype}")
    if not 0 <= most < _BITS:
        raise ValueError(f"two hashes may differ in 0 to {_BITS - 1} bits, not {most}")
    words = np.ascontiguousarray(hashes).view(np.uint64)
    bands = _bands(hashes, most)
    for number, band in enumerate(bands):
        for near in _near_in_band(band, words, most):
            pairs = near
            for earlier in bands[:number]:  # which have found theirs
                pairs = pairs[~earlier.near(pairs)]
            if len(pairs):
                yield np.sort(pairs, axis=1)


@dataclass(frozen=True, slots=True)
class _Band:
    """Values (n,) of some of the bits, and in how many bits at most two of them are near."""

    values: NDArray[np.uint32]
    width: int
    radius: int

    def near(self, pairs: _Indices) -> NDArray[np.bool_]:
        differing = self.values[pairs[:, 0]] ^ self.values[pairs[:, 1]]
        return np.asarray(np.bitwise_count(differing) <= self.radius)


def _bands(hashes: NDArray[np.uint8], most: int) -> list[_Band]:
    """Bands in one of which at least any two hashes within `most` bits are near (proposition 1 of the paper, refined).

    With `most` = bands x radius + rest the first rest + 1 bands have that radius, the others one less: two hashes that
    were near in none would differ in `most` + 1 bits.
    """
    count = round(_BITS / math.log2(max(len(hashes), _FEWEST)))
    radius, rest = divmod(most, count)
    bits = np.unpackbits(hashes, axis=1)
    bands = []
    for number in range(count if radius else rest + 1):
        own = bits[:, number::count]  # neighbouring frequencies of a perceptual hash are alike: they are dealt out
        weights = np.left_shift(1, np.arange(own.shape[1], dtype=np.uint32), dtype=np.uint32)
        values = np.asarray(own @ weights, np.uint32)
        bands.append(_Band(values, own.shape[1], radius - (number > rest)))
    return bands


def _near_in_band(band: _Band, words: NDArray[np.uint64], most: int) -> Iterator[_Indices]:
    """Pairs (m, 2) within `most` bits among those that are near in a band."""
    order = np.argsort(band.values, kind="stable")
    columns = np.ascontiguousarray(words[order].T)
    for runs in _runs(band.values[order], band):
        for left, right in _expanded(*runs):
            kept = _within(columns, left, right, most)
            if len(kept):
                yield np.stack([order[left[kept]], order[right[kept]]], axis=1)


def _runs(values: NDArray[np.uint32], band: _Band) -> Iterator[_Runs]:
    """Rows of sorted values, and for each the first row and the length of a run with a near value; each pair once."""
    counts = np.bincount(values, minlength=1 << band.width)
    starts = np.concatenate([[0], np.cumsum(counts)])
    rows = np.arange(len(values))
    yield rows, rows + 1, starts[values + 1] - rows - 1
    occupied = counts > 0
    for highest in range(band.width):
        smaller = np.flatnonzero(values >> highest & 1 == 0)  # of a pair that differs in that bit
        for flipped in _flips(highest, band.radius):
            partners = values[smaller] ^ flipped
            met = np.flatnonzero(occupied[partners])
            first = starts[partners[met]]
            yield smaller[met], first, starts[partners[met] + 1] - first


def _flips(highest: int, most: int) -> Iterator[np.uint32]:
    """Patterns of up to `most` bits, the highest of which is given."""
    for others in range(most):
        for chosen in combinations(range(highest), others):
            yield np.uint32(sum(1 << bit for bit in (highest, *chosen)))


def _expanded(rows: _Indices, first: _Indices, lengths: _Indices) -> Iterator[tuple[_Indices, _Indices]]:
    """Each row beside every row of its run, about `_BLOCK` at once."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    cuts = np.unique([0, *np.searchsorted(ends, np.arange(_BLOCK, total, _BLOCK)) + 1, len(rows)])
    for begin, end in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        count = lengths[begin:end]
        before = np.cumsum(count) - count
        left = np.repeat(rows[begin:end], count)
        yield left, np.arange(len(left)) + np.repeat(first[begin:end] - before, count)


def _within(columns: NDArray[np.uint64], left: _Indices, right: _Indices, most: int) -> _Indices:
    """Which pairs are within `most` bits. Half of the bits tell nearly all that aren't."""

    def differing(word: int, one: _Indices, other: _Indices) -> NDArray[np.uint16]:
        return np.asarray(np.bitwise_count(columns[word][one] ^ columns[word][other]), np.uint16)

    kept = np.flatnonzero(differing(0, left, right) + differing(1, left, right) <= most)
    one, other = left[kept], right[kept]
    distances = sum((differing(word, one, other) for word in range(4)), np.zeros(len(kept), np.uint16))
    return np.asarray(kept[distances <= most])
