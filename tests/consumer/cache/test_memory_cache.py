"""The cache in memory: its bound."""

import tracemalloc

from memelens.consumer.cache.memory import MemoryCache
from memelens.consumer.clock import ManualClock


def cache(max_bytes: int, clock: ManualClock | None = None) -> MemoryCache:
    """A cache of an hour."""
    return MemoryCache(max_bytes=max_bytes, ttl_seconds=3600, clock=clock or ManualClock())


def test_the_least_recently_used_go_first() -> None:
    """What was read or written lately stays."""
    small = cache(3 * 1000)
    for key in ("a", "b", "c"):
        small.put({key: b"x" * 300})
    small.get(["a"])
    small.put({"d": b"x" * 300})
    assert small.get(["a", "b", "c", "d"]) == [b"x" * 300, None, b"x" * 300, b"x" * 300]


def test_what_is_larger_than_the_cache_is_not_kept() -> None:
    """And pushes nothing out."""
    small = cache(2000)
    small.put({"a": b"small"})
    small.put({"b": b"x" * 5000})
    assert small.get(["a", "b"]) == [b"small", None]


def test_memory_stays_below_the_bound() -> None:
    """The bound is about real memory: a million bytes of small values take no more than a million bytes."""
    bound = 1_000_000
    small = cache(bound)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(20_000):
            small.put({f"memelens:1:s:{number:040d}": bytes(200)})
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert bound / 4 < grown < bound


def test_values_are_forgotten_after_their_time() -> None:
    """The clock is the injected one."""
    clock = ManualClock()
    kept = cache(10_000, clock)
    kept.put({"k": b"v"})
    clock.advance(3599)
    assert kept.get(["k"]) == [b"v"]
    clock.advance(2)
    assert kept.get(["k"]) == [None]
