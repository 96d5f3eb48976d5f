"""The released corpus' own traps: ids that come again, rows without a label, marks of several kinds, gaps."""

from pathlib import Path
from typing import Any

import pytest
from tests.trainer.corpora.invented import memelens as invented
from tests.trainer.corpora.reading import read
from tests.trainer.corpora.writing import write_parquet

from memelens.taxonomy import PAIRS
from memelens.trainer.corpora import released, toxic_memes_ru
from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import JUDGED, LeftOut, Meme, Row, Split
from memelens.trainer.corpora.problems import RowError
from memelens.trainer.corpus.gathering import Images

TOXIC = "toxic_ru__Toxic_Memes_Detection_Dataset"
KINDS = "Misogyny_Categories_hi_en__MIMIC2024"
PAIR_OF = {pair.configuration: pair for pair in PAIRS}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """One pair, as a user has downloaded it."""
    invented.write_pair(tmp_path, PAIR_OF[TOXIC])
    return tmp_path


def meme(**values: Any) -> Meme | LeftOut:
    """What a row of that pair gives."""
    told = {"configuration": TOXIC, "id": "ab12", "image": None, "text": "Zorblax!", "label": "toxic"}
    return released.meme(Row("some.parquet", 1, {**told, **values}, Split.TEST))


def kept(**values: Any) -> Meme:
    """The same for a row that isn't left out."""
    one = meme(**values)
    assert isinstance(one, Meme)
    return one


def test_ids_may_come_again_in_another_split(root: Path) -> None:
    """They count within a split: a meme of train and one of test stay two."""
    records, folder, tally = read("memelens", root)
    assert folder.problems == []
    assert {one.key.rsplit("/", 1)[1] for one in records} == {f"{0:032x}", f"{1:032x}"}
    assert len({one.meme for one in records}) == len(records) == 4
    assert tally.left_out == {}


def test_an_id_twice_in_one_split_is_told(root: Path) -> None:
    """With both places."""
    rows = [{"id": "1", "image": {"bytes": b"x", "path": None}, "text": text, "label": "toxic"} for text in "ab"]
    write_parquet(root / TOXIC / "train-00000-of-00001.parquet", rows)
    (problem,) = read("memelens", root)[1].problems
    assert (problem.row, problem.value) == (2, f"{TOXIC}/train/1")


def test_what_is_said_beside_the_label_is_kept(root: Path) -> None:
    """Explanation, native wording and the judgement of test rows."""
    records = read("memelens", root)[0]
    for one in records:
        assert one.explanation
        assert one.native_label
        assert one.native_task_description
        assert one.native_explanation
        test = one.original_split is Split.TEST
        assert one.judgement == (dict.fromkeys(JUDGED, 4.5) if test else {})


def test_null_is_no_text_and_no_explanation() -> None:
    """The word `None` appears nowhere."""
    one = kept(text=None, explanation=None, native_label=None)
    assert (one.text, one.explanation, one.native_label, one.native_explanation) == ("", None, None, None)


def test_a_row_without_picture_is_told(root: Path) -> None:
    """Every released row has one; a copy without can be declared to have none."""
    rows = [{"id": "1", "image": {"bytes": None, "path": None}, "text": "Zorblax", "label": "toxic"}]
    write_parquet(root / TOXIC / "train-00000-of-00001.parquet", rows, invented.SCHEMA)
    (problem,) = read("memelens", root)[1].problems
    assert "1 of its 1 pictures" in problem.text
    assert len(read("memelens", root, Images.PARTIAL)[0]) == 4


def test_several_kinds_stand_in_one_label() -> None:
    """Parted by commas; the set has no label that names two of them."""
    one = kept(configuration=KINDS, label="Objectification, Humiliation")
    assert one.labels == {KINDS: ("Objectification", "Humiliation")}
    assert kept(configuration=KINDS, label="Prejudice").labels == {KINDS: ("Prejudice",)}
    assert kept(configuration=KINDS, label=released.NO_LABEL).labels == {KINDS: ()}


@pytest.mark.parametrize(
    ("pair", "label", "reason"),
    [
        ("Harmful_en__HarMeme", "not-specified", "no harm label"),
        (KINDS, "Unspecified", "no kind named, whether misogynous or not"),
    ],
)
def test_a_label_that_says_there_is_none_is_left_out(pair: str, label: str, reason: str) -> None:
    """Counted for its pair, and for that pair alone."""
    assert meme(configuration=pair, label=label) == LeftOut(reason, (pair,))
    assert isinstance(meme(label=label), Meme)  # refused where labels are checked


