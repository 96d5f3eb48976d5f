"""Forgetting deleted posts."""

from collections.abc import Mapping, Sequence

import pytest
from prometheus_client import CollectorRegistry

from memelens.consumer.cache.guarded import GuardedCache
from memelens.consumer.cache.memory import MemoryCache
from memelens.consumer.cache.scores import ScoreCache
from memelens.consumer.clock import ManualClock
from memelens.consumer.errors import CacheUnavailableError
from memelens.consumer.metrics import Metrics
from memelens.consumer.steps.erasing import Erasing


class Outage(MemoryCache):
    """A cache that is down while told so, and notes what was deleted."""

    down = False

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(max_bytes=10**6, ttl_seconds=60, clock=clock)
        self.deleted = 0
        self.asked = 0

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        self.asked += 1
        if self.down:
            raise CacheUnavailableError("down")
        return super().get(keys)

    def put(self, items: Mapping[str, bytes]) -> None:
        super().put(items)

    def delete(self, keys: Sequence[str]) -> None:  # noqa: ARG002 - the contract of Cache
        self.deleted += 1


@pytest.fixture
def clock() -> ManualClock:
    """Stands still."""
    return ManualClock()


@pytest.fixture
def cache(clock: ManualClock) -> Outage:
    """Up, at first."""
    return Outage(clock)


def test_an_outage_is_made_up_for(cache: Outage, clock: ManualClock) -> None:
    """Erasures wait for the cache without asking it all the time, and none is lost."""
    registry = CollectorRegistry()
    erasing = Erasing(ScoreCache(GuardedCache(cache, clock=clock), "model"), clock, Metrics(registry))
    erasing.erase([b"a"])
    assert cache.deleted == 1
    cache.down = True
    erasing.erase([b"b", b"c"])
    erasing.erase([b"d"])
    assert cache.asked == 2
    cache.down = False
    clock.advance(5)
    erasing.erase([])
    assert cache.deleted == 4
    assert registry.get_sample_value("memelens_erase_failures_total") == 0


def test_the_end_is_a_last_attempt(cache: Outage, clock: ManualClock) -> None:
    """What waited for a cache that is back by then is erased; what is left to expire is counted."""
    registry = CollectorRegistry()
    erasing = Erasing(ScoreCache(GuardedCache(cache, clock=clock), "model"), clock, Metrics(registry))
    cache.down = True
    erasing.erase([b"a", b"b"])
    erasing.close()
    assert registry.get_sample_value("memelens_erase_failures_total") == 2
    cache.down = False
    erasing.close()
    assert cache.deleted == 2


def test_what_an_outage_gathered_is_erased_in_portions(cache: Outage, clock: ManualClock) -> None:
    """Thousands of deletions that had to wait don't hold up publishing when the cache is back."""
    erasing = Erasing(ScoreCache(GuardedCache(cache, clock=clock), "model"), clock, Metrics(CollectorRegistry()))
    cache.down = True
    erasing.erase(b"%d" % number for number in range(1200))
    cache.down = False
    clock.advance(5)
    counts = []
    for _ in range(3):
        erasing.erase(())
        counts.append(cache.deleted)
    assert counts == [500, 1000, 1200]
