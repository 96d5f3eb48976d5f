"""What lies between two threads: whole lists go in, whole lists come out."""

import threading
from collections import deque
from collections.abc import Iterable
from typing import Generic, TypeVar

__all__ = ["Mailbox"]

_Item = TypeVar("_Item")


class Mailbox(Generic[_Item]):
    """A queue of items, one lock for each list. Unbounded by itself: what is in flight is bounded (`flow.py`)."""

    def __init__(self) -> None:
        self._items: deque[_Item] = deque()
        self._changed = threading.Condition()

    def put(self, items: Iterable[_Item]) -> None:
        """Append; never waits. Any thread."""
        with self._changed:
            self._items.extend(items)
            self._changed.notify()

    def take(self, max_items: int, timeout_seconds: float) -> list[_Item]:
        """Up to `max_items`, as soon as there is one; empty after the timeout. One thread."""
        with self._changed:
            if not self._items:
                self._changed.wait(timeout_seconds)
            items = self._items
            if len(items) <= max_items:
                taken = list(items)
                items.clear()
                return taken
            return [items.popleft() for _ in range(max_items)]
