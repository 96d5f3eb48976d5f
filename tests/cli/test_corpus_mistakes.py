"""What `corpus stats`, `show` and `export` say of mistakes."""

import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from tests.trainer.corpus.statistics.counted import NOTHING_READ, counted_corpus

from memelens.cli import main


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus in it."""
    place = tmp_path_factory.mktemp("place")
    counted_corpus(place)
    return place


@pytest.fixture
def place(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same, to work in."""
    monkeypatch.chdir(made)
    return made


def run(arguments: str) -> int | str | None:
    """Exit status of the program, in this process."""
    with patch.object(sys, "argv", ["memelens", "corpus", *arguments.split()]), pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (
            "stats gone",
            1,
            "gone: holds no corpus, or one whose build wasn't finished; `memelens corpus build`",
        ),
        ("stats .", 1, ".: holds no corpus"),
        ("stats corpus/corpus.json", 1, "corpus/corpus.json: holds no corpus"),
        ("stats corpus --plots corpus/corpus.json", 1, "corpus/corpus.json: can't be written"),
        ("show gone", 1, "gone: holds no corpus"),
        ("show corpus --pair Hateful_de_Multi3Hate", 2, "did you mean 'Hateful_de__Multi3Hate'"),
        ("show corpus --language zz", 2, "unknown language in this corpus 'zz'; known: de, en, hi, ro, zh"),
        ("show corpus --label hatefull", 2, "did you mean 'hateful'"),
        (f"show corpus --pair {NOTHING_READ}", 2, "corpus: no row is all of this at once; ask for less"),
        ("show corpus --language ro --split train", 2, "corpus: no row is all of this at once; ask for less"),
        ("show corpus --out corpus", 1, "corpus: can't be written (Is a directory)"),
        ("show corpus --out corpus/corpus.json/page.html", 1, "corpus/corpus.json: can't be written (File exists)"),
        ("export gone --to parquet --out out", 1, "gone: holds no corpus"),
        (
            "export corpus --to parquet --out corpus",
            2,
            "corpus: is there already; name another directory",
        ),
        ("export corpus --to parquet --out corpus/corpus.json", 2, "corpus/corpus.json: is there already"),
        ("export corpus --to parquet --out /", 2, "/: is there already"),
    ],
)
def test_mistakes_end_with_a_sentence(
    place: Path, capsys: pytest.CaptureFixture[str], arguments: str, status: int, says: str
) -> None:
    """What can't be asked for is status 2, what fails is 1; the last line says what would be right, nothing is left."""
    before = sorted(place.rglob("*"))
    assert run(arguments) == status
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("memelens: ")
    assert says in last
    assert sorted(place.rglob("*")) == before
