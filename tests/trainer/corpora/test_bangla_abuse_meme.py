"""BanglaAbuseMeme's own traps: no text, `None` as a word, several targets in one cell."""

from pathlib import Path

import pytest
from tests.trainer.corpora.invented import bangla_abuse_meme as invented
from tests.trainer.corpora.reading import read

from memelens.trainer.corpora import bangla_abuse_meme
from memelens.trainer.corpora.interface import Row
from memelens.trainer.corpus.gathering import Images
from memelens.trainer.corpus.records import Modality


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A whole invented copy."""
    invented.write(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("target", "note"),
    [
        ("Political", "target: Political"),
        ("None", "target: None"),
        ("National Origin#Political", "target: National Origin, Political"),
    ],
)
def test_targets_are_kept_as_a_note(target: str, note: str) -> None:
    """Several are joined by #, and nobody is a word, not a missing value."""
    labels = {"sentiment": "Neutral", "sarcasm": "No", "vulgar": "Not Vulgar", "abuse": "Non-abusive"}
    row = Row("BanglaAbuseMeme_annotation.csv", 2, {"Ids": "image_1.jpg", **labels, "target": target})
    assert bangla_abuse_meme.meme(row).note == note


def test_memes_have_no_text(root: Path) -> None:
    """OCR has to read them: without pictures nothing is left, and it is counted."""
    assert {one.modality for one in read("bangla_abuse_meme", root)[0]} == {Modality.IMAGE_ONLY}
    records, folder, tally = read("bangla_abuse_meme", root, Images.ABSENT)
    assert (records, folder.problems) == ([], [])
    assert tally.left_out == {pair: {"neither picture nor text": 6} for pair in invented.LABELS}


def test_the_file_may_have_more_in_its_name(root: Path) -> None:
    """A part of the table that says so in its name is one; two of them are told."""
    table = root / "BanglaAbuseMeme_annotation.csv"
    part = table.rename(root / "BanglaAbuseMeme_annotation.HEAD6.csv")
    assert len(read("bangla_abuse_meme", root)[0]) == 4 * 6
    table.write_bytes(part.read_bytes())
    (problem,) = read("bangla_abuse_meme", root)[1].problems
    assert "there are several" in problem.text


def test_a_missing_target_is_told(root: Path) -> None:
    """A row that is cut off isn't read as one about nobody."""
    table = root / "BanglaAbuseMeme_annotation.csv"
    table.write_text(table.read_text(encoding="utf-8").replace(",Others\n", "\n"), encoding="utf-8")
    (problem,) = read("bangla_abuse_meme", root)[1].problems
    assert (problem.row, problem.text) == (5, "has 5 cells where the heading has 6")
