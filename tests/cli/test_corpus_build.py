"""`memelens corpus list` and `build` in a process of their own: what a person is told."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.trainer.corpora.invented import romemes
from tests.trainer.corpus.built import write_sources

from memelens.trainer.corpora.catalogue import ADAPTERS

Program = Callable[..., subprocess.CompletedProcess[str]]


def invented(place: Path) -> Path:
    """sources.yaml with one invented dataset."""
    (place / "ro").mkdir()
    romemes.write(place / "ro")
    return write_sources(place, {"romemes": "ro"})


def test_the_list_says_what_is_on_this_disk(memelens: Program, tmp_path: Path) -> None:
    """Every dataset is in it; `sources.yaml` in the working directory is read unasked, others where named."""
    sources = invented(tmp_path)
    for arguments in ((), ("--sources", sources)):
        done = memelens("corpus", "list", *arguments)
        assert done.returncode == 0, done.stderr
        heading, *rows = (line.split("\t") for line in done.stdout.splitlines()[: len(ADAPTERS) + 1])
        assert (heading[0], heading[-1]) == ("source", "on this disk")
        assert {row[0]: row[-1] for row in rows} == dict.fromkeys(ADAPTERS, "—") | {"romemes": str(tmp_path / "ro")}


def test_a_build_says_what_it_did_and_what_it_left(memelens: Program, tmp_path: Path) -> None:
    """A line for each pair whose numbers add up, the sources that aren't there, at last rows and content hash."""
    invented(tmp_path)
    done = memelens("corpus", "build", "--sources", "sources.yaml", "--out", "out", "--jobs", 1)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    heading, *rows = (line.split("\t") for line in lines[:5])
    assert [row[0] for row in rows] == [*romemes.LABELS]
    for row in rows:
        count = dict(zip(heading, row, strict=True))
        kept = ("left out", "dropped", "train", "validation", "test")
        assert int(count["read"]) == sum(int(count[name]) for name in kept) == 6
    assert lines[-2].startswith("not in sources.yaml, left out: armeme, ")
    assert "romemes" not in lines[-2]
    assert lines[-1].startswith("out: 24 rows, content hash ")
    assert done.stderr.splitlines()[0] == "reading romemes"


def test_a_build_that_cannot_be_ends_with_a_sentence(memelens: Program, tmp_path: Path) -> None:
    """Sources that aren't there are a wrong setting, status 2; a dataset that isn't whole has failed, status 1."""
    invented(tmp_path)
    (tmp_path / "ro" / "romemes.csv").unlink()
    done = memelens("corpus", "build", "--sources", "sources.yaml", "--out", "out")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].endswith("is the copy complete?")
    done = memelens("corpus", "build", "--sources", "sources.yaml", "--out", "ro")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "memelens: ro: lies in the folder of romemes; name a directory outside of it\n"


def test_a_damaged_store_of_fingerprints_is_told(memelens: Program, tmp_path: Path) -> None:
    """It costs a look at every picture, never a build; where the old file lies is said."""
    invented(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "fingerprints.sqlite").write_bytes(b"no database " * 100)
    done = memelens("corpus", "build", "--sources", "sources.yaml", "--out", "out", "--jobs", 1)
    assert done.returncode == 0, done.stderr
    assert "fingerprints.sqlite.set-aside now, and every picture is looked at again" in done.stderr


def test_the_list_is_shown_though_the_file_is_wrong(memelens: Program, tmp_path: Path) -> None:
    """Where to get a dataset that isn't there yet is told before what is wrong."""
    write_sources(tmp_path, {"mami": "nowhere"})
    done = memelens("corpus", "list")
    assert done.returncode == 2
    assert "\nmami\ten\t5\t" in done.stdout
    assert f"mami: there is no folder {tmp_path}/nowhere" in done.stderr


@pytest.mark.parametrize("library", ["datasets", "rapidfuzz"])
def test_a_library_that_is_not_installed_is_told(library: str, tmp_path: Path) -> None:
    """Without the extra `train` a corpus command says what to install."""
    program = (
        f"import sys; sys.modules[{library!r}] = None; sys.argv[0] = 'memelens'\nfrom memelens.cli import main; main()"
    )
    arguments = ["corpus", "build", "--sources", str(invented(tmp_path)), "--out", "out"]
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == f"memelens: {library} isn't installed; this command needs `pip install 'memelens[train]'`\n"
