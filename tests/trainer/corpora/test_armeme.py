"""ArMeme's own traps: an array in a .jsonl, two spellings of one label, memes that are none, no test split."""

import json
from pathlib import Path

import pytest
from tests.trainer.corpora.invented import armeme as invented
from tests.trainer.corpora.reading import read

from memelens.trainer.corpora import armeme
from memelens.trainer.corpora.interface import LeftOut, Row


def _row(label: str) -> Row:
    return Row("train.json", 1, {"id": "1", "img_path": "data/a/1.jpg", "text": "زوربلاكس", "class_label": label})


@pytest.mark.parametrize("label", ["not-meme", "other"])
def test_what_the_question_does_not_fit_is_left_out(label: str) -> None:
    """Counted under the label's own name, never sent to a class."""
    assert armeme.meme(_row(label)) == LeftOut(label, armeme.SOURCE.pairs)


def test_an_unknown_label_is_told_with_its_place_in_the_array(tmp_path: Path) -> None:
    """An array has no lines: the row counts from 1 within it."""
    invented.write(tmp_path)
    file = tmp_path / "memes_train.jsonl"
    rows = json.loads(file.read_text(encoding="utf-8"))
    rows[2]["class_label"] = "not_propagande"
    file.write_text(json.dumps(rows), encoding="utf-8")
    (problem,) = read("armeme", tmp_path)[1].problems
    assert str(problem).startswith("armeme: memes_train.jsonl row 3: unknown label of propaganda 'not_propagande'")
    assert "did you mean 'not-propaganda'?" in str(problem)


def test_no_row_has_a_split_of_its_own(tmp_path: Path) -> None:
    """Without a published test split the corpus splits all rows; the file still says where each was."""
    invented.write(tmp_path)
    records = read("armeme", tmp_path)[0]
    assert {one.original_split for one in records} == {None}
    assert {one.file for one in records} == {"memes_train.jsonl", "memes_dev.json"}


def test_a_file_of_test_memes_is_passed_over_aloud(tmp_path: Path) -> None:
    """The shared task's test file has no labels; a note says that it isn't read."""
    invented.write(tmp_path)
    (tmp_path / "memes_test.json").write_text("[{}]", encoding="utf-8")
    _, folder, _ = read("armeme", tmp_path)
    assert folder.problems == []
    assert [note.split()[0] for note in folder.notes] == ["memes_test.json"]
