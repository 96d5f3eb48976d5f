"""The relation "same meme": of one unit, or a pair of copies. Never chained: a copy's copy is another meme."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Lists", "SameMeme"]


@dataclass(frozen=True, slots=True)
class Lists:
    """Many short ascending lists in two arrays: list i is `items[starts[i]:starts[i + 1]]`."""

    starts: NDArray[np.int64]
    items: NDArray[np.int64]

    @classmethod
    def of_neighbours(cls, pairs: NDArray[np.int64], count: int) -> "Lists":
        """For each of `count` things those that it is paired with, from pairs (m, 2) in any order and direction."""
        one, other = pairs[pairs[:, 0] != pairs[:, 1]].T
        both = np.unique(np.concatenate([one * count + other, other * count + one]))
        sources, items = np.divmod(both, max(count, 1))
        return cls(np.searchsorted(sources, np.arange(count + 1)), items)

    @classmethod
    def of_members(cls, keys: NDArray[np.int64], count: int) -> "Lists":
        """For each of the keys 0 to `count` - 1 the places (n,) that hold it."""
        items = np.argsort(keys, kind="stable")
        return cls(np.searchsorted(keys[items], np.arange(count + 1)), items)

    def __getitem__(self, one: int) -> NDArray[np.int64]:
        return self.items[self.starts[one] : self.starts[one + 1]]

    def sources(self) -> NDArray[np.int64]:
        """For each item the list that it stands in."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


class SameMeme:
    """Who is the same meme as whom, among n memes. Sides are numbers, the stronger one greater, 0 for none."""

    def __init__(self, unit: NDArray[np.int64], copies: NDArray[np.int64]) -> None:
        names, self.unit = np.unique(unit, return_inverse=True)
        self._members = Lists.of_members(self.unit, len(names))
        self._copies = Lists.of_neighbours(copies, len(unit))
        self._sources = self._copies.sources()

    def strongest(self, side: NDArray[np.int8]) -> NDArray[np.int8]:
        """For each meme the strongest side (n,) on which the same meme stands, its own included; 0 for none."""
        of_unit = np.zeros(len(self._members.starts) - 1, dtype=np.int8)
        np.maximum.at(of_unit, self.unit, side)
        strongest: NDArray[np.int8] = of_unit[self.unit]
        np.maximum.at(strongest, self._sources, side[self._copies.items])
        return strongest

    def mate(self, meme: int, side: NDArray[np.int8], wanted: int) -> int | None:
        """The first meme of its unit that stands on the wanted side, None where there is none."""
        members = self._members[self.unit[meme]]
        standing = members[side[members] == wanted]
        return int(standing[0]) if len(standing) else None

    def copy(self, meme: int, side: NDArray[np.int8], wanted: int) -> int:
        """The first of its copies that stands on the wanted side; there is one."""
        copies = self._copies[meme]
        return int(copies[side[copies] == wanted][0])
