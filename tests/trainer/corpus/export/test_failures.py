"""Exports that can't be: nothing is overwritten, nothing is left half done."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.disks import full_disk
from tests.trainer.corpus.export.exports import EVERY_LAYOUT, exported, small_corpus
from tests.trainer.corpus.planting import Quiet

from memelens.trainer.corpus.export.exporting import export
from memelens.trainer.corpus.export.layouts import Layout
from memelens.trainer.corpus.export.plan import plan_export
from memelens.trainer.corpus.store import Corpus
from memelens.trainer.errors import CorpusError, SourcesError, StorageError


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """Twelve rows in three pairs."""
    return small_corpus(tmp_path)


def test_a_directory_with_something_in_it_is_left_alone(corpus: Corpus, tmp_path: Path) -> None:
    """Nothing is overwritten and nothing is left beside it."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(SourcesError, match="is there already"):
        exported(corpus, Layout.PARQUET, out)
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]
    assert not (tmp_path / "out.part").exists()


def test_an_empty_directory_is_taken(corpus: Corpus, tmp_path: Path) -> None:
    """A directory made for the export will do."""
    (tmp_path / "out").mkdir()
    assert (exported(corpus, Layout.PARQUET, tmp_path / "out") / "README.md").exists()


def test_another_export_at_work_is_told(corpus: Corpus, tmp_path: Path) -> None:
    """Two exports to one place don't write into each other's files."""
    (tmp_path / "out.part").mkdir()
    with pytest.raises(SourcesError, match=r"out\.part: another export is at work"):
        exported(corpus, Layout.PARQUET, tmp_path / "out")
    assert (tmp_path / "out.part").exists()


def lose(path: Path) -> None:
    """A picture that was deleted after the build."""
    path.unlink()


def exchange(path: Path) -> None:
    """A picture that was replaced after the build."""
    path.write_bytes(b"another one")


@EVERY_LAYOUT
@pytest.mark.parametrize(
    ("damage", "told"), [(lose, "can't be read"), (exchange, "isn't the picture that the corpus was built from")]
)
def test_a_picture_that_isnt_what_it_was(
    corpus: Corpus, layout: Layout, damage: Callable[[Path], None], told: str, tmp_path: Path
) -> None:
    """The export stops, names the file and the remedy, and leaves nothing half done."""
    damage(tmp_path / "pictures" / "W_M_2.png")
    with pytest.raises(CorpusError, match=rf"W_M_2\.png: .*{told}.*--no-pictures"):
        exported(corpus, layout, tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"corpus", "pictures"}


@EVERY_LAYOUT
def test_an_interruption_leaves_nothing(corpus: Corpus, layout: Layout, tmp_path: Path) -> None:
    """After Ctrl-C the disk is as before."""

    class Interrupted(Quiet):
        def advance(self, count: int) -> None:
            super().advance(count)
            if self.done["exporting rows"] == 5:
                raise KeyboardInterrupt

    plan = plan_export(corpus, layout, pictures=True, for_own_use=False)
    with pytest.raises(KeyboardInterrupt):
        export(corpus, plan, tmp_path / "out", Interrupted())
    assert {path.name for path in tmp_path.iterdir()} == {"corpus", "pictures"}


@EVERY_LAYOUT
def test_no_space_is_told(corpus: Corpus, layout: Layout, tmp_path: Path) -> None:
    """One sentence with the remedy, and the space that was taken is free again."""
    with full_disk(1_000), pytest.raises(StorageError, match="make room and run again"):
        exported(corpus, layout, tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"corpus", "pictures"}
