"""RoMemes' own traps: two files, ids that lost their zeros, labels that stand in both."""

from pathlib import Path

import pytest
from tests.trainer.corpora.invented import romemes as invented
from tests.trainer.corpora.reading import read


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A whole invented copy."""
    invented.write(tmp_path)
    return tmp_path


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new).encode())


def test_ids_keep_their_zeros(root: Path) -> None:
    """Joined by number, called as metadata.tsv and the pictures are."""
    records = read("romemes", root)[0]
    assert {one.key for one in records} >= {"00100001", "00100013", "00300001"}
    assert {one.image for one in records} >= {"images/00100001.jpg", "images/00200001.jpeg", "images/00200002.webp"}


def test_text_and_labels_meet_by_number(root: Path) -> None:
    """The two files stand in different orders; row numbers are those of metadata.tsv."""
    told = {(one.key, one.pair): one for one in read("romemes", root)[0]}
    first = told["00100013", "deepfake_ro__RoMemes"]
    assert first.labels == ("deepfake",)
    assert first.text == "Zorblaxienii,\nspune 3: „ăâîșț”"
    assert (first.file, first.row) == ("metadata.tsv", 4)


def test_rows_in_one_file_alone_are_told(root: Path) -> None:
    """On either side, with the row and the number."""
    _replace(root / "romemes.csv", ",100013,", ",100014,")
    records, folder, _ = read("romemes", root)
    told = {(one.file, one.row, one.value) for one in folder.problems}
    assert told == {("metadata.tsv", 4, "100013"), ("romemes.csv", 8, "100014")}
    assert len(records) == 4 * 5


def test_labels_that_contradict_each_other_are_told(root: Path) -> None:
    """Both files repeat the labels: where they disagree neither is believed."""
    _replace(root / "romemes.csv", "DeepFake,Negative", "Real,Positive")
    (problem,) = read("romemes", root)[1].problems
    assert (problem.row, problem.value) == (4, "Real_Fake, Sentiment1")


def test_an_id_that_is_there_twice_is_told(root: Path) -> None:
    """With and without its zeros it is the same one."""
    table = root / "metadata.tsv"
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([*lines, lines[1].replace("00100001", "100001")]) + "\n", encoding="utf-8")
    (problem,) = read("romemes", root)[1].problems
    assert (problem.file, problem.row, problem.value) == ("metadata.tsv", 8, "100001")
    assert "row 2" in problem.text


def test_a_label_that_is_in_no_set_is_told(root: Path) -> None:
    """Not the first label of its set."""
    for name in ("metadata.tsv", "romemes.csv"):
        _replace(root / name, "Surprise", "Zorblaxed")
    (problem,) = read("romemes", root)[1].problems
    assert problem.row == 7
    assert "unknown label of emotion-ro 'Zorblaxed'" in problem.text