@pytest.mark.parametrize("label", [None, ["toxic"]])
def test_a_label_is_text(label: object) -> None:
    """Null is none of a set's labels."""
    with pytest.raises(RowError, match="label should be text"):
        meme(label=label)


_JUDGES = {"gemini": {"justification": "It waves.", "score": 5.0}, "gpt5": {"justification": "So so.", "score": 3.0}}


@pytest.mark.parametrize(
    ("mark", "mean"),
    [
        (4.5, 4.5),
        (3, 3.0),
        (None, None),
        (float("nan"), None),
        ({"clarity": _JUDGES, "faithfulness": {"gemini": {"justification": "", "score": 1.0}, "gpt5": None}}, 3.0),
        ({"clarity": {"gemini": None, "gpt5": None}}, None),
        ({}, None),
    ],
)
def test_marks_are_means_of_their_scores(mark: object, mean: float | None) -> None:
    """One number, or each judge's on each criterion; what nobody judged has no mark."""
    assert kept(llm_judge=mark).judgement == ({} if mean is None else {"llm_judge": mean})


@pytest.mark.parametrize("mark", ["five", [4, 5], 0.5, 6, True, {"clarity": {"gemini": {"score": "high"}}}])
def test_a_mark_is_a_number_from_1_to_5(mark: object) -> None:
    """Anything else is told with its column."""
    with pytest.raises(RowError, match="clarity should be"):
        meme(clarity=mark)


def test_toxic_memes_are_read_from_that_pair_alone(tmp_path: Path) -> None:
    """As their own source they are the same memes, under another name."""
    invented.write_pair(tmp_path, PAIR_OF[TOXIC])
    invented.write_pair(tmp_path, PAIR_OF["Hateful_en_FHM"])
    records, folder, _ = read("toxic_memes_ru", tmp_path)
    assert folder.notes == []
    assert {one.pair for one in records} == {TOXIC}
    assert toxic_memes_ru.meme is released.meme


def test_pairs_that_are_not_there_are_noted(root: Path) -> None:
    """A user may have fetched a few of them."""
    (note,) = read("memelens", root)[1].notes
    assert note.startswith("45 of its pairs aren't in this copy: Hateful_ar__Prop2Hate-Meme, ")


def test_pairs_that_are_not_wanted_are_not_opened(root: Path) -> None:
    """Nor noted: 88 GB aren't read for the sake of one pair."""
    invented.write_pair(root, PAIR_OF["Hateful_en_FHM"])
    for path in (root / "Hateful_en_FHM").iterdir():
        path.write_bytes(b"noise")
    folder = Folder("memelens", root, pairs=frozenset({TOXIC}))
    assert len(list(released.rows(folder))) == 4
    assert (folder.problems, folder.notes) == ([], [])


def test_the_folder_may_be_that_of_one_pair(root: Path) -> None:
    """Its own name says which."""
    assert len(read("toxic_memes_ru", root / TOXIC)[0]) == 4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("validation-00000-of-00001.parquet", "val.parquet"),
        ("validation-00000-of-00001.parquet", "dev-00000-of-00001-a0abf839141034be.parquet"),
        ("train-00000-of-00001.parquet", "train/0000.parquet"),
        ("test-00000-of-00001.parquet", "data/test-00000-of-00001.parquet"),
    ],
)
def test_splits_are_told_by_the_file_or_its_folder(root: Path, old: str, new: str) -> None:
    """As the hub, its conversions and its older libraries call them."""
    expected = [one.original_split for one in read("memelens", root)[0]]
    (root / TOXIC / new).parent.mkdir(exist_ok=True)
    (root / TOXIC / old).rename(root / TOXIC / new)
    records, folder, _ = read("memelens", root)
    assert folder.problems == []
    assert [one.original_split for one in records] == expected


@pytest.mark.parametrize(
    ("old", "new", "gaps"),
    [
        ("test-00000-of-00001", None, ["test-*"]),
        ("train-00000-of-00001", "train-00001-of-00003", ["train-00000-of-00003", "train-00002-of-00003"]),
        ("train-00000-of-00001", "zorblax", ["zorblax", "train-*"]),
    ],
)
def test_gaps_are_told(root: Path, old: str, new: str | None, gaps: list[str]) -> None:
    """A split or shard that isn't there, and a file that says no split, before anything is read."""
    path = root / TOXIC / f"{old}.parquet"
    path.rename(path.with_name(f"{new}.parquet")) if new else path.unlink()
    folder = Folder("memelens", root)
    next(released.rows(folder))
    assert [problem.file for problem in folder.problems] == [f"{TOXIC}/{gap}.parquet" for gap in gaps]
