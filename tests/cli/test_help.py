"""What the command line promises before it does anything."""

import re
import statistics
import subprocess
import sys
import time

import pytest

COMMANDS = ("demo", "run", "classify", "send", "tail", "topics", "doctor", "schema", "policy")


def memelens(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "memelens", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def seconds(*arguments: str) -> float:
    """Median time of five runs of the interpreter."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


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


def test_help_is_quick() -> None:
    """`--help` costs little beyond a bare interpreter: under 0.3 s where that takes up to 0.1 s."""
    bare = seconds("-c", "pass")
    assert seconds("-m", "memelens", "--help") < max(0.3, 8 * bare)


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
