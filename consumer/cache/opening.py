"""The right cache for a URL."""

from ..clock import Clock
from ..errors import SettingsError
from ..setting_values import cache_url, redacted
from .interface import Cache
from .memory import MemoryCache

__all__ = ["open_cache"]


def open_cache(url: str, *, ttl_seconds: float, timeout_seconds: float, max_bytes: int, clock: Clock) -> Cache:
    """The cache of `redis://…`, `rediss://…`, `redis+cluster://…` or `memory://`; nothing is connected to yet.

    `timeout_seconds` is for Redis, `max_bytes` and `clock` for memory. Wrap it in a `GuardedCache` to go on without it.

    Raises:
        SettingsError: not such a URL.
    """
    try:
        cache_url(url)
    except ValueError as error:
        raise SettingsError(f"cache: {redacted(url).partition('?')[0]!r}: {error}") from error
    if url == MemoryCache.url:
        return MemoryCache(max_bytes=max_bytes, ttl_seconds=ttl_seconds, clock=clock)
    from .redis import RedisCache  # noqa: PLC0415 - the client takes a tenth of a second to import

    return RedisCache(url, ttl_seconds=ttl_seconds, timeout_seconds=timeout_seconds)
