"""Waiting for what a server does in its own time, and ports for it."""

import os
import random
import socket
import time
from collections.abc import Callable
from typing import NoReturn

import pytest

__all__ = ["answers", "eventually", "free_ports", "skip_or_fail"]

DEADLINE_SECONDS = 20.0


def eventually(holds: Callable[[], object], what: str, *, within_seconds: float = DEADLINE_SECONDS) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + within_seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {within_seconds:g} s: {what}"
        time.sleep(0.01)


def free_ports(count: int, *, also_above: int = 0) -> list[int]:
    """Loopback ports that nobody listens on; with `also_above` neither on the ones so many above them.

    Below the range that the kernel gives to outgoing connections: a server that is down for a while keeps its port.
    """
    ports: set[int] = set()
    while len(ports) < count:
        port = random.randrange(20_000, 32_000)
        if all(not _taken(one) for one in {port, port + also_above}):
            ports.add(port)
    return sorted(ports)


def answers(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def skip_or_fail(reason: str) -> NoReturn:
    """A server that can't be had skips a test on a person's machine and fails it where nobody would see the skip."""
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def _taken(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return False
    except OSError:
        return True
