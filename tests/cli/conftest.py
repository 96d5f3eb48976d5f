"""The program in a process of its own, in an empty working directory."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Program = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def memelens(tmp_path: Path) -> Program:
    """Runs `memelens` with arguments; settings come from them alone, unless `environment` adds some."""

    def run(*arguments: object, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MEMELENS_")}
        return subprocess.run(
            [sys.executable, "-m", "memelens", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            cwd=tmp_path,
            env=clean | (environment or {}),
        )

    return run
