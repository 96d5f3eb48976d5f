"""MIMIC Islamophobia's own traps: suffixes that lie, names that differ in the suffix alone, a row twice, no text."""

from pathlib import Path

import pytest
from tests.trainer.corpora.invented import mimic_islamophobia as invented
from tests.trainer.corpora.reading import read

from memelens.trainer.corpus.gathering import Images
from memelens.trainer.corpus.records import Modality


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A whole invented copy."""
    invented.write(tmp_path)
    return tmp_path


def test_names_that_differ_in_the_suffix_are_two_memes(root: Path) -> None:
    """Each has its own picture and its own label."""
    records = {one.key: one for one in read("mimic_islamophobia", root)[0]}
    assert records["images/1.jpg"].labels == ("not-hateful",)
    assert records["images/1.jpeg"].labels == ("hateful",)
    assert all(one.image == one.key for one in records.values())


@pytest.mark.parametrize("missing", ["images/1.jpg", "images/1.jpeg"])
def test_a_missing_picture_is_not_replaced_by_another_memes(root: Path, missing: str) -> None:
    """In a partial copy the other name of the same stem isn't taken: its label would be the wrong one."""
    (root / missing).unlink()
    records, folder, tally = read("mimic_islamophobia", root, Images.PARTIAL)
    assert folder.problems == []
    assert missing not in {one.key for one in records}
    assert tally.left_out["Hateful_en__MIMIC_Islamophpbia"]["neither picture nor text"] == 1


def test_a_converted_picture_is_found(root: Path) -> None:
    """A name that no other meme has may have another suffix on this disk."""
    (root / "images/zorblax3.jpg").rename(root / "images/zorblax3.png")
    records, folder, _ = read("mimic_islamophobia", root)
    assert folder.problems == []
    assert "images/zorblax3.png" in {one.image for one in records}


def test_memes_without_text_are_image_only(root: Path) -> None:
    """Nobody wrote their text down; it isn't made up."""
    assert {(one.text, one.modality) for one in read("mimic_islamophobia", root)[0]} == {("", Modality.IMAGE_ONLY)}


def test_the_same_picture_with_another_label_is_told(root: Path) -> None:
    """A row may be there twice, but it may not contradict itself."""
    table = root / "dataset.csv"
    table.write_text(table.read_text(encoding="utf-8") + "images/0.jpg,0\n", encoding="utf-8")
    (problem,) = read("mimic_islamophobia", root)[1].problems
    assert (problem.file, problem.row, problem.value) == ("dataset.csv", 10, "images/0.jpg")
