"""MAMI's own traps: labels that contradict each other, and a test split in two files, one without a heading."""

from pathlib import Path

import pytest
from tests.trainer.corpora.invented import mami as invented
from tests.trainer.corpora.reading import read
from tests.trainer.corpora.writing import write_csv

from memelens.trainer.corpora import mami
from memelens.trainer.corpora.interface import Row, Split

_COLUMNS = ("file_name", "misogynous", "shaming", "stereotype", "objectification", "violence", "Text Transcription")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A whole invented copy."""
    invented.write(tmp_path)
    return tmp_path


def _row(labels: str) -> Row:
    return Row("training.csv", 2, dict(zip(_COLUMNS, ("1.jpg", *labels, "Zorblax!"), strict=True)))


def test_a_contradiction_is_a_warning_and_keeps_its_labels(root: Path) -> None:
    """Not misogynous and yet a stereotype: both labels stay, and the report counts such memes."""
    meme = mami.meme(_row("00100"))
    assert meme.labels["misogynous_en__MAMI"] == "0"
    assert meme.labels["stereotype_en__MAMI"] == "1"
    assert read("mami", root)[2].warnings == {"not misogynous, but of a kind": 2}


def test_misogynous_of_no_kind_is_negative_for_each(root: Path) -> None:
    """It is no contradiction and leaves nothing unlabelled."""
    meme = mami.meme(_row("10000"))
    assert [meme.labels[pair] for pair in mami.SOURCE.pairs] == ["1", "0", "0", "0", "0"]
    assert meme.warning is None
    assert meme.unlabelled == {}
    assert read("mami", root)[2].left_out == {}


def test_labels_and_text_of_a_test_meme_meet_by_name(root: Path) -> None:
    """The two files stand in different orders; there is no validation split."""
    records = read("mami", root)[0]
    assert {one.original_split for one in records} == {Split.TRAIN, Split.TEST}
    test = [one for one in records if one.original_split is Split.TEST]
    assert all(f'"{one.key}"' in one.text and one.file == "test_labels.txt" for one in test)


@pytest.mark.parametrize(
    ("file", "told", "name"),
    [
        ("test/Test.csv", "test_labels.txt row 2: 5 of 6 memes aren't in test/Test.csv", "15002.jpg"),
        ("test_labels.txt", "test/Test.csv row 2: 5 of 6 memes aren't in test_labels.txt", "15006.jpg"),
    ],
)
def test_half_of_a_test_file_is_told_once(root: Path, file: str, told: str, name: str) -> None:
    """A row that stands in one file alone is no test meme; however many there are, it is one problem."""
    rows = (
        ["file_name\tText Transcription", "15001.jpg\tZorblax!"] if file.endswith(".csv") else ["15001.jpg" + "\t0" * 5]
    )
    (root / file).write_text("\n".join(rows), encoding="utf-8")
    _, folder, _ = read("mami", root)
    (problem,) = folder.problems
    assert str(problem).startswith(f"mami: {told}")
    assert problem.value == name


def test_a_heading_in_the_labels_is_told(root: Path) -> None:
    """A copy to which someone added the heading isn't read as if `misogynous` were a label."""
    labels = root / "test_labels.txt"
    labels.write_text("\t".join(_COLUMNS[:-1]) + "\n" + labels.read_text(encoding="utf-8"), encoding="utf-8")
    _, folder, _ = read("mami", root)
    assert [(one.file, one.row, one.value) for one in folder.problems] == [("test_labels.txt", 1, "file_name")]


@pytest.mark.parametrize("file", ["test_labels.txt", "test/Test.csv"])
def test_a_name_that_is_there_twice_is_told(root: Path, file: str) -> None:
    """Either file holds each meme once."""
    rows = (root / file).read_text(encoding="utf-8")
    extra = "15001.jpg\tanother text\n" if file.endswith(".csv") else "15001.jpg" + "\t1" * 5 + "\n"
    (root / file).write_text(rows + extra, encoding="utf-8")
    _, folder, _ = read("mami", root)
    assert [(one.file, one.value) for one in folder.problems] == [(file, "15001.jpg")]


def test_commas_in_place_of_tabs_are_told(root: Path) -> None:
    """A copy that was saved again as what its suffix says has other columns than the published one."""
    write_csv(root / "TRAINING/training.csv", [_COLUMNS, ["1.jpg", *"00000", "Zorblax!"]])
    _, folder, _ = read("mami", root)
    (problem,) = folder.problems
    assert (problem.file, problem.row) == ("TRAINING/training.csv", 1)
    assert "has no column" in problem.text
