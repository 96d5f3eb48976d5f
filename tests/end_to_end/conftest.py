"""Servers of the end-to-end tests."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
from tests.end_to_end.world import MakeWorld, World
from tests.servers.redis import shared_redis


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis for the whole session; keys of different tests differ by their salt."""
    with shared_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def make_world() -> Iterator[MakeWorld]:
    """Worlds on the brokers and caches of a test, closed after it."""
    with ExitStack() as worlds:

        def make(broker_url: str, cache_url: str, **changes: Any) -> World:
            return worlds.enter_context(closing(World(broker_url, cache_url, **changes)))

        yield make
