"""What may be committed of a partition: everything before the first record that isn't finished."""

from collections import deque
from collections.abc import Iterable

__all__ = ["Watermark"]


class Watermark:
    """Watermark of one partition, contiguous in the order received: compaction and transactions leave holes in offsets.

    Not safe to share between threads.
    """

    def __init__(self) -> None:
        self._unfinished: deque[int] = deque()  # and finished ones that wait for an earlier record
        self._finished: set[int] = set()
        self._offset: int | None = None

    def receive(self, offsets: Iterable[int]) -> None:
        """Track records, in the order received."""
        self._unfinished.extend(offsets)

    def finish(self, offsets: Iterable[int]) -> None:
        """These records need never be read again; each was received and not yet finished."""
        finished, waiting = self._finished, self._unfinished
        finished.update(offsets)
        while waiting and waiting[0] in finished:
            offset = waiting.popleft()
            finished.remove(offset)
            self._offset = offset + 1

    @property
    def offset(self) -> int | None:
        """Where to go on reading if nothing after it counted; None until the first record received is finished."""
        return self._offset

    @property
    def unfinished(self) -> int:
        """Records received and not finished."""
        return len(self._unfinished) - len(self._finished)

    @property
    def span(self) -> int:
        """Records that would be read again after a crash now, finished or not."""
        return len(self._unfinished)
