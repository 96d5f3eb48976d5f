"""The bound on what is in flight, from poll to acknowledged outputs, in posts and in bytes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["FlowLimits", "InFlight"]

_RESUME_SHARE = 0.5
"""Polling goes on below this share of the bounds: enough is left to work on while the next poll returns."""


@dataclass(frozen=True, slots=True)
class FlowLimits:
    """Polling pauses at the first bound. One poll may pass it, so memory needs room for one more."""

    max_posts: int = 1024
    max_bytes: int = 256 * 1024 * 1024


class InFlight:
    """Counts posts and bytes in flight, and says whether more may be polled. Safe to share between threads."""

    def __init__(self, limits: FlowLimits) -> None:
        self._limits = limits
        self._changed = threading.Condition()
        self._posts = self._bytes = self._picture_bytes = 0
        self._holds = 0
        self._full = False

    @property
    def posts(self) -> int:
        """Posts admitted and neither acknowledged nor dropped."""
        return self._posts

    @property
    def bytes(self) -> int:
        """Their bytes: records, and pictures fetched for those that aren't judged yet."""
        return self._bytes + self._picture_bytes

    def add(self, posts: int, size_bytes: int) -> None:
        """Count in; never waits."""
        with self._changed:
            self._count(posts, size_bytes)

    def release(self, posts: int, size_bytes: int) -> None:
        """Count out what was counted in."""
        with self._changed:
            self._count(-posts, -size_bytes)
            self._changed.notify_all()

    def room(self, record_bytes: float = 0.0) -> int:
        """How many posts of `record_bytes` may be polled now; 0 at a bound until half of it is free, and while held."""
        with self._changed:
            if self._full or self._holds:
                return 0
            posts = self._limits.max_posts - self._posts
            if record_bytes * posts <= self._limits.max_bytes - self.bytes:
                return posts
            return max(1, int((self._limits.max_bytes - self.bytes) / record_bytes))

    def add_picture(self, size_bytes: int) -> None:
        """Count in what was fetched for a post; never waits."""
        with self._changed:
            self._picture_bytes += size_bytes
            self._count(0, 0)

    def release_pictures(self, size_bytes: int) -> None:
        """Count out pictures of posts that are judged."""
        with self._changed:
            self._picture_bytes -= size_bytes
            self._count(0, 0)
            self._changed.notify_all()

    def wait_for_picture_room(self, timeout_seconds: float) -> bool:
        """Wait until pictures alone are below the bound in bytes; False after the timeout.

        Records don't count here: those that wait for an earlier one to be fetched would wait for ever.
        """
        with self._changed:
            return self._changed.wait_for(lambda: self._picture_bytes < self._limits.max_bytes, timeout_seconds)

    def wait_until_empty(self, timeout_seconds: float) -> bool:
        """Wait until nothing is in flight; False after the timeout."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._posts, timeout_seconds)

    @contextmanager
    def held(self) -> Iterator[None]:
        """No room inside, for anyone: a dependency that everything needs doesn't answer."""
        with self._changed:
            self._holds += 1
        try:
            yield
        finally:
            with self._changed:
                self._holds -= 1

    def _count(self, posts: int, size_bytes: int) -> None:
        self._posts += posts
        self._bytes += size_bytes
        share = max(self._posts / self._limits.max_posts, self.bytes / self._limits.max_bytes)
        self._full = share >= (_RESUME_SHARE if self._full else 1.0)
