"""One suite for every cache: what is put comes out again, until it is deleted, expires or is pushed out."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.servers.waiting import eventually

from memelens.consumer.cache.interface import Cache
from memelens.consumer.cache.memory import MemoryCache
from memelens.consumer.clock import SystemClock

MakeCache = Callable[[float], Cache]


@pytest.fixture(
    params=["memory", pytest.param("redis", marks=pytest.mark.redis), pytest.param("cluster", marks=pytest.mark.redis)]
)
def make(request: pytest.FixtureRequest) -> MakeCache:
    """Makes caches of one kind, given how long they keep a value."""
    if request.param == "memory":
        return lambda ttl: MemoryCache(max_bytes=10_000_000, ttl_seconds=ttl, clock=SystemClock())
    make_cache: Callable[..., Cache] = request.getfixturevalue("make_cache")
    if request.param == "redis":
        url = request.getfixturevalue("server").url
        return lambda ttl: make_cache(url, ttl_seconds=ttl, timeout_seconds=2)
    nodes: list[Any] = request.getfixturevalue("cluster")
    return lambda ttl: make_cache(f"redis+cluster://127.0.0.1:{nodes[0].port}", ttl_seconds=ttl, timeout_seconds=2)


def test_values_come_back_in_the_order_asked(make: MakeCache) -> None:
    """Whatever slots or nodes keys lie on; unknown ones are None, asking twice answers twice."""
    cache = make(60)
    items = {f"k{number}": f"v{number}".encode() for number in range(200)}
    cache.put(items)
    asked = ["missing", *reversed(items), "k7"]
    assert cache.get(asked) == [None, *(items[key] for key in reversed(items)), b"v7"]


@pytest.mark.parametrize("value", [b"", b"\x00\xff\r\n", b"x" * 300_000], ids=["empty", "binary", "large"])
def test_any_bytes_are_kept(make: MakeCache, value: bytes) -> None:
    """Values are bytes, not text."""
    cache = make(60)
    cache.put({"k": value})
    assert cache.get(["k"]) == [value]


def test_the_last_put_wins(make: MakeCache) -> None:
    """A key has one value."""
    cache = make(60)
    cache.put({"k": b"old"})
    cache.put({"k": b"new"})
    assert cache.get(["k"]) == [b"new"]


def test_deleted_values_are_gone(make: MakeCache) -> None:
    """Of thousands of keys, known or not, only those that weren't named stay."""
    cache = make(60)
    cache.put({f"k{number}": b"v" for number in range(2500)} | {"other": b"v"})
    cache.delete([f"k{number}" for number in range(3000)])
    assert cache.get(["k0", "k2499", "other"]) == [None, None, b"v"]


def test_nothing_asked_is_nothing_done(make: MakeCache) -> None:
    """Empty calls are fine."""
    cache = make(60)
    assert cache.get([]) == []
    cache.put({})
    cache.delete([])


def test_values_expire(make: MakeCache) -> None:
    """An answer isn't kept for ever."""
    cache = make(0.2)
    cache.put({"k": b"v"})
    eventually(lambda: cache.get(["k"]) == [None], "it has expired", within_seconds=10)


def test_threads_share_a_cache(make: MakeCache) -> None:
    """Every thread reads what it wrote, none gets another's answer."""
    cache, wrong = make(60), []

    def work(name: int) -> None:
        for turn in range(50):
            items = {f"{name}-{turn}-{part}": f"{name}{turn}{part}".encode() for part in range(5)}
            cache.put(items)
            if cache.get(list(items)) != list(items.values()):
                wrong.append((name, turn))

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_closing_twice_is_fine(make: MakeCache) -> None:
    """Cleaning up never raises."""
    cache = make(60)
    cache.get(["k"])
    cache.close()
    cache.close()
