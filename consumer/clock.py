"""Time as a dependency: the system's clock, and one that a test turns by hand."""

import threading
import time
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["LAST_MS", "Clock", "ManualClock", "SystemClock", "utc_time"]

_FIRST_MS = -62_135_596_800_000  # year 1
LAST_MS = 253_402_300_799_000
"""The last second of the year 9999, in milliseconds since the epoch."""


class Clock(Protocol):
    """Tells the time and waits."""

    def time(self) -> float:
        """Seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards, from an arbitrary start."""
        ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until `event` is set or `seconds` have passed; True where it was set."""
        ...


class SystemClock:
    """The machine's clock."""

    def time(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)


class ManualClock:
    """A clock that stands still until it is advanced; waiting advances it at once."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._now = now
        self._lock = threading.Lock()

    def time(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.advance(0 if event.is_set() else seconds)
        return event.is_set()

    def advance(self, seconds: float) -> None:
        """Move time on."""
        with self._lock:
            self._now += seconds


def utc_time(milliseconds: float) -> datetime:
    """Time since the epoch in UTC; a producer's time outside the calendar is moved to its end."""
    return datetime.fromtimestamp(min(max(milliseconds, _FIRST_MS), LAST_MS) / 1000, UTC)
