"""A cache that never stops anything: behind a circuit breaker, an outage is a run of misses."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

import structlog

from ..clock import Clock
from .interface import Cache

__all__ = ["CacheObserver", "GuardedCache", "SilentObserver"]

_Result = TypeVar("_Result")
_log = structlog.get_logger(__name__)


class CacheObserver(Protocol):
    """Is told what happens to a cache, on the thread that uses it; raises nothing, waits for nothing."""

    def called(self, operation: str, seconds: float) -> None:
        """`get`, `put` or `delete` succeeded."""
        ...

    def failed(self, operation: str, error: Exception) -> None:
        """It failed, and what was asked for was left out."""
        ...

    def skipped(self, operation: str) -> None:
        """It wasn't tried, since the breaker is open."""
        ...

    def breaker(self, *, is_open: bool) -> None:
        """The breaker opened or closed."""
        ...


class SilentObserver:
    """Wants to know nothing."""

    def called(self, operation: str, seconds: float) -> None: ...

    def failed(self, operation: str, error: Exception) -> None: ...

    def skipped(self, operation: str) -> None: ...

    def breaker(self, *, is_open: bool) -> None: ...


class GuardedCache:
    """A cache whose `get`, `put` and `delete` never raise: a failed `get` is all misses, the others do nothing.

    After `failures_to_open` failures in a row the breaker opens: nothing is asked any more, so that nobody waits for
    timeouts. Every `probe_seconds` one call is let through; if it succeeds, the breaker closes. Both are logged, once.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        clock: Clock,
        observer: CacheObserver | None = None,
        failures_to_open: int = 3,
        probe_seconds: float = 5.0,
    ) -> None:
        self._cache, self._clock = cache, clock
        self._observer: CacheObserver = observer or SilentObserver()
        self._failures_to_open, self._probe_seconds = failures_to_open, probe_seconds
        self._lock = threading.Lock()
        self._failures = 0
        self._next_probe: float | None = None  # None while closed

    @property
    def url(self) -> str:
        return self._cache.url

    @property
    def unguarded(self) -> Cache:
        """The cache behind the guard, whose errors come through."""
        return self._cache

    @property
    def is_open(self) -> bool:
        """Whether calls are left out at the moment."""
        return self._next_probe is not None

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        values = self._guarded("get", lambda: self._cache.get(keys))
        return [None] * len(keys) if values is None else values

    def put(self, items: Mapping[str, bytes]) -> None:
        self._guarded("put", lambda: self._cache.put(items))

    def delete(self, keys: Sequence[str]) -> None:
        self._guarded("delete", lambda: self._cache.delete(keys))

    def close(self) -> None:
        self._cache.close()

    def _guarded(self, operation: str, call: Callable[[], _Result]) -> _Result | None:
        if not self._admitted():
            self._observer.skipped(operation)
            return None
        started = self._clock.monotonic()
        try:
            result = call()
        except Exception as error:  # noqa: BLE001 - whatever happens to a cache, posts go on; the observer is told
            self._failed(operation, error)
            return None
        self._succeeded(operation, self._clock.monotonic() - started)
        return result

    def _admitted(self) -> bool:
        with self._lock:
            if self._next_probe is None:
                return True
            now = self._clock.monotonic()
            if now < self._next_probe:
                return False
            self._next_probe = now + self._probe_seconds  # this call is the probe, the others go on missing
            return True

    def _failed(self, operation: str, error: Exception) -> None:
        with self._lock:
            self._failures += 1
            opens = self._next_probe is None and self._failures >= self._failures_to_open
            if opens or self._next_probe is not None:
                self._next_probe = self._clock.monotonic() + self._probe_seconds
        self._observer.failed(operation, error)
        if opens:
            _log.warning("cache breaker opened", cache=self.url, reason=str(error))
            self._observer.breaker(is_open=True)

    def _succeeded(self, operation: str, seconds: float) -> None:
        with self._lock:
            closes = self._next_probe is not None
            self._failures, self._next_probe = 0, None
        self._observer.called(operation, seconds)
        if closes:
            _log.info("cache breaker closed", cache=self.url)
            self._observer.breaker(is_open=False)
