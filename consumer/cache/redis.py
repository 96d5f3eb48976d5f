"""A cache in Redis or a Redis cluster, shared by all processes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import Random
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from ..errors import CacheUnavailableError, SettingsError

__all__ = ["RedisCache"]

_CLUSTER_SCHEME = "redis+cluster://"
_KEYS_PER_CALL = 1000


class RedisCache:
    """Talks to the server at the first call, not before, so that it may be down at start.

    `url` is `redis://`, `rediss://` or `redis+cluster://`; redis-py's options may follow (`?ssl_ca_certs=…`).
    `timeout_seconds` is for connecting and for each answer. Values expire after `ttl_seconds`, less up to a tenth at
    random for each call of `put`, so that what many processes wrote together isn't missed together.
    """

    def __init__(self, url: str, *, ttl_seconds: float, timeout_seconds: float) -> None:
        """Raises SettingsError where the URL holds something that redis-py doesn't know."""
        self.url = _without_secrets(url)
        self._is_cluster = url.startswith(_CLUSTER_SCHEME)
        self._address = url.replace(_CLUSTER_SCHEME, "redis://", 1)
        self._options: dict[str, Any] = {
            "socket_timeout": timeout_seconds,
            "socket_connect_timeout": timeout_seconds,
            "retry": Retry(NoBackoff(), 0),  # the guard decides when to try again
            "maint_notifications_config": MaintNotificationsConfig(enabled=False),
            "protocol": 2,
        }
        self._ttl_seconds, self._random = ttl_seconds, Random()
        self._client: Redis | RedisCluster | None = None
        self._opening = Lock()
        self._check_url()

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        if not keys:
            return []
        with self._talking() as client:
            # Typed for both kinds of replies; without `decode_responses` they are bytes.
            get: Any = client.mget_nonatomic if isinstance(client, RedisCluster) else client.mget
            values: list[bytes | None] = get(keys)
            return values

    def put(self, items: Mapping[str, bytes]) -> None:
        if not items:
            return
        expiry_ms = max(1, int(self._ttl_seconds * 1000 * self._random.uniform(0.9, 1)))
        with self._talking() as client, client.pipeline(transaction=False) as pipeline:
            for key, value in items.items():
                pipeline.set(key, value, px=expiry_ms)
            pipeline.execute()

    def delete(self, keys: Sequence[str]) -> None:
        with self._talking() as client:
            for start in range(0, len(keys), _KEYS_PER_CALL):
                client.unlink(*keys[start : start + _KEYS_PER_CALL])

    def close(self) -> None:
        with self._opening:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    @contextmanager
    def _talking(self) -> Iterator[Redis | RedisCluster]:
        try:
            yield self._opened()
        except (AuthenticationError, NoPermissionError) as error:
            reason = f"the cache at {self.url} refuses us ({error}); check user and password of MEMELENS_CACHE"
            raise CacheUnavailableError(reason) from error
        except (RedisError, OSError) as error:
            raise CacheUnavailableError(f"the cache at {self.url}: {type(error).__name__}: {error}") from error

    def _opened(self) -> Redis | RedisCluster:
        client = self._client
        if client is None:
            with self._opening:
                client = self._client = self._client or self._open()
        return client

    def _open(self) -> Redis | RedisCluster:
        """A cluster is asked for its nodes here; a single server isn't connected to before the first command."""
        factory = RedisCluster if self._is_cluster else Redis
        return factory.from_url(self._address, **self._options)

    def _check_url(self) -> None:
        try:
            Redis.from_url(self._address, **self._options).connection_pool.make_connection()
        except (TypeError, ValueError) as error:
            raise SettingsError(
                f"cache: {self.url}: {error}; write redis://host:6379/0 and only options that redis-py knows"
            ) from error


def _without_secrets(url: str) -> str:
    """Without user, password and options, which may hold one too."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
