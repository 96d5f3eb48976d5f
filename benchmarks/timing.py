"""Interleaved timing: every side runs once in each round, so that what else the machine does hits all alike."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Timings", "interleave"]


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds of each side by round."""

    seconds: Mapping[str, list[float]]

    def median(self, side: str) -> float:
        """Median over the rounds."""
        return statistics.median(self.seconds[side])

    def fastest(self, side: str) -> float:
        """What the side takes when nothing else runs."""
        return min(self.seconds[side])

    def ratio(self, side: str, other: str) -> float:
        """Median over the rounds of how many times as long a side took as the other."""
        pairs = zip(self.seconds[side], self.seconds[other], strict=True)
        return statistics.median(one / two for one, two in pairs)

    def best_ratio(self, side: str, other: str) -> float:
        """Ratio of the fastest rounds."""
        return self.fastest(side) / self.fastest(other)


def interleave(
    sides: Mapping[str, Callable[[], object]],
    *,
    rounds: int,
    warm_up: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> Timings:
    """Run all sides in turn, `warm_up` rounds uncounted. `clock` tells seconds."""
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(warm_up + rounds):
        for name, side in sides.items():
            start = clock()
            side()
            if turn >= warm_up:
                seconds[name].append(clock() - start)
    return Timings(seconds)
