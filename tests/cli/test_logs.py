"""What is logged, and by which commands."""

import subprocess
from collections.abc import Callable

import pytest

Program = Callable[..., subprocess.CompletedProcess[str]]
NOBODY = ("--broker", "kafka://127.0.0.1:1")
PATIENCE = {"MEMELENS_LIMITS__START_SECONDS": "0.5", "MEMELENS_HEALTH__PORT": "null"}


@pytest.mark.parametrize("command", [("topics", "describe"), ("tail", "memes.posts"), ("send", ".")])
def test_a_broker_that_is_away_is_one_sentence(memelens: Program, command: tuple[str, ...]) -> None:
    """What the client library writes into its log is not for who typed a command."""
    done = memelens(*command, *NOBODY, environment=PATIENCE)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("memelens: kafka://127.0.0.1:1 doesn't answer: 111 ECONNREFUSED; see that it runs")


@pytest.mark.parametrize(("level", "expected"), [("warning", {"warning", "error"}), ("error", {"error"})])
def test_the_level_holds_for_libraries_too(memelens: Program, level: str, expected: set[str]) -> None:
    """`log.level` is the lowest level written, whoever writes it."""
    environment = PATIENCE | {"MEMELENS_LOG__LEVEL": level, "MEMELENS_LOG__FORMAT": "json"}
    done = memelens("run", *NOBODY, "--until-idle", "1", environment=environment)
    lines = [line for line in done.stderr.splitlines() if line.startswith("{")]
    assert {name for name in ("debug", "info", "warning", "error") if f'"level": "{name}"' in str(lines)} == expected
