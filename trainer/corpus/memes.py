"""Memes of all datasets side by side as columns: what the choice of sides needs to know, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..corpora.interface import Split

__all__ = ["Memes"]


@dataclass(frozen=True, slots=True)
class Memes:
    """n memes as columns.

    `ids` are stable, unique and opaque. `published` is the split in the dataset's own files, None where the dataset has
    none and is split here. `strata` says "pair=label" for each of a meme's rows. Memes of one `unit` (n,) are one meme
    beyond doubt: one group id, or equal image bytes. `copies` (m, 2) are memes of different units that are the same by
    picture and text; that isn't transitive.
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
