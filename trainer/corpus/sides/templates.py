"""Templates: pictures that memes are made on, with another text each. Recorded and scored apart, never a leak.

A template is led by one picture, and others join it by being near that one; being near to a follower isn't enough, for
chains of near pictures soon hold everything. The leaders are the first maximal independent set of the near pictures in
an order drawn by hash, found in a few rounds over all pairs (Blelloch, Fineman and Shun, "Greedy Sequential Maximal
Independent Set and Matching are Parallel on Average", SPAA 2012), so that the pairs needn't be in memory together.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ...corpora.interface import Split

__all__ = ["disjoint_memes", "template_ids"]

_Blocks = Iterable[NDArray[np.int64]]
"""Blocks (m, 2) of pictures that are near by hash, in any order and direction."""

_UNDECIDED, _LEADS, _FOLLOWS = 0, 1, 2


def template_ids(
    ids: Sequence[str], own: Sequence[str | None], picture: NDArray[np.int64], near: Callable[[], _Blocks]
) -> list[str | None]:
    """Template of each of n memes: its own, or what the picture it joins is called; None for one without near pictures.

    Args:
        ids: stable ids of the memes; a template that no source names is called by one of them.
        own: what a meme's source calls its template; it is kept, and the picture leads whatever is near to it.
        picture: (n,) each meme's picture as `near` counts them, from 0 without gaps; -1 for a meme without one.
        near: gives all pairs anew, once for each round: two where nothing is near, about ten at most.
    """
    drawn = [(not name, hashlib.sha256(one.encode()).digest()) for one, name in zip(ids, own, strict=True)]
    memes = np.array(sorted(range(len(drawn)), key=drawn.__getitem__), dtype=np.int64)
    shown = memes[picture[memes] >= 0]
    pictures, place = np.unique(picture[shown], return_index=True)
    turn = np.empty(len(pictures), dtype=np.int64)
    turn[np.argsort(place)] = np.arange(len(pictures))
    speaker = shown[np.sort(place)]  # of the picture of each turn, the meme that it is called by
    named = sum(bool(own[meme]) for meme in speaker)  # they have the first turns
    leader = _leaders(lambda: (turn[block] for block in near()), len(pictures), named)
    repeated = np.bincount(turn[picture[shown]], minlength=len(pictures)) > 1
    leader = np.where((leader < 0) & repeated, np.arange(len(pictures)), leader)

    def called(meme: int) -> str | None:
        led = int(leader[turn[picture[meme]]]) if picture[meme] >= 0 else -1
        return own[meme] or (own[speaker[led]] or ids[speaker[led]] if led >= 0 else None)

    return [called(meme) for meme in range(len(ids))]


def _leaders(near: Callable[[], _Blocks], count: int, named: int) -> NDArray[np.int64]:
    """For each of `count` pictures, called by their turn, the first leader that it is near to or itself; -1: near none.

    The first `named` lead in any case, another one as soon as all near ones before it follow somebody.
    """
    state = np.full(count, _UNDECIDED, dtype=np.int8)
    state[:named] = _LEADS
    leader = np.arange(count)
    alone = np.ones(count, dtype=np.bool_)
    while True:
        waiting = np.zeros(count, dtype=np.bool_)
        for block in near():
            before, after = np.sort(block[block[:, 0] != block[:, 1]], axis=1).T
            alone[before] = alone[after] = False
            led = (state[before] == _LEADS) & (after >= named)
            np.minimum.at(leader, after[led], before[led])
            state[after[led]] = _FOLLOWS
            waiting[after[state[before] == _UNDECIDED]] = True
        new = (state == _UNDECIDED) & ~waiting
        state[new] = _LEADS
        # New leaders may still have followers to be told.
        if not new.any() and not (state == _UNDECIDED).any():
            return np.where(alone, -1, leader)


def disjoint_memes(
    side: Sequence[Split | None], template: Sequence[str | None], picture: NDArray[np.int64], near: _Blocks
) -> list[bool | None]:
    """Whether each of n test memes has nothing of its template among training and validation memes.

    That is: none of these has its template id, its picture, or a near one. `picture` and `near` as in `template_ids`.
    None for memes on other sides, and for those of whose template nothing is known: neither a picture with a hash nor
    an id. (A training meme without picture may share a template unseen.)
    """
    learnt = np.array([one in {Split.TRAIN, Split.VALIDATION} for one in side], dtype=np.bool_)
    learnt_templates = {name for name, seen in zip(template, learnt.tolist(), strict=True) if seen and name is not None}
    learnt_picture = np.zeros(int(picture.max(initial=-1)) + 1, dtype=np.bool_)
    learnt_picture[picture[learnt & (picture >= 0)]] = True
    met = learnt_picture.copy()
    for block in near:
        one, other = block.T
        met[one[learnt_picture[other]]] = True
        met[other[learnt_picture[one]]] = True

    def disjoint(where: Split | None, name: str | None, place: int) -> bool | None:
        if where is not Split.TEST or (name is None and place < 0):
            return None
        return name not in learnt_templates and not (place >= 0 and bool(met[place]))

    return [disjoint(*one) for one in zip(side, template, picture.tolist(), strict=True)]
