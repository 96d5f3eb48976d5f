"""Micro-batches for the engine: closed by count, by age, or by a budget of tokens."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["Batch", "BatchLimits", "Batcher"]

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """A batch closes at the first of these bounds."""

    max_posts: int = 32
    max_age_seconds: float = 0.025
    max_tokens: int = 16384


@dataclass(frozen=True, slots=True)
class Batch(Generic[_Item]):
    """Items to compute together; `age_seconds` is how long the oldest waited."""

    items: list[_Item]
    tokens: int
    age_seconds: float


class Batcher(Generic[_Item]):
    """Collects items in order and hands them out in batches. Times are monotonic seconds. Not safe to share."""

    def __init__(self, limits: BatchLimits) -> None:
        self._limits = limits
        self._waiting: deque[tuple[_Item, int, float]] = deque()
        self._tokens = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, items: Iterable[tuple[_Item, int]], now: float) -> None:
        """Append items with the tokens that each costs."""
        for item, tokens in items:
            self._waiting.append((item, tokens, now))
            self._tokens += tokens

    def due_in(self, now: float) -> float | None:
        """Seconds until a batch is to be taken, 0 where one is; None where nothing waits."""
        if not self._waiting:
            return None
        if len(self._waiting) >= self._limits.max_posts or self._tokens >= self._limits.max_tokens:
            return 0.0
        return max(0.0, self._waiting[0][2] + self._limits.max_age_seconds - now)

    def take(self, now: float) -> Batch[_Item]:
        """The next batch, whether it is due or not: within count and budget, but an item over the budget goes alone.

        Raises:
            IndexError: nothing waits.
        """
        first, tokens, since = self._waiting.popleft()
        items = [first]
        while self._waiting and len(items) < self._limits.max_posts:
            more = self._waiting[0][1]
            if tokens + more > self._limits.max_tokens:
                break
            items.append(self._waiting.popleft()[0])
            tokens += more
        self._tokens -= tokens
        return Batch(items, tokens, now - since)
