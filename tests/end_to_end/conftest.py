"""Servers of the end-to-end tests."""

from collections.abc import Iterator

import pytest
from tests.servers.redis import shared_redis


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis for the whole session; keys of different tests differ by their salt."""
    with shared_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url
