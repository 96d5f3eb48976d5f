"""Prop2Hate-Meme's own traps: files of any name and form, and paths that begin in a folder a copy may lack."""

from pathlib import Path

import pytest
from tests.trainer.corpora.invented import prop2hate_meme as invented
from tests.trainer.corpora.reading import read

from memelens.trainer.corpora.interface import Split


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A whole invented copy."""
    invented.write(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["dev.json", "val.jsonl", "Prop2Hate_validation.jsonl", "data/memes_val_v2.json"])
def test_the_validation_file_may_have_any_of_its_names(root: Path, name: str) -> None:
    """Its rows are validation rows, be they lines or an array."""
    (root / name).parent.mkdir(exist_ok=True)
    (root / "arabic_memes_dev.jsonl").rename(root / name)
    records, folder, _ = read("prop2hate_meme", root)
    assert folder.problems == []
    assert {one.file for one in records if one.original_split is Split.VALIDATION} == {name}


def test_two_files_for_one_split_are_told(root: Path) -> None:
    """Which of them is meant isn't guessed."""
    (root / "val.json").write_text("[]", encoding="utf-8")
    (problem,) = read("prop2hate_meme", root)[1].problems
    assert "there are several: arabic_memes_dev.jsonl, val.json" in problem.text


def test_pictures_may_lie_under_data(root: Path) -> None:
    """The paths' first folder is the authors': a copy has it or not."""
    without = read("prop2hate_meme", root)[0]
    (root / "data").mkdir()
    (root / "arabic_memes").rename(root / "data/arabic_memes")
    records, folder, _ = read("prop2hate_meme", root)
    assert folder.problems == []
    assert [one.image for one in records] == [f"data/{one.image}" for one in without]


def test_only_the_hate_label_makes_a_pair(root: Path) -> None:
    """The propaganda label is ArMeme's own: counted there, not twice."""
    records = read("prop2hate_meme", root)[0]
    assert {one.task for one in records} == {"hateful"}
    assert len(records) == 9
