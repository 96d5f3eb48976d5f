"""What the layout promises: the direction of imports, cheap imports, and one top-level name."""

import ast
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "taxonomy": {"taxonomy"},
    "model": {"taxonomy", "model"},
    "consumer": {"taxonomy", "model", "consumer"},
    "trainer": {"taxonomy", "model", "trainer"},
}
HEAVY = ("torch", "transformers", "peft", "kafka", "redis", "sklearn", "datasets", "matplotlib", "PIL")


def imported_folders(file: Path) -> Iterator[str]:
    """Folders of this project that a file imports, wherever in the file."""
    depth = len(file.relative_to(ROOT).parts)
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            up = node.level - depth  # one dot above the folder itself reaches `memelens`
            bases = [f"memelens.{base}"] if base else [f"memelens.{alias.name}" for alias in node.names]
            names = bases if up == 0 and node.level else [base] if not node.level else []
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "memelens" and len(parts) > 1 and parts[1] in {*MAY_IMPORT, "cli"}:
                yield parts[1]


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_follow_the_direction(folder: str) -> None:
    """Taxonomy knows nobody, model knows taxonomy, consumer and trainer never know each other."""
    files = sorted((ROOT / folder).rglob("*.py"))
    wrong = {
        str(file.relative_to(ROOT)): sorted(set(imported_folders(file)) - MAY_IMPORT[folder])
        for file in files
        if set(imported_folders(file)) - MAY_IMPORT[folder]
    }
    assert files
    assert not wrong


def loaded_by(statement: str) -> set[str]:
    """Heavy modules that a fresh interpreter has loaded after a statement."""
    probe = f"{statement}\nimport sys\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import memelens.consumer.messages",
        "import memelens.taxonomy",
        "import memelens.model.engine",
        "import memelens.consumer.brokers.interface",
        "import memelens.cli",
    ],
)
def test_contracts_import_nothing_heavy(statement: str) -> None:
    """Wire messages, contracts and the command line load neither torch nor kafka nor any other heavy library."""
    assert loaded_by(statement) == set()


@pytest.mark.parametrize("arguments", [["--help"], ["corpus", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    """`memelens --help` answers without loading a single heavy library, and so does a group of commands."""
    statement = (
        f"import sys; sys.argv = ['memelens', *{arguments!r}]\n"
        "import memelens.cli, contextlib, io\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()): memelens.cli.main()"
    )
    assert loaded_by(statement) == set()


@pytest.mark.slow
def test_wheel_from_sdist_holds_one_top_level_name(tmp_path: Path) -> None:
    """The wheel built from the sdist installs cleanly, all of it imports, and its only top-level name is memelens."""
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(tmp_path / "dist"), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"memelens"}
    templates = {f"memelens/{path.relative_to(ROOT)}" for path in (ROOT / "trainer").rglob("*.j2")}
    assert templates
    assert templates <= set(names)
    venv.create(tmp_path / "env", with_pip=True, symlinks=True)
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", wheel], check=True)
    # The libraries come from this environment; the package itself must come from the wheel.
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    probe = (
        "import sys, importlib, pkgutil, pathlib\n"
        f"sys.path.append({libraries!r})\n"
        "import memelens\n"
        "assert pathlib.Path(memelens.__file__).is_relative_to(sys.prefix), memelens.__file__\n"
        "found = [m.name for m in pkgutil.walk_packages(memelens.__path__, 'memelens.')]\n"
        "found = [name for name in found if not name.endswith('__main__')]\n"
        "[importlib.import_module(name) for name in found]\n"
        "print(*found)"
    )
    done = subprocess.run([python, "-c", probe], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert {"memelens.taxonomy", "memelens.model", "memelens.consumer", "memelens.trainer", "memelens.cli"} <= set(
        done.stdout.split()
    )
