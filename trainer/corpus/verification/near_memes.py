"""Memes on different sides whose pictures are near by hash: the same template at least."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from ...corpora.interface import Split
from ..pictures.fingerprints import HASH_BYTES
from ..progress import Progress
from .comparing import near_across
from .looks import Look

__all__ = ["near_memes"]

_GIVEN_TOGETHER = 50_000
_TOLD_TOGETHER = 500
_OPPOSED = (
    ((Split.TRAIN,), (Split.VALIDATION, Split.TEST)),
    ((Split.VALIDATION,), (Split.TEST,)),
)


def near_memes(looks: Sequence[Look], progress: Progress) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Blocks of memes (k, 2), the one on the earlier side first, and the bits (k,) in which their hashes differ."""
    opposed = [(_Hashes(looks, earlier), _Hashes(looks, later)) for earlier, later in _OPPOSED]
    progress.begin("comparing pictures", sum(len(one.rows) for one, _ in opposed))
    for one, other in opposed:
        near = _near(one, other, progress.advance)
        while block := list(islice(near, _GIVEN_TOGETHER)):
            table = np.array(block, np.int64)
            yield table[:, :2], table[:, 2]


class _Hashes:
    """The distinct hashes (n, 32) on some sides, and the memes that have each."""

    def __init__(self, looks: Sequence[Look], sides: tuple[Split, ...]) -> None:
        members: defaultdict[bytes, list[int]] = defaultdict(list)
        for place, look in enumerate(looks):
            if look.side in sides and look.perceptual_hash is not None:
                members[look.perceptual_hash].append(place)
        self.rows = np.frombuffer(b"".join(members), np.uint8).reshape(-1, HASH_BYTES)
        self.members = list(members.values())


def _near(one: _Hashes, other: _Hashes, advance: Callable[[int], None]) -> Iterator[tuple[int, int, int]]:
    """Every meme of a hash with every meme of a near one, and the bits."""
    for row, (near, distances) in enumerate(near_across(one.rows, other.rows), 1):
        for place, bits in zip(near.tolist(), distances.tolist(), strict=True):
            yield from ((a, b, bits) for a in one.members[row - 1] for b in other.members[place])
        if row % _TOLD_TOGETHER == 0:
            advance(_TOLD_TOGETHER)
    advance(len(one.rows) % _TOLD_TOGETHER)
