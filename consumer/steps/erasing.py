"""Forgetting what the cache holds of deleted posts."""

from collections import deque
from collections.abc import Iterable

import structlog

from ..cache.scores import ScoreCache
from ..clock import Clock
from ..errors import CacheUnavailableError
from ..metrics import Metrics

__all__ = ["Erasing"]

_RETRY_SECONDS = 5.0
_MOST_KEYS = 10_000
_MOST_AT_ONCE = 500  # what an outage has gathered must not hold up what is to be published
_log = structlog.get_logger(__name__)


class Erasing:
    """Erases at once where the cache answers, else later; an outage holds nobody up. One thread.

    What is still to be erased when the process ends, or when too much of it has gathered, is left to expire.
    """

    def __init__(self, cache: ScoreCache, clock: Clock, metrics: Metrics) -> None:
        self._cache, self._clock, self._metrics = cache, clock, metrics
        self._waiting: deque[bytes] = deque()
        self._next_attempt = 0.0

    def erase(self, keys: Iterable[bytes]) -> None:
        """Forget what belongs to the records of these keys, and what earlier calls couldn't; 500 of both together."""
        self._waiting.extend(keys)
        for _ in range(min(len(self._waiting), _MOST_AT_ONCE)):
            if self._clock.monotonic() < self._next_attempt or not self._erase_first():
                break
        while len(self._waiting) > _MOST_KEYS:
            self._waiting.popleft()
            self._metrics.erase_failures.inc()

    def close(self) -> None:
        """A last attempt."""
        self._next_attempt = 0.0
        self.erase(())
        self._metrics.erase_failures.inc(len(self._waiting))

    def _erase_first(self) -> bool:
        try:
            self._cache.erase(self._waiting[0])
        except CacheUnavailableError as error:
            _log.warning("will erase later", waiting=len(self._waiting), reason=str(error))
            self._next_attempt = self._clock.monotonic() + _RETRY_SECONDS
            return False
        self._waiting.popleft()
        return True
