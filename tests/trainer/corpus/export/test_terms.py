"""What may be passed on, and what an export says of it."""

from pathlib import Path

import pytest
from tests.trainer.corpus.export.exports import FHM, KINDS, exported, opened
from tests.trainer.corpus.making import make_corpus, make_row
from typer.testing import CliRunner

from memelens.cli.main import app
from memelens.trainer.corpus.export.layouts import Layout
from memelens.trainer.corpus.export.plan import plan_export
from memelens.trainer.corpus.store import Corpus
from memelens.trainer.errors import SourcesError


@pytest.fixture
def mixed(tmp_path: Path) -> Corpus:
    """A corpus of two datasets of the catalogue: MIMIC2024 may be passed on, HarMeme may not."""
    rows = [make_row(KINDS, f"k{number}", "prejudice", dataset="mimic2024") for number in range(3)]
    rows += [make_row("Harmful_en__HarMeme", f"h{number}", "not-harmful", dataset="harmeme") for number in range(2)]
    corpus = make_corpus(tmp_path / "corpus", rows, pictures=tmp_path)
    (facts,) = corpus.manifest.sources.values()
    sources = {
        "mimic2024": facts.model_copy(update={"title": "MIMIC"}),
        "harmeme": facts.model_copy(update={"title": "HarMeme", "may_be_passed_on": False, "licence": "research use"}),
    }
    manifest = corpus.manifest.model_copy(update={"sources": sources})
    (corpus.root / "corpus.json").write_text(manifest.model_dump_json(), encoding="utf-8")
    return Corpus(corpus.root)


def test_what_may_not_be_passed_on_is_left_out(mixed: Corpus, tmp_path: Path) -> None:
    """Its rows aren't in the files, and it is named with their number."""
    plan = plan_export(mixed, Layout.PARQUET, pictures=True, for_own_use=False)
    assert (plan.rows, plan.forbidden, plan.for_own_use) == ({"mimic2024": 3}, {"harmeme": 2}, False)
    out = exported(mixed, Layout.PARQUET, tmp_path / "out")
    assert set(opened(out, Layout.PARQUET, tmp_path / "cache")["train"]["dataset"]) == {"mimic2024"}
    told = (out / "README.md").read_text(encoding="utf-8")
    assert "HarMeme may not be passed on: 2 rows aren't in here" in told
    assert "own use" not in told


def test_for_own_use_everything_is_taken_and_said(mixed: Corpus, tmp_path: Path) -> None:
    """The card says that it may not be passed on, and gives each dataset's licence, citation and count."""
    out = exported(mixed, Layout.RELEASED, tmp_path / "out", for_own_use=True)
    assert {path.name for path in out.iterdir() if path.is_dir()} == {KINDS, "Harmful_en__HarMeme"}
    told = (out / "README.md").read_text(encoding="utf-8")
    assert "For your own use only" in told
    assert "Licence: research use (may not be passed on)" in told
    assert "Pramanick et al." in told
    assert "Rows: 3" in told


def test_own_use_of_what_is_free_says_nothing(tmp_path: Path) -> None:
    """Where everything may be passed on, the flag forbids nothing."""
    corpus = make_corpus(tmp_path / "corpus", [make_row(FHM, "a", "hateful")], pictures=tmp_path)
    assert not plan_export(corpus, Layout.PARQUET, pictures=True, for_own_use=True).for_own_use


def test_nothing_to_pass_on_is_told(tmp_path: Path) -> None:
    """No empty export: the sentence names the datasets and the way out."""
    rows = [make_row(FHM, "a", "hateful")]
    corpus = make_corpus(tmp_path / "corpus", rows, pictures=tmp_path, may_be_passed_on=False)
    with pytest.raises(SourcesError, match="invented may not be passed on; --for-own-use"):
        plan_export(corpus, Layout.PARQUET, pictures=True, for_own_use=False)


def test_the_command_says_what_it_left_out(mixed: Corpus, tmp_path: Path) -> None:
    """`corpus export` names datasets that stay by their titles, and how to take them in; nothing else is in between."""
    arguments = ["corpus", "export", str(mixed.root), "--to", "datasets"]
    done = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path / "out")], catch_exceptions=False)
    assert done.exit_code == 0
    assert done.stderr.splitlines() == [
        "HarMeme: may not be passed on, 2 rows left out",
        "--for-own-use takes them in",
        "exporting rows: 3",
    ]
    assert done.stdout == f"{tmp_path / 'out'}: 3 rows, terms and citations in its README.md\n"
    own = [*arguments, "--out", str(tmp_path / "own"), "--for-own-use"]
    assert "for your own use only" in CliRunner().invoke(app, own, catch_exceptions=False).stdout
