"""Units of memes dealt out to sides so that every stratum has its share on each.

Iterative stratification (Sechidis, Tsoumakas and Vlahavas, "On the Stratification of Multi-Label Data", ECML PKDD 2011)
over units in place of rows. Rare strata are dealt out first; here the order is fixed from the start, and each stratum
belongs to one dataset, so that one dataset's split never depends on another's. What a side lacks of a stratum is
compared with what is left of it: late rows of a rare stratum have more to say than early ones of a common stratum.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..links import Lists

__all__ = ["Units", "stratify"]

_NEVER_RARE = 2**62


@dataclass(frozen=True, slots=True)
class Units:
    """k units to be placed.

    `ids` are each one's smallest id, `rows` the strata of its rows and `datasets` the dataset of each of its memes, all
    sorted. `copies` lists the units that it has copies among. `forced` (k,) is the side that a unit has to go to, 0
    where it may be chosen.
    """

    ids: Sequence[str]
    rows: Sequence[Sequence[str]]
    datasets: Sequence[Sequence[str]]
    copies: Lists
    forced: NDArray[np.int8]


def stratify(units: Units, shares: Mapping[int, float], seed: int) -> NDArray[np.int8]:
    """Side (k,) of each unit. `shares` are of the sides to choose from; the greater side is the stronger one.

    Units with the rarest stratum come first, then by a hash of the seed and the id. Each goes where its strata lack
    most compared with what is left of them, then where its datasets lack most memes, then by the hash. One with a copy
    among units already placed goes with the strongest of these. In the end no single free unit could be moved to bring
    a stratum, of at least as many units as sides, to a side where it is missing.
    """
    dealing = _Dealing(units, shares, seed)
    dealing.deal()
    dealing.mend()
    return np.array(dealing.side, dtype=np.int8)


class _Account:
    """How many rows of a stratum (or memes of a dataset) stand on each side; 0: those that are still to be placed."""

    __slots__ = ("_shares", "_total", "placed")

    def __init__(self, total: int, shares: Mapping[int, float]) -> None:
        self._shares, self._total = shares, total
        self.placed = Counter({0: total})

    def lacking(self, side: int) -> float:
        return self._shares[side] * self._total - self.placed[side]

    def wanting(self, side: int) -> float:
        """What a side lacks over what it gets if those still to be placed are dealt by shares: 1 where all is well."""
        return self.lacking(side) / (self._shares[side] * self.placed[0])


def _accounts(names: Sequence[Sequence[str]], shares: Mapping[int, float]) -> dict[str, _Account]:
    totals = Counter(name for of_unit in names for name in of_unit)
    return {name: _Account(total, shares) for name, total in totals.items()}


class _Dealing:
    """Where the units stand so far."""

    def __init__(self, units: Units, shares: Mapping[int, float], seed: int) -> None:
        total = sum(shares.values())
        self._shares = {side: share / total for side, share in shares.items() if share > 0}
        self._units = units
        self._strata = _accounts(units.rows, self._shares)
        self._datasets = _accounts(units.datasets, self._shares)
        self._holders = Counter(row for rows in units.rows for row in set(rows))
        self._draws = [int.from_bytes(hashlib.sha256(f"{seed}/{one}".encode()).digest()[:8]) for one in units.ids]
        self.side = [0] * len(units.ids)

    def deal(self) -> None:
        """Place all: first those that have to go somewhere, so that the others make up for them."""
        forced = np.flatnonzero(self._units.forced).tolist()
        for unit in forced:
            self._place(unit, int(self._units.forced[unit]))
        for unit in forced:
            self._take_along(unit)
        for unit in sorted(range(len(self.side)), key=self._turn):
            if not self.side[unit]:
                self._place(unit, self._followed(unit) or self._best(unit))
                self._take_along(unit)

    def _take_along(self, unit: int) -> None:
        """Place a unit's copies at once: left for later, two of them could have been torn apart by then."""
        for copy in self._units.copies[unit].tolist():
            if not self.side[copy]:
                self._place(copy, self._followed(copy))

    def _turn(self, unit: int) -> tuple[int, int]:
        rarest = min((self._holders[row] for row in self._units.rows[unit]), default=_NEVER_RARE)
        return rarest, self._draws[unit]

    def _followed(self, unit: int) -> int:
        return max((self.side[copy] for copy in self._units.copies[unit].tolist()), default=0)

    def _best(self, unit: int) -> int:
        strata = [self._strata[row] for row in self._units.rows[unit]]
        datasets = [self._datasets[name] for name in self._units.datasets[unit]]

        def need(side: int) -> tuple[float, float]:
            wanting = sum(one.wanting(side) for one in strata)
            lacking = sum(one.lacking(side) for one in datasets)
            return round(wanting, 9), round(lacking, 9)  # equal but for the order of adding is equal

        needs = {side: need(side) for side in self._shares}
        most = max(needs.values())
        best = sorted(side for side in needs if needs[side] == most)
        return best[self._draws[unit] % len(best)]

    def _place(self, unit: int, side: int) -> None:
        before, self.side[unit] = self.side[unit], side
        rows, datasets = self._units.rows[unit], self._units.datasets[unit]
        for account in (*(self._strata[row] for row in rows), *(self._datasets[name] for name in datasets)):
            account.placed[side] += 1
            account.placed[before] -= 1

    def mend(self) -> None:
        """Bring strata to sides where they are missing, one unit at a time, as long as that takes none away."""
        rows = sorted((row for row in self._strata if self._missing(row)), key=lambda row: (self._holders[row], row))
        holders = defaultdict[str, list[int]](list)
        for unit in sorted(range(len(self.side)), key=self._draws.__getitem__) if rows else ():
            for row in {*self._units.rows[unit]}.intersection(rows):
                holders[row].append(unit)
        while any(self._mended(side, holders[row]) for row in rows for side in self._missing(row)):
            pass

    def _missing(self, row: str) -> list[int]:
        """Sides where a stratum stands nowhere although it has units enough."""
        enough = self._holders[row] >= len(self._shares)
        return [side for side in self._shares if enough and not self._strata[row].placed[side]]

    def _mended(self, side: int, holders: Iterable[int]) -> bool:
        for unit in holders:
            if self._may_leave(unit):
                self._place(unit, side)
                return True
        return False

    def _may_leave(self, unit: int) -> bool:
        """Whether it is free and not the last to hold a stratum on its side."""
        if self._units.forced[unit] or len(self._units.copies[unit]):
            return False
        rows, side = Counter(self._units.rows[unit]), self.side[unit]
        return all(
            self._strata[row].placed[side] > count or self._holders[row] < len(self._shares)
            for row, count in rows.items()
        )
