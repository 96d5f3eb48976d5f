"""A cache in this process, bounded by bytes: the least recently used entries go first."""

import threading
from collections.abc import Mapping, Sequence

from cachetools import TTLCache

from ..clock import Clock

__all__ = ["MemoryCache"]

_OVERHEAD_BYTES = 600  # key, links of the recency and expiry lists, allocator: measured for 60-character keys


class MemoryCache:
    """Values of up to `max_bytes` in all, overhead included; each is forgotten after `ttl_seconds`."""

    url = "memory://"

    def __init__(self, *, max_bytes: int, ttl_seconds: float, clock: Clock) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._values: TTLCache[str, bytes] = TTLCache(max_bytes, ttl_seconds, timer=clock.monotonic, getsizeof=_size)

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        with self._lock:
            return [self._values.get(key) for key in keys]

    def put(self, items: Mapping[str, bytes]) -> None:
        with self._lock:
            for key, value in items.items():
                if _size(value) <= self._max_bytes:
                    self._values[key] = value

    def delete(self, keys: Sequence[str]) -> None:
        with self._lock:
            for key in keys:
                self._values.pop(key, None)

    def close(self) -> None:
        """Holds nothing but memory."""


def _size(value: bytes) -> int:
    return len(value) + _OVERHEAD_BYTES
