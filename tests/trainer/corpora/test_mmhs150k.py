"""MMHS150K's own traps: three annotators, lists of ids, and more rows than anyone wants."""

import json
from collections import Counter
from pathlib import Path

import pytest
from tests.trainer.corpora.invented import mmhs150k as invented
from tests.trainer.corpora.reading import read

from memelens.trainer.corpora import mmhs150k
from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import LeftOut, Row, Split
from memelens.trainer.corpora.problems import RowError
from memelens.trainer.corpus.gathering import Images, Tally, gather
from memelens.trainer.corpus.records import Record
from memelens.trainer.errors import SourcesError

_PAIR = "Hateful_en__MMHS"
_TRAIN, _VALIDATION, _TEST = range(800), range(800, 850), range(850, 1_000)
_HATEFUL = 4  # every fourth tweet


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A whole invented copy."""
    invented.write(tmp_path)
    return tmp_path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A thousand tweets without pictures, each with text."""
    invented.write_annotations(tmp_path, [[1, 2, 0] if n % _HATEFUL == 0 else [0, 0, 0] for n in range(1_000)])
    for split, numbers in (("train", _TRAIN), ("val", _VALIDATION), ("test", _TEST)):
        invented.write_ids(tmp_path, split, numbers)
    (tmp_path / "img_txt").mkdir()
    for number in range(1_000):
        text = json.dumps({"img_text": f"Zorblax {number}"})
        (tmp_path / "img_txt" / f"{invented.tweet_id(number)}.json").write_text(text, encoding="utf-8")
    return tmp_path


def _capped(root: Path, **options: object) -> tuple[list[Record], Tally]:
    folder, tally = Folder("mmhs150k", root, options), Tally()
    records = list(gather(mmhs150k, folder, Images.ABSENT, tally, lambda _: ""))
    assert folder.problems == []
    return records, tally


def _row(labels: object) -> Row:
    return Row("splits/train_ids.txt", 1, {"id": "1110", "labels": labels, "img_text": "Zorblax"}, Split.TRAIN)


@pytest.mark.parametrize(
    ("labels", "label"),
    [([0, 0, 0], "not-hateful"), ([0, 5, 0], "not-hateful"), ([0, 1, 4], "hateful"), ([2, 2, 2], "hateful")],
)
def test_two_of_three_annotators_make_a_meme_hateful(labels: list[int], label: str) -> None:
    """Each may mean another kind of hate."""
    meme = mmhs150k.meme(_row(labels))
    assert not isinstance(meme, LeftOut)
    assert meme.labels == {_PAIR: label}


@pytest.mark.parametrize("labels", [[0, 0], [0, 0, 6], [0, 0, -1], ["0", "1", "1"], "111", None, []])
def test_other_annotations_are_refused(labels: object) -> None:
    """Three numbers from 0 to 5; anything else is no annotation of this dataset."""
    with pytest.raises(RowError, match="labels of 1110 should be three numbers from 0 to 5"):
        mmhs150k.meme(_row(labels))


def test_text_is_the_picture_s_and_not_the_tweet_s(root: Path) -> None:
    """A picture without a file of text has none."""
    texts = {one.text for one in read("mmhs150k", root)[0]}
    assert texts == {"", *(f"ZORBLAXIANS\n{number}" for number in range(1, 14, 2))}


@pytest.mark.parametrize(
    ("content", "problem"),
    [("[]", "should hold one JSON object"), ('{"text": "a secret"}', "the row has no 'img_text'")],
)
def test_a_file_of_text_without_text_is_told(root: Path, content: str, problem: str) -> None:
    """It isn't read as a picture without text."""
    (root / "img_txt" / f"{invented.tweet_id(1)}.json").write_text(content, encoding="utf-8")
    (told,) = read("mmhs150k", root)[1].problems
    assert problem in str(told)
    assert "secret" not in str(told)


