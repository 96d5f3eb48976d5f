"""Redis that isn't there, dies, hangs, refuses us, forgets or is full: a bounded delay, a clear error, and on."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.servers.waiting import eventually

from memelens.consumer.cache.guarded import GuardedCache
from memelens.consumer.cache.redis import RedisCache
from memelens.consumer.clock import SystemClock
from memelens.consumer.errors import CacheUnavailableError

pytestmark = pytest.mark.redis
MakeCache = Callable[..., RedisCache]
SECRET = "tr0ub4dor-and-3"
TIMEOUT_SECONDS = 0.2


def test_a_server_that_comes_later_is_used(make_server: Callable[..., Any], make_cache: MakeCache) -> None:
    """Stopped at start, the cache raises without delay; as soon as Redis is there it works, without a new object."""
    server = make_server()
    cache = make_cache(server.url)
    started = time.monotonic()
    with pytest.raises(CacheUnavailableError, match=r"127\.0\.0\.1"):
        cache.get(["k"])
    assert time.monotonic() - started < 1
    server.start()
    cache.put({"k": b"v"})
    assert cache.get(["k"]) == [b"v"]


def test_a_server_that_dies_and_comes_back_is_used_again(server: Any, make_cache: MakeCache) -> None:
    """Connections of before don't matter."""
    cache = make_cache(server.url)
    cache.put({"k": b"v"})
    server.kill()
    for call in (lambda: cache.get(["k"]), lambda: cache.put({"k": b"v"}), lambda: cache.delete(["k"])):
        with pytest.raises(CacheUnavailableError):
            call()
    server.start()
    assert cache.get(["k"]) == [None]


def test_a_frozen_server_costs_one_timeout(server: Any, make_cache: MakeCache) -> None:
    """A call ends after about the timeout, and an answer that comes too late is never taken for another's."""
    cache = make_cache(server.url, timeout_seconds=TIMEOUT_SECONDS)
    cache.put({"a": b"of a", "b": b"of b"})
    server.freeze()
    started = time.monotonic()
    with pytest.raises(CacheUnavailableError, match="Timeout"):
        cache.get(["a"])
    assert time.monotonic() - started < 5 * TIMEOUT_SECONDS
    server.thaw()
    assert cache.get(["b"]) == [b"of b"]


def test_a_frozen_server_soon_costs_nothing(server: Any, make_cache: MakeCache) -> None:
    """Behind the guard, a hundred calls cost three timeouts; after the thaw a probe closes the breaker."""
    cache = make_cache(server.url, timeout_seconds=TIMEOUT_SECONDS)
    guarded = GuardedCache(cache, clock=SystemClock(), probe_seconds=5 * TIMEOUT_SECONDS)
    guarded.put({"k": b"v"})
    server.freeze()
    started = time.monotonic()
    assert [guarded.get(["k"]) for _ in range(100)] == [[None]] * 100
    assert time.monotonic() - started < 10 * TIMEOUT_SECONDS
    assert guarded.is_open
    server.thaw()
    eventually(lambda: guarded.get(["k"]) == [b"v"], "the cache is used again", within_seconds=10)
    assert not guarded.is_open


@pytest.mark.parametrize("used", ["wrong", None], ids=["wrong", "missing"])
def test_a_wrong_password_is_told_and_never_shown(
    make_server: Callable[..., Any], make_cache: MakeCache, used: str | None
) -> None:
    """The error names the setting; no secret stands in it, in the object, or in what caused it."""
    server = make_server()
    server.start(SECRET)
    password = f":{SECRET}-{used}@" if used else ""
    cache = make_cache(f"redis://{password}127.0.0.1:{server.port}/0")
    with pytest.raises(CacheUnavailableError, match="MEMELENS_CACHE") as caught:
        cache.get(["k"])
    shown = f"{caught.value!r} {caught.value.__cause__!r} {cache!r} {cache.url}"
    assert SECRET not in shown
    assert f"127.0.0.1:{server.port}" in shown


def test_the_right_password_lets_us_in(make_server: Callable[..., Any], make_cache: MakeCache) -> None:
    """Credentials in the URL are used."""
    server = make_server()
    server.start(SECRET)
    cache = make_cache(f"redis://:{SECRET}@127.0.0.1:{server.port}/0")
    cache.put({"k": b"v"})
    assert cache.get(["k"]) == [b"v"]


def test_a_flushed_server_is_all_misses(server: Any, make_cache: MakeCache) -> None:
    """Forgetting is no error."""
    cache = make_cache(server.url)
    cache.put({"k": b"v"})
    server.client().flushall()
    assert cache.get(["k"]) == [None]


def test_a_full_server_is_an_error_of_the_cache(make_server: Callable[..., Any], make_cache: MakeCache) -> None:
    """What Redis refuses to store is no crash."""
    server = make_server("--maxmemory", "2mb", "--maxmemory-policy", "noeviction")
    server.start()
    cache = make_cache(server.url, timeout_seconds=2)
    with pytest.raises(CacheUnavailableError, match="memory"):
        cache.put({f"k{number}": bytes(100_000) for number in range(100)})


def test_values_written_together_expire_together(server: Any, make_cache: MakeCache) -> None:
    """Within a call one expiry, up to a tenth below the setting; calls differ."""
    cache = make_cache(server.url, ttl_seconds=1000)
    for call in range(20):
        cache.put({f"{call}-{part}": b"v" for part in range(3)})
    left = [[server.client().pttl(f"{call}-{part}") for part in range(3)] for call in range(20)]
    assert all(max(times) - min(times) < 100 for times in left)
    assert all(880_000 < times[0] <= 1_000_000 for times in left)
    assert max(times[0] for times in left) - min(times[0] for times in left) > 10_000


def test_a_dead_node_of_a_cluster_has_a_bounded_cost(cluster: list[Any], make_cache: MakeCache) -> None:
    """Frozen or dead, a call on a half-gone cluster ends."""
    cache = make_cache(f"redis+cluster://127.0.0.1:{cluster[0].port}", timeout_seconds=TIMEOUT_SECONDS)
    keys = [f"k{number}" for number in range(20)]
    cache.put(dict.fromkeys(keys, b"v"))
    cluster[1].freeze()
    started = time.monotonic()
    with pytest.raises(CacheUnavailableError):
        cache.get(keys)
    assert time.monotonic() - started < 20 * TIMEOUT_SECONDS
    cluster[1].thaw()
    deadline = time.monotonic() + 10
    while True:
        try:
            assert cache.get(keys) == [b"v"] * 20
            break
        except CacheUnavailableError:
            assert time.monotonic() < deadline
