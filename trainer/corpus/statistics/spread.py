"""How numbers are spread, in seven of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

__all__ = ["Spread", "spread_of"]

_PERCENT = (0, 5, 25, 50, 75, 95, 100)


@dataclass(frozen=True, slots=True)
class Spread:
    """Smallest value, percentiles and largest value of `count` numbers; each is one of the numbers."""

    count: int
    least: int
    p5: int
    p25: int
    median: int
    p75: int
    p95: int
    most: int


def spread_of(values: Mapping[int, int]) -> Spread | None:
    """Spread of numbers from how often each is there; None of no numbers."""
    numbers = np.repeat(np.fromiter(values.keys(), np.int64), np.fromiter(values.values(), np.int64))
    if not len(numbers):
        return None
    found = np.percentile(numbers, _PERCENT, method="inverted_cdf")  # a number that is there, never one between two
    return Spread(len(numbers), *(int(one) for one in found))