def test_ids_without_annotations_are_told_once(root: Path) -> None:
    """With the first of them and its line."""
    invented.write_ids(root, "val", [8, 9, 77, 10, 78])
    (problem,) = read("mmhs150k", root)[1].problems
    assert (problem.file, problem.row, problem.value) == ("splits/val_ids.txt", 3, invented.tweet_id(77))
    assert problem.text.startswith("2 of 16 memes aren't in MMHS150K_GT.json")


def test_a_list_that_is_cut_short_is_told(root: Path) -> None:
    """Tweets that stand in no split aren't left out silently."""
    invented.write_ids(root, "train", range(5))
    (problem,) = read("mmhs150k", root)[1].problems
    assert (problem.file, problem.row, problem.value) == ("MMHS150K_GT.json", 6, invented.tweet_id(5))
    assert problem.text.startswith("3 of 14 memes aren't in splits/train_ids.txt, splits/val_ids.txt")


def test_an_id_in_two_splits_is_told(root: Path) -> None:
    """It would leak."""
    invented.write_ids(root, "test", [11, 12, 13, 0])
    (problem,) = read("mmhs150k", root)[1].problems
    assert (problem.file, problem.row, problem.value) == ("splits/test_ids.txt", 4, invented.tweet_id(0))
    assert problem.text == "the id was there before, in splits/train_ids.txt row 1"


def test_a_cap_takes_training_rows_alone_and_keeps_their_shares(large: Path) -> None:
    """Published validation and test rows stay whole; every row is kept or counted as left out."""
    records, tally = _capped(large, cap=500)
    assert Counter(one.original_split for one in records) == {
        Split.TRAIN: 300,
        Split.VALIDATION: len(_VALIDATION),
        Split.TEST: len(_TEST),
    }
    train = Counter(one.labels for one in records if one.original_split is Split.TRAIN)
    assert train == {("hateful",): 75, ("not-hateful",): 225}
    assert tally.left_out == {_PAIR: {"over the cap": 500}}
    assert tally.read == {_PAIR: 1_000}


@pytest.mark.parametrize("options", [{"cap": 0}, {"cap": None}, {"cap": 1_000}, {"cap": 5_000}, {}])
def test_without_a_lower_cap_all_rows_are_kept(large: Path, options: dict[str, object]) -> None:
    """0 or nothing after `cap:` means all; left out it is far more than this."""
    assert len(_capped(large, **options)[0]) == 1_000


def test_the_sample_is_no_matter_of_order(large: Path) -> None:
    """The same rows from lists and annotations in another order, not the first ones, and more under a higher cap."""
    records = _capped(large, cap=500)[0]
    kept = {one.id for one in records}
    assert {one.row for one in records if one.original_split is Split.TRAIN} != {*range(1, 301)}
    assert kept < {one.id for one in _capped(large, cap=600)[0]}
    tweets = json.loads((large / "MMHS150K_GT.json").read_text(encoding="utf-8"))
    (large / "MMHS150K_GT.json").write_text(json.dumps(dict(reversed(tweets.items()))), encoding="utf-8")
    invented.write_ids(large, "train", list(reversed(_TRAIN)))
    assert {one.id for one in _capped(large, cap=500)[0]} == kept


def test_text_of_rows_over_the_cap_is_not_read(large: Path) -> None:
    """They are most of 150,000 files."""
    kept = {one.key for one in _capped(large, cap=201)[0]}
    for text in (large / "img_txt").iterdir():
        if text.stem not in kept:
            text.write_text("not JSON", encoding="utf-8")
    assert {one.key for one in _capped(large, cap=201)[0]} == kept


@pytest.mark.parametrize("cap", [-1, True, "many", 59_300.5])
def test_a_cap_that_is_no_number_of_rows_is_refused(large: Path, cap: object) -> None:
    """The message says what it should be."""
    with pytest.raises(SourcesError, match=r"mmhs150k\.cap: should be a number of rows, or 0 for all of them"):
        _capped(large, cap=cap)


def test_a_cap_without_room_for_training_is_refused(large: Path) -> None:
    """The published validation and test splits are not cut."""
    with pytest.raises(SourcesError, match="200 leaves no training rows beside the 200 of the published validation"):
        _capped(large, cap=200)
