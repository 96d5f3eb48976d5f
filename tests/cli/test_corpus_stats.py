"""`memelens corpus stats` in a terminal and for a program."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.console import Console
from tests.trainer.corpus.statistics.counted import NOTHING_READ, counted_corpus
from typer.testing import CliRunner, Result

from memelens.cli import console
from memelens.cli.corpus_stats import stats
from memelens.taxonomy import PAIRS
from memelens.trainer.corpus.statistics.plots import PLOTS

_APP = typer.Typer()
_APP.command()(stats)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small corpus that has something of everything."""
    return counted_corpus(tmp_path_factory.mktemp("stats"))[0].root


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One plot of six: how they are drawn is tested elsewhere."""
    monkeypatch.setattr("memelens.trainer.corpus.statistics.plots.PLOTS", {"texts": PLOTS["texts"]})


def _run(*arguments: object) -> Result:
    done = CliRunner().invoke(_APP, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.output
    return done


def _json(corpus: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_run(corpus, "--format", "json").stdout)
    return found


def test_a_program_gets_one_object_and_nothing_else(corpus: Path, tmp_path: Path) -> None:
    """`rows`, `pairs` and `content_hash`, the same bytes each time; where the plots are is said on standard error."""
    done = _run(corpus, "--format", "json", "--plots", tmp_path / "plots")
    found = json.loads(done.stdout)
    assert found["rows"] == sum(pair["rows"] for pair in found["pairs"].values()) == 26
    assert found["content_hash"] == json.loads((corpus / "corpus.json").read_text())["content_hash"]
    assert done.stdout == _run(corpus, "--format", "json").stdout
    assert str(tmp_path / "plots") in done.stderr
    assert (tmp_path / "plots" / "texts.png").is_file()


def test_plots_lie_in_the_corpus_unless_told_otherwise(corpus: Path) -> None:
    """The command says where."""
    assert f"plots in {corpus / 'plots'}: texts.png" in _run(corpus).stdout


def test_the_tables_say_what_the_object_says(corpus: Path) -> None:
    """Rows by pair, labels, languages and cells: each figure of the object stands in its table."""
    found = _json(corpus)
    lines = [line.split("\t") for line in _run(corpus).stdout.splitlines()]
    for name, pair in found["pairs"].items():
        shown = name if pair["in_paper"] else f"{name} *"
        published = "—" if pair["published"] is None else f"{pair['published']:,}"
        assert [shown, *(str(pair[side]) for side in ("train", "validation", "test", "rows")), published] in lines
        for label, sides in pair["labels"].items():
            total = sum(sides.values())
            assert [name, label, str(total), f"{100 * total / pair['rows']:.1f}"] in [line[:4] for line in lines]
    for task, cells in found["cells"].items():
        assert any(
            line[0] == task and [cell for cell in line[1:] if cell not in "·○"] == [str(n) for n in cells.values() if n]
            for line in lines
        )
    assert ["a copy", "harmeme", "fhm", "train", "dropped", "3"] in lines


def test_all_46_pairs_are_listed_with_the_footnotes(corpus: Path) -> None:
    """A pair that isn't here has a dash; counts that the paper gives together are compared together."""
    shown = _run(corpus).stdout
    assert "Hateful_en_FHM\t\t\t\t—\t11,040" in shown
    assert "Target_Covid_en__HarMeme and Target_en__HarMeme: published 7,005 together, here 7" in shown
    assert "5 of 46 pairs\t" in shown


def test_a_pair_of_which_nothing_was_read_fills_no_table(corpus: Path) -> None:
    """It stands among the 46 alone, like one whose source isn't there."""
    lines = [line for line in _run(corpus).stdout.splitlines() if line.startswith(NOTHING_READ)]
    assert lines == [f"{NOTHING_READ}\t\t\t\t—\t300"]


def test_a_terminal_of_a_hundred_columns_breaks_no_line_of_a_table(
    corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names stand whole beside their figures, and a pair is named once over its labels."""
    shown = _on_a_terminal(corpus, monkeypatch, 100)
    rows = [line for line in shown.splitlines() if line.startswith(" Misogyny_Categories_hi_en__MIMIC2024 ")]
    assert len(rows) == 5  # rows, what was read, test split, labels, modalities
    assert "…" not in shown


def test_figures_stay_whole_while_names_can_be_narrower(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On sixty columns a pair's name goes on in the next line, a figure doesn't."""
    shown = _on_a_terminal(corpus, monkeypatch, 60)
    assert "Misogyny_Categories_hi_en__MIMIC2024" not in shown
    assert all(f"{pair.rows:,} \n" in shown for pair in PAIRS if pair.rows)


def test_a_terminal_that_is_too_narrow_cuts_nothing_off(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing else helps, figures too go on in the next line."""
    assert "…" not in _on_a_terminal(corpus, monkeypatch, 30)


def _on_a_terminal(corpus: Path, monkeypatch: pytest.MonkeyPatch, width: int) -> str:
    file = io.StringIO()
    terminal = Console(file=file, force_terminal=True, width=width, color_system=None)
    monkeypatch.setattr(console, "out", lambda: terminal)
    stats(corpus)
    return file.getvalue()
