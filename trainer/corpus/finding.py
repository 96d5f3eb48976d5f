"""Finding the memes that are the same among all of them: units beyond doubt, and copies by picture and text."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from .links import Lists
from .neighbours import near_hashes
from .sameness import NEAR_HASH, same_picture_and_text

__all__ = ["Looks", "NearPictures", "find_copies", "find_units"]

_BLOCK = 1_000_000  # pairs in memory at a time


@dataclass(frozen=True, slots=True)
class Looks:
    """What the relation needs to know of n memes.

    `texts` are normalised. `digests` are the images' SHA-256, None for a meme without a picture. `picture` (n,) is the
    row of a meme's picture in `hashes` (p, 32), -1 where it has none or one too flat for a hash; memes with equal image
    bytes share a row.
    """

    groups: Sequence[str | None]
    digests: Sequence[str | None]
    texts: Sequence[str]
    picture: NDArray[np.int64]
    hashes: NDArray[np.uint8]


def find_units(looks: Looks) -> NDArray[np.int64]:
    """(n,) number of each meme's unit: one group id, equal image bytes, or, without pictures, the very same text."""
    names = [
        *((index, f"group {group}") for index, group in enumerate(looks.groups) if group is not None),
        *((index, f"bytes {digest}") for index, digest in enumerate(looks.digests) if digest is not None),
        *((index, f"text {looks.texts[index]}") for index in _without_picture(looks)),
    ]
    count = len(looks.groups)
    node: dict[str, int] = {}
    links = [(index, node.setdefault(name, count + len(node))) for index, name in names]
    one, other = np.array(links, np.int64).reshape(-1, 2).T
    size = count + len(node)
    graph = coo_array((np.ones(len(links), np.bool_), (one, other)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1][:count], np.int64)


class NearPictures:
    """Pictures that are near by hash, of one template at least: searched once, kept in a file, given in blocks (m, 2).

    There can be many millions: twenty thousand memes on one template are 200 million pairs.
    """

    def __init__(self, hashes: NDArray[np.uint8], path: Path) -> None:
        self._path = path
        with path.open("wb") as file:
            for block in near_hashes(hashes, NEAR_HASH):
                file.write(block.tobytes())

    def __call__(self) -> Iterator[NDArray[np.int64]]:
        with self._path.open("rb") as file:
            while len(pairs := np.fromfile(file, np.int64, 2 * _BLOCK)):
                yield pairs.reshape(-1, 2)


def find_copies(
    looks: Looks, units: NDArray[np.int64], near: NearPictures, alike: Callable[[int, int], bool]
) -> NDArray[np.int64]:
    """(m, 2) memes of different units that are the same by picture and text, each pair once.

    `alike` says of two memes whether the pixels of their pictures are.
    """
    memes_of = _MemesOf(looks.picture, len(looks.hashes))
    found = (_same(looks, memes_of.across(block), units, alike) for block in near())
    return np.unique(np.concatenate([*found, _equal_texts(looks, units)]), axis=0)


def _without_picture(looks: Looks) -> Iterator[int]:
    return (index for index, text in enumerate(looks.texts) if text and looks.digests[index] is None)


class _MemesOf:
    """The memes of each picture."""

    def __init__(self, picture: NDArray[np.int64], count: int) -> None:
        shown = np.flatnonzero(picture >= 0)
        lists = Lists.of_members(picture[shown], count)
        self._items, self._starts, self._counts = shown[lists.items], lists.starts, np.diff(lists.starts)

    def across(self, block: NDArray[np.int64]) -> NDArray[np.int64]:
        """(k, 2) memes, the smaller first: every one of the first picture of each pair with every one of the second."""
        one, other = block.T
        products = self._counts[one] * self._counts[other]
        row = np.repeat(np.arange(len(block)), products)
        place = np.arange(len(row)) - np.repeat(np.cumsum(products) - products, products)
        first, second = np.divmod(place, self._counts[other[row]])
        pairs = np.column_stack([self._starts[one[row]] + first, self._starts[other[row]] + second])
        return np.sort(self._items[pairs], axis=1)


def _same(
    looks: Looks,
    pairs: NDArray[np.int64],
    units: NDArray[np.int64],
    alike: Callable[[int, int], bool],
) -> NDArray[np.int64]:
    pairs = pairs[units[pairs[:, 0]] != units[pairs[:, 1]]]
    hashes = looks.hashes[looks.picture[pairs]]  # (m, 2, 32)
    distances = np.bitwise_count(hashes[:, 0] ^ hashes[:, 1]).sum(axis=1, dtype=np.int64)
    return pairs[same_picture_and_text(pairs, distances, looks.texts, alike)]


def _equal_texts(looks: Looks, units: NDArray[np.int64]) -> NDArray[np.int64]:
    """Memes without a picture and those with one and the very same text."""
    by_text: dict[str, list[int]] = defaultdict(list)
    for index in _without_picture(looks):
        by_text[looks.texts[index]].append(index)
    pairs = [
        (min(bare, index), max(bare, index))
        for index, text in enumerate(looks.texts)
        if looks.digests[index] is not None
        for bare in by_text.get(text, ())
        if units[bare] != units[index]
    ]
    return np.array(pairs, np.int64).reshape(-1, 2)
