"""Order of leaving: what comes out of the parallel steps waits for what was received before it under the same key."""

from collections import deque
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

__all__ = ["Ordering"]

_Item = TypeVar("_Item", bound=Hashable)


class Ordering(Generic[_Item]):
    """Lets items of equal keys leave in the order in which they entered; items are told apart by identity or hash.

    With the record's key as key, verdicts of a post leave in offset order and nobody else waits; with the partition as
    key, everything of a partition leaves contiguously, as a transaction needs it. Not safe to share between threads.
    """

    def __init__(self) -> None:
        self._queues: dict[Hashable, deque[_Item]] = {}
        self._done: dict[_Item, Hashable] = {}

    def enter(self, key: Hashable, item: _Item) -> None:
        """Take a place behind the earlier items of this key."""
        queue = self._queues.get(key)
        if queue is None:
            self._queues[key] = deque((item,))
        else:
            queue.append(item)

    def leave(self, done: Iterable[tuple[Hashable, _Item]]) -> list[_Item]:
        """Note that these (key, item) are done; all items, old and new, that no earlier one holds back any more."""
        free: list[_Item] = []
        for key, item in done:
            queue = self._queues[key]
            if queue[0] is not item:
                self._done[item] = key
                continue
            free.append(queue.popleft())
            while queue and queue[0] in self._done:
                free.append(queue.popleft())
                del self._done[free[-1]]
            if not queue:
                del self._queues[key]
        return free

    def held_back(self) -> list[_Item]:
        """Items that are done and wait for earlier ones."""
        return list(self._done)
