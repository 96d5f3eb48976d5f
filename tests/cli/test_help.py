"""What the command line promises before it does anything."""

import re
import subprocess
import sys

import pytest

COMMANDS = ("demo", "run", "classify", "send", "tail", "topics", "doctor", "schema", "policy", "corpus")


def memelens(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "memelens", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_help_names_every_command() -> None:
    """`--help` and `-h` list the commands and the exit statuses."""
    done = memelens("--help")
    assert done.returncode == 0
    assert all(re.search(rf"\b{command}\b", done.stdout) for command in COMMANDS)
    assert "Exit status: 0 done, 1 failed" in done.stdout
    assert memelens("-h").stdout == done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    """Each command explains itself."""
    done = memelens(command, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["run", "--max-posts", "0"], ["tail"], ["run", "--no-such-flag"], ["topics", "drop"]]
)
def test_wrong_usage_is_status_two(arguments: list[str]) -> None:
    """An unknown command or flag, a missing argument or a bad value ends with 2 and no traceback."""
    done = memelens(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr


def test_the_version_is_printed() -> None:
    """`--version` is one line."""
    assert re.fullmatch(r"memelens \d+\.\d+\.\d+\n", memelens("--version").stdout)
