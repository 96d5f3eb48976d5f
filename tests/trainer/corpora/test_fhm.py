"""FHM's own traps: ids in three spellings, and files that hold the same memes twice."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.trainer.corpora.invented import fhm as invented
from tests.trainer.corpora.reading import read
from tests.trainer.corpora.writing import write_json_lines

from memelens.trainer.corpora import fhm
from memelens.trainer.corpora.interface import Row, Split
from memelens.trainer.corpora.problems import RowError

_VALUES = {"img": "img/08291.png", "label": 0, "text": "Zorblaxians bake bread"}


@pytest.mark.parametrize("spelled", ["08291", "8291", 8291])
def test_an_id_is_the_same_in_every_spelling(spelled: Any) -> None:
    """A text, a number, or a text that lost its zero: one key."""
    assert fhm.meme(Row("train.jsonl", 1, {"id": spelled, **_VALUES})).key == "08291"


@pytest.mark.parametrize("spelled", ["8291.0", 8291.0, "082911", "zorblax", "٠٨٢٩١", "", "-1"])
def test_what_is_no_id_is_told(spelled: Any) -> None:
    """A number that went through floats, or no number, is no id."""
    with pytest.raises(RowError, match="5 digits"):
        fhm.meme(Row("train.jsonl", 1, {"id": spelled, **_VALUES}))


def test_one_id_in_two_spellings_is_a_duplicate(tmp_path: Path) -> None:
    """Two memes under `08291` and `8291` are told with the row of the first."""
    invented.write(tmp_path)
    write_json_lines(tmp_path / "train.jsonl", [{"id": "08291", **_VALUES}, {"id": 8291, **_VALUES, "label": 1}])
    _, folder, _ = read("fhm", tmp_path)
    (problem,) = folder.problems
    assert (problem.file, problem.row, problem.value) == ("train.jsonl", 2, "08291")
    assert "train.jsonl row 1" in problem.text


def test_seen_files_are_passed_over_aloud(tmp_path: Path) -> None:
    """Memes of the seen files aren't counted twice, whatever stands in them, and a note says so."""
    invented.write(tmp_path)
    without = read("fhm", tmp_path)[0]
    unseen = (tmp_path / "dev_unseen.jsonl").read_text(encoding="utf-8").splitlines()
    write_json_lines(tmp_path / "dev_seen.jsonl", [{**json.loads(line), "label": 1} for line in unseen])
    (tmp_path / "test_seen.jsonl").write_text("{}\n", encoding="utf-8")
    records, folder, _ = read("fhm", tmp_path)
    assert records == without
    assert folder.problems == []
    assert [note.split()[0] for note in folder.notes] == ["dev_seen.jsonl", "test_seen.jsonl"]


def test_a_test_file_without_labels_is_told(tmp_path: Path) -> None:
    """The competition's first copy of the unseen test set has none: each of its rows says so."""
    invented.write(tmp_path)
    write_json_lines(tmp_path / "test_unseen.jsonl", [{"id": 16_400, "img": "img/16400.png", "text": "Zorblax"}])
    records, folder, _ = read("fhm", tmp_path)
    assert Split.TEST not in {one.original_split for one in records}
    assert [str(problem) for problem in folder.problems] == [
        "fhm: test_unseen.jsonl row 1: the row has no 'label'",
    ]
