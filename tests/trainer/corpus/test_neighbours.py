"""Near hashes: all pairs, each once, and not by comparing each with each."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from memelens.trainer.corpus import neighbours
from memelens.trainer.corpus.neighbours import near_hashes

THRESHOLDS = (0, 1, 10, 15, 16, 31, 32, 47, 63)

Hashes = NDArray[np.uint8]
Pairs = NDArray[np.int64]


def random_hashes(seed: int, count: int) -> Hashes:
    """Hashes that have nothing to do with each other."""
    return np.random.default_rng(seed).integers(0, 256, (count, 32), dtype=np.uint8)


def flipped(one: Hashes, bits: list[int]) -> Hashes:
    """A hash with some bits turned over."""
    spread = np.unpackbits(one)
    spread[bits] ^= 1
    return np.packbits(spread)


def gathered(blocks: Iterator[Pairs]) -> list[tuple[int, int]]:
    """All pairs, sorted."""
    return sorted((int(i), int(j)) for block in blocks for i, j in block)


def compared(hashes: Hashes, most: int) -> list[tuple[int, int]]:
    """The same by comparing each with each."""
    distances = np.bitwise_count(hashes[:, None] ^ hashes[None]).sum(axis=2, dtype=np.int64)
    return [(i, j) for i, j in np.argwhere(distances <= most).tolist() if i < j]


@st.composite
def clusters(draw: st.DrawFn) -> Hashes:
    """Hashes of which many are near to each other: copies of a few, with up to 70 bits turned over."""
    centres = random_hashes(draw(st.integers(0, 1000)), draw(st.integers(1, 4)))
    places = st.one_of(
        st.lists(st.integers(0, 255), max_size=70, unique=True),
        st.integers(0, 70).map(lambda width: list(range(width))),  # all in a row
        st.integers(0, 15).map(lambda band: list(range(band, 256, 16))),  # all in one band
    )
    copies = draw(st.lists(st.tuples(st.integers(0, len(centres) - 1), places), max_size=30))
    return np.array([flipped(centres[centre], bits) for centre, bits in copies], np.uint8).reshape(-1, 32)


@pytest.mark.parametrize("most", THRESHOLDS)
@settings(max_examples=30, deadline=None)
@given(hashes=clusters())
def test_the_pairs_are_those_of_comparing_each_with_each(most: int, hashes: Hashes) -> None:
    """Exactly, each once, the smaller index first."""
    assert gathered(near_hashes(hashes, most)) == compared(hashes, most)


@given(count=st.integers(0, 3000), most=st.integers(0, 255))
@settings(max_examples=100, deadline=None)
def test_near_hashes_are_near_in_some_band(count: int, most: int) -> None:
    """No bit stands in two bands; two hashes that are near in none differ in more bits than are asked for."""
    bands = neighbours._bands(np.zeros((count, 32), np.uint8), most)
    assert sum(band.width for band in bands) <= 256
    assert sum(band.radius + 1 for band in bands) == most + 1
    assert all(band.radius >= 0 for band in bands)


@pytest.mark.parametrize("most", [0, 10, 15, 31, 47])
def test_every_planted_neighbour_is_found(most: int) -> None:
    """Among thousands of others, at each distance up to the threshold, and none beyond."""
    hashes, random = random_hashes(1, 4000), np.random.default_rng(2)
    for distance in range(most + 9):
        for again in range(3):
            place = 20 * distance + 2 * again
            hashes[place + 1] = flipped(hashes[place], random.choice(256, distance, replace=False).tolist())
    planted = [20 * distance + 2 * again for distance in range(most + 1) for again in range(3)]
    assert gathered(near_hashes(hashes, most)) == [(place, place + 1) for place in planted]


def test_a_large_cluster_comes_in_blocks() -> None:
    """Half a million pairs of equal hashes, each once, never all of them in memory."""
    hashes = np.repeat(random_hashes(3, 1), 1000, axis=0)
    seen = np.zeros((1000, 1000), np.uint8)
    for block in near_hashes(hashes):
        assert len(block) <= neighbours._BLOCK + 1000
        np.add.at(seen, (block[:, 0], block[:, 1]), 1)
    assert np.array_equal(seen, np.triu(np.ones_like(seen), 1))


def test_few_pairs_are_compared_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few in a hundred, and a smaller share among more."""
    shares = []
    for count in (10_000, 40_000):
        full = counted(monkeypatch)
        assert gathered(near_hashes(random_hashes(4, count))) == []
        shares.append(sum(full) / (count * (count - 1) / 2))
    assert shares[0] < 0.03
    assert shares[1] < shares[0] / 1.5


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of pairs that are compared in full from now on."""
    numbers: list[int] = []
    within = neighbours._within

    def counting(columns: NDArray[np.uint64], left: Pairs, right: Pairs, most: int) -> Pairs:
        numbers.append(len(left))
        return within(columns, left, right, most)

    monkeypatch.setattr(neighbours, "_within", counting)
    return numbers


def test_opposite_hashes_are_far_apart() -> None:
    """256 bits don't fit into eight."""
    hashes = np.array([[0] * 32, [255] * 32], np.uint8)
    assert gathered(near_hashes(hashes, 31)) == []
    assert gathered(near_hashes(hashes, 255)) == []


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_is_near_to_nothing(count: int) -> None:
    """No pair without two."""
    assert gathered(near_hashes(random_hashes(5, count))) == []


@pytest.mark.parametrize(
    ("hashes", "most"),
    [
        (np.zeros((3, 8), np.uint8), 31),
        (np.zeros((3, 32), np.int64), 31),
        (np.zeros(32, np.uint8), 31),
        (np.zeros((3, 32), np.uint8), -1),
        (np.zeros((3, 32), np.uint8), 256),
    ],
    ids=["short", "integers", "one", "less than none", "more than all"],
)
def test_what_makes_no_sense_is_refused(hashes: Hashes, most: int) -> None:
    """Another shape, another type, a distance that can't be."""
    with pytest.raises(ValueError, match="hashes"):
        next(near_hashes(hashes, most))
