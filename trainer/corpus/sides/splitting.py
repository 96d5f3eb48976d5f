"""The sides of the corpus: published splits kept, the others chosen, and no meme on two sides.

Memes are the same when they are of one unit or a pair of copies (`SameMeme`). Published test rows stay what they are;
what crosses is put right on the weaker side: a published row is dropped there, a row whose dataset has no split goes
to the stronger one. No row is moved into a published split: scores on a larger one could be compared with nobody's.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...corpora.interface import Split
from ..links import Lists, SameMeme
from .stratifying import Units, stratify

__all__ = ["Memes", "Move", "Sides", "choose_sides"]

_SIDES = (None, Split.TRAIN, Split.VALIDATION, Split.TEST)
"""From the weakest to the strongest; numbers of sides below are places in it."""
_NUMBER = {side: number for number, side in enumerate(_SIDES)}
_TRAIN, _VALIDATION, _TEST = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Memes:
    """n memes of all datasets side by side, as columns: what the choice of sides needs to know, and nothing else.

    `ids` are stable, unique and opaque. `published` is the split in the dataset's own files, None where the dataset has
    none and is split here. `strata` says "pair=label" for each of a meme's rows. Memes of one `unit` (n,) are one meme
    beyond doubt: one group id, equal image bytes, or without pictures the very same text. `copies` (m, 2) are memes of
    different units that are the same by picture and text; that isn't transitive.
    """

    ids: Sequence[str]
    dataset: Sequence[str]
    published: Sequence[Split | None]
    strata: Sequence[tuple[str, ...]]
    unit: NDArray[np.int64]
    copies: NDArray[np.int64]

    def reordered(self, order: NDArray[np.int64]) -> "Memes":
        """The same memes with row `order[i]` (n,) at place i."""
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        return Memes(
            [self.ids[one] for one in order],
            [self.dataset[one] for one in order],
            [self.published[one] for one in order],
            [self.strata[one] for one in order],
            self.unit[order],
            place[self.copies.reshape(-1, 2)],
        )


@dataclass(frozen=True, slots=True)
class Move:
    """A meme that isn't where it was published, or where it would have been dealt to, because of another meme.

    `meme` and `because` are places in the columns. `before` is the published side, `after` None for a meme that was
    dropped. `because` stands on the side that `reason` says, unless it was dropped itself later on.
    """

    meme: int
    before: Split | None
    after: Split | None
    reason: str
    because: int


@dataclass(frozen=True, slots=True)
class Sides:
    """Side of each meme, None for a dropped one; what moved, by id; memes carved out as validation, by dataset."""

    side: Sequence[Split | None]
    moves: Sequence[Move]
    carved: Mapping[str, int]


def choose_sides(memes: Memes, *, shares: Mapping[Split, float], seed: int) -> Sides:
    """Sides of n memes, whatever the order of their rows.

    `shares` are what each side should hold of a dataset that is split here; they needn't sum to 1. Of a dataset with a
    published test but no validation split, validation/(train + validation) of the training rows become validation.

    Raises:
        ValueError: no share is above zero, or one is below.
    """
    if min(shares.values(), default=0) < 0 or not any(shares.values()):
        raise ValueError(f"shares of the sides should be positive, not {dict(shares)}")
    order = np.array(sorted(range(len(memes.ids)), key=memes.ids.__getitem__), dtype=np.int64)
    choice = _Choice(memes.reordered(order), {_NUMBER[side]: share for side, share in shares.items()}, seed)
    choice.make()
    side: list[Split | None] = [None] * len(order)
    for place, number in zip(order.tolist(), choice.side.tolist(), strict=True):
        side[place] = _SIDES[number]
    moves = [_at(choice.moves[meme], order) for meme in sorted(choice.moves)]
    return Sides(side, moves, _carved(memes, side))


def _at(move: Move, order: NDArray[np.int64]) -> Move:
    return Move(int(order[move.meme]), move.before, move.after, move.reason, int(order[move.because]))


def _carved(memes: Memes, side: Sequence[Split | None]) -> Mapping[str, int]:
    rows = zip(memes.dataset, memes.published, side, strict=True)
    return Counter(name for name, before, after in rows if (before, after) == (Split.TRAIN, Split.VALIDATION))


class _Choice:
    """Sides as far as they are chosen, of memes in the order of their ids. 0: not yet, or dropped."""

    def __init__(self, memes: Memes, shares: Mapping[int, float], seed: int) -> None:
        self._memes, self._shares, self._seed = memes, shares, seed
        self._same = SameMeme(memes.unit, memes.copies)
        self._published = np.array([_NUMBER[split] for split in memes.published], dtype=np.int8)
        self.side = self._published.copy()
        self.moves: dict[int, Move] = {}
        """The last of each meme: one that was placed with another can still be dropped."""

    def make(self) -> None:
        self._drop_crossing()
        carving = {side: self._shares.get(side, 0) for side in (_TRAIN, _VALIDATION)}
        if all(carving.values()):
            self._place(self._to_be_carved(), carving)
        self._place(self._published == 0, self._shares)
        self._drop_crossing()

    def _drop_crossing(self) -> None:
        """Drop what is the same meme as a row on a stronger side.

        Validation comes first, so that no training row is dropped for a validation row that isn't there any more.
        """
        for weaker in (_VALIDATION, _TRAIN):
            strongest = self._same.strongest(self.side)
            crossing = (self.side == weaker) & (strongest > weaker)
            for meme in np.flatnonzero(crossing).tolist():
                reason, because = self._cause(meme, self.side, int(strongest[meme]))
                self.moves[meme] = Move(meme, self._memes.published[meme], None, reason, because)
            self.side[crossing] = 0

    def _to_be_carved(self) -> NDArray[np.bool_]:
        """Training rows (n,) of the datasets that publish a test but no validation split."""
        published = {*zip(self._memes.dataset, self._published.tolist(), strict=True)}
        datasets = {name for name, side in published if side == _TEST and (name, _VALIDATION) not in published}
        ours = np.array([name in datasets for name in self._memes.dataset], dtype=np.bool_)
        return np.asarray(ours & (self.side == _TRAIN))

    def _place(self, rows: NDArray[np.bool_], shares: Mapping[int, float]) -> None:
        """Place the marked rows (n,): with the same memes that are placed already, the others stratified."""
        self.side[rows] = 0
        before = self.side.copy()
        direct = np.where(rows, self._same.strongest(before), 0).astype(np.int8)
        places = np.flatnonzero(rows)
        names, unit = np.unique(self._same.unit[places], return_inverse=True)
        forced = np.zeros(len(names), dtype=np.int8)
        np.maximum.at(forced, unit, direct[places])
        self.side[places] = stratify(self._units(places, unit, forced), shares, self._seed)[unit]
        for meme in places[(forced[unit] > 0) & (self.side[places] != self._published[places])].tolist():
            strongest = int(self.side[meme])
            # A meme without a placed copy goes with the mate of its unit that has one.
            reason, because = self._cause(meme, before if direct[meme] == strongest else direct, strongest)
            self.moves[meme] = Move(meme, None, _SIDES[strongest], reason, because)

    def _cause(self, meme: int, side: NDArray[np.int8], wanted: int) -> tuple[str, int]:
        """Why a meme goes or is dropped, and the same meme on that side that it is for."""
        row = f"as a {_SIDES[wanted]} row"
        mate = self._same.mate(meme, side, wanted)
        if mate is not None:
            return f"same group, bytes or text {row}", mate
        return f"same picture and text {row}", self._same.copy(meme, side, wanted)

    def _units(self, places: NDArray[np.int64], unit: NDArray[np.int64], forced: NDArray[np.int8]) -> Units:
        """Units of the memes at these places, each in `unit` (counted from 0)."""
        ids = [""] * len(forced)
        rows: list[list[str]] = [[] for _ in ids]
        datasets: list[list[str]] = [[] for _ in ids]
        for meme, one in zip(places.tolist(), unit.tolist(), strict=True):
            ids[one] = ids[one] or self._memes.ids[meme]
            rows[one].extend(self._memes.strata[meme])
            datasets[one].append(self._memes.dataset[meme])
        local = np.full(len(self.side), -1)
        local[places] = unit
        pairs = local[self._memes.copies]
        copies = Lists.of_neighbours(pairs[(pairs >= 0).all(axis=1)], len(ids))
        return Units(ids, [sorted(of_unit) for of_unit in rows], [sorted(names) for names in datasets], copies, forced)
