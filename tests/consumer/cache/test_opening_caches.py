"""From a URL to a cache."""

import pytest

from memelens.consumer.cache.interface import Cache
from memelens.consumer.cache.memory import MemoryCache
from memelens.consumer.cache.opening import open_cache
from memelens.consumer.cache.redis import RedisCache
from memelens.consumer.clock import ManualClock
from memelens.consumer.errors import SettingsError


def opened(url: str) -> Cache:
    """The cache of a URL."""
    return open_cache(url, ttl_seconds=60, timeout_seconds=0.1, max_bytes=1000, clock=ManualClock())


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("memory://", MemoryCache),
        ("redis://localhost:1/0", RedisCache),
        ("rediss://localhost:1/0?ssl_cert_reqs=none", RedisCache),
        ("redis+cluster://localhost:1", RedisCache),
    ],
)
def test_every_scheme_has_its_cache(url: str, kind: type) -> None:
    """Opening connects to nothing."""
    assert isinstance(opened(url), kind)


@pytest.mark.parametrize(
    "url",
    [
        "memcached://:hunter2@localhost",
        "redis://",
        "redis://:hunter2@localhost:port",
        "redis://localhost?colour=blue&password=hunter2",
        "memcached://localhost?password=hunter2",
        "redis://:hunter2@localhost?socket_timeout=soon",
        "",
    ],
)
def test_other_urls_say_what_would_be_right(url: str) -> None:
    """The error names the setting and the remedy, never the password."""
    with pytest.raises(SettingsError, match=r"cache: .*redis://host:6379/0") as caught:
        opened(url)
    assert "hunter2" not in str(caught.value)
