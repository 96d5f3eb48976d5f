"""Redis servers of the cache's tests, and caches that talk to them."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from tests.servers.redis import RedisServer, running_servers
from tests.servers.waiting import eventually

from memelens.consumer.cache.redis import RedisCache


@pytest.fixture
def make_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., RedisServer]]:
    """Makes servers, not started yet; all are gone after the test."""
    with running_servers(tmp_path_factory) as make:
        yield make


@pytest.fixture
def server(make_server: Callable[..., RedisServer]) -> RedisServer:
    """One running server."""
    one = make_server()
    one.start()
    return one


@pytest.fixture(scope="session")
def cluster_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RedisServer]]:
    """A running cluster of two servers, half of the slots each; two seconds until they know each other."""
    with running_servers(tmp_path_factory) as make:
        nodes = [make("--cluster-enabled", "yes") for _ in range(2)]
        for place, node in enumerate(nodes):
            node.start()
            node.say("CLUSTER", "ADDSLOTS", *range(8192 * place, 8192 * (place + 1)))
        nodes[0].say("CLUSTER", "MEET", "127.0.0.1", str(nodes[1].port))
        for node in nodes:
            eventually(partial(_cluster_is_whole, node), "the cluster is whole")
        yield nodes


@pytest.fixture
def cluster(cluster_nodes: list[RedisServer]) -> list[RedisServer]:
    """The running cluster, empty."""
    for node in cluster_nodes:
        node.client().flushall()
    return cluster_nodes


def _cluster_is_whole(node: RedisServer) -> bool:
    said = node.say("CLUSTER", "INFO")
    info = said if isinstance(said, dict) else dict(line.split(":", 1) for line in said.decode().split() if ":" in line)
    return bool(info["cluster_state"] == "ok" and info["cluster_size"] == "2")


@pytest.fixture
def make_cache() -> Iterator[Callable[..., RedisCache]]:
    """Makes Redis caches with a short timeout; closes them."""
    caches: list[RedisCache] = []

    def make(url: str, *, ttl_seconds: float = 60.0, timeout_seconds: float = 0.2) -> RedisCache:
        caches.append(RedisCache(url, ttl_seconds=ttl_seconds, timeout_seconds=timeout_seconds))
        return caches[-1]

    yield make
    for cache in caches:
        cache.close()
