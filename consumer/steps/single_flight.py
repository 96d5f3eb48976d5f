"""Equal memes in flight are computed once: the first one leads, the others wait for what it gets."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["SingleFlight"]

_Item = TypeVar("_Item")


class SingleFlight(Generic[_Item]):
    """Items that wait for the same result, by key. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, list[_Item]] = {}

    def join(self, key: str, item: _Item) -> bool:
        """Wait for the result of `key`; True for the first, whose result it will be."""
        with self._lock:
            waiting = self._waiting.get(key)
            if waiting is None:
                self._waiting[key] = [item]
                return True
            waiting.append(item)
            return False

    def land(self, key: str) -> list[_Item]:
        """Everybody who waits for `key`; the next one to join leads again."""
        with self._lock:
            return self._waiting.pop(key)

    def abandon(self, key: str, useless: Callable[[_Item], bool]) -> list[_Item]:
        """Everybody who waits for `key` if all of them are useless by now, else nobody."""
        with self._lock:
            waiting = self._waiting[key]
            return self._waiting.pop(key) if all(useless(item) for item in waiting) else []
