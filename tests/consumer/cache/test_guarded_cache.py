"""The circuit breaker: an outage is a run of misses, cheap and visible."""

from collections.abc import Mapping, Sequence

import structlog

from memelens.consumer.cache.guarded import GuardedCache
from memelens.consumer.clock import ManualClock
from memelens.consumer.errors import CacheUnavailableError


class Flaky:
    """A cache that works or doesn't, as it is told; counts what reaches it."""

    url = "flaky://"

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.calls = 0

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        self._work()
        return [b"v" for _ in keys]

    def put(self, items: Mapping[str, bytes]) -> None:
        del items
        self._work()

    def delete(self, keys: Sequence[str]) -> None:
        del keys
        self._work()

    def close(self) -> None:
        """Nothing to close."""

    def _work(self) -> None:
        self.calls += 1
        if self.error is not None:
            raise self.error


class Diary:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def called(self, operation: str, seconds: float) -> None:
        assert seconds >= 0
        self.lines.append(f"{operation} called")

    def failed(self, operation: str, error: Exception) -> None:
        self.lines.append(f"{operation} failed: {error}")

    def skipped(self, operation: str) -> None:
        self.lines.append(f"{operation} skipped")

    def breaker(self, *, is_open: bool) -> None:
        self.lines.append("opened" if is_open else "closed")


def guarded(flaky: Flaky, clock: ManualClock, diary: Diary | None = None) -> GuardedCache:
    """Opens after three failures, probes every five seconds."""
    return GuardedCache(flaky, clock=clock, observer=diary, failures_to_open=3, probe_seconds=5)


def test_failures_are_misses() -> None:
    """Nothing is raised, whatever the cache raises."""
    flaky, clock = Flaky(), ManualClock()
    cache = guarded(flaky, clock)
    for error in (CacheUnavailableError("down"), RuntimeError("a bug")):
        flaky.error = error
        assert cache.get(["a", "b"]) == [None, None]
    cache.put({"a": b"v"})
    cache.delete(["a"])


def test_an_open_breaker_asks_nothing() -> None:
    """After three failures in a row the cache is left alone; single failures between successes don't count."""
    flaky, clock = Flaky(), ManualClock()
    cache = guarded(flaky, clock)
    for _ in range(10):
        flaky.error = CacheUnavailableError("hiccup")
        cache.get(["a"])
        flaky.error = None
        assert cache.get(["a"]) == [b"v"]
    flaky.error = CacheUnavailableError("down")
    flaky.calls = 0
    for _ in range(100):
        cache.get(["a"])
    assert flaky.calls == 3
    assert cache.is_open


def test_one_probe_at_a_time_finds_out() -> None:
    """Every five seconds one call goes through: it keeps the breaker open, or closes it."""
    flaky, clock, diary = Flaky(), ManualClock(), Diary()
    cache = guarded(flaky, clock, diary)
    flaky.error = CacheUnavailableError("down")
    for _ in range(3):
        cache.get(["a"])
    clock.advance(4.9)
    assert cache.get(["a"]) == [None]
    clock.advance(0.2)
    cache.put({"a": b"v"})
    flaky.error = None
    assert cache.get(["a"]) == [None]
    clock.advance(5)
    assert cache.get(["a"]) == [b"v"]
    assert cache.get(["a"]) == [b"v"]
    assert diary.lines == [
        *["get failed: down"] * 3,
        "opened",
        "get skipped",
        "put failed: down",
        "get skipped",
        "get called",
        "closed",
        "get called",
    ]


def test_each_change_of_the_breaker_is_logged_once() -> None:
    """Whoever is called at night sees when the cache went, why, and when it came back, and no line for each post."""
    flaky, clock = Flaky(), ManualClock()
    cache = guarded(flaky, clock)
    with structlog.testing.capture_logs() as lines:
        flaky.error = CacheUnavailableError("the cache at flaky:// is down")
        for _ in range(50):
            cache.get(["k"])
            clock.advance(1)
        flaky.error = None
        clock.advance(60)
        cache.get(["k"])
        cache.get(["k"])
    assert [(line["event"], line["log_level"]) for line in lines] == [
        ("cache breaker opened", "warning"),
        ("cache breaker closed", "info"),
    ]
    assert (lines[0]["cache"], lines[0]["reason"]) == ("flaky://", "the cache at flaky:// is down")


def test_the_cache_behind_the_guard_can_be_reached() -> None:
    """Who must know whether something was forgotten talks to the cache itself."""
    flaky = Flaky()
    cache = guarded(flaky, ManualClock())
    assert cache.unguarded is flaky
    assert cache.url == flaky.url


def test_one_call_probes_while_the_others_go_on_missing() -> None:
    """A cache that hangs keeps one thread waiting, not every thread that asks meanwhile."""
    clock = ManualClock()

    class Hanging(Flaky):
        """While a call waits, another thread asks too."""

        meanwhile: list[bytes | None] | None = None

        def _work(self) -> None:
            if self.error is None:
                self.meanwhile = cache.get(["b"])
            super()._work()

    hanging = Hanging()
    cache = guarded(hanging, clock)
    hanging.error = CacheUnavailableError("down")
    for _ in range(3):
        cache.get(["a"])
    hanging.error = None
    clock.advance(5)
    assert cache.get(["a"]) == [b"v"]
    assert hanging.meanwhile == [None]
    assert hanging.calls == 4
