"""From rows to records: counts add up, repeats are found, missing pictures and strange labels are told."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.trainer.corpora.writing import write_json_lines, write_picture

from memelens.trainer.corpora import harmeme
from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import Split
from memelens.trainer.corpus.gathering import Images, Tally, gather
from memelens.trainer.corpus.records import Modality, Record

HARM, TARGET = "Harmful_Covid_en__HarMeme", "Target_Covid_en__HarMeme"


def row(number: int, *labels: str, text: str = "Zorblax!") -> dict[str, object]:
    """A row of Harm-C."""
    return {"id": f"covid_memes_{number}", "image": f"covid_memes_{number}.png", "labels": [*labels], "text": text}


def write(root: Path, *rows: dict[str, object], pictures: bool = True) -> Path:
    """Harm-C with these training rows."""
    for name, some in (("train", rows), ("val", (row(1001, "not harmful"),)), ("test", (row(1002, "not harmful"),))):
        write_json_lines(root / "Harm-C" / f"{name}.jsonl", some)
        for one in some if pictures else ():
            write_picture(root / "Harm-C" / "images" / str(one["image"]))
    return root


def read(
    root: Path, images: Images = Images.COMPLETE, pairs: frozenset[str] | None = None
) -> tuple[list[Record], Tally, list[str]]:
    """Records of the training file, the counts, and what is wrong."""
    folder, tally = Folder("harmeme", root, pairs=pairs), Tally()
    records = list(gather(harmeme, folder, images, tally, lambda data: str(len(data))))
    training = [one for one in records if one.original_split is Split.TRAIN]
    return training, tally, [str(problem) for problem in folder.problems]


def test_text_is_composed_and_blank_text_is_none(tmp_path: Path) -> None:
    """NFC, one kind of line end; a meme whose text is blanks is image-only."""
    write(tmp_path, row(1, "not harmful", text="Zu\u0308rich\r\nsagt"), row(2, "not harmful", text=" \n\u3000"))
    records, _, problems = read(tmp_path)
    assert problems == []
    assert [(one.text, one.modality) for one in records if one.pair == HARM] == [
        ("Zürich\nsagt", Modality.MULTIMODAL),
        ("", Modality.IMAGE_ONLY),
    ]


def test_unknown_labels_are_told_together(tmp_path: Path) -> None:
    """Every one with file, row and value; none falls into class 0."""
    write(tmp_path, row(1, "quite harmful", "individual"), row(2, "very harmful", "zorblaxian"), row(3, "not harmful"))
    _, _, problems = read(tmp_path)
    assert len(problems) == 2
    assert problems[0].startswith("harmeme: Harm-C/train.jsonl row 1: unknown label of harmful 'quite harmful'")
    assert problems[1].startswith("harmeme: Harm-C/train.jsonl row 2: unknown label of target 'zorblaxian'")


@pytest.mark.parametrize("text", ["Zorblaxians wave at every single passer-by in town", "a b c d e", "Z" * 41])
def test_a_text_where_a_label_should_be_is_not_shown(tmp_path: Path, text: str) -> None:
    """Columns may have been swapped: no message shows a meme's text."""
    write(tmp_path, row(1, text))
    (problem,) = read(tmp_path)[2]
    assert text not in problem
    assert problem.endswith(
        f"where a label of harmful should be stand {len(text)} characters; are its columns in order?"
    )


def test_the_same_row_again_is_counted(tmp_path: Path) -> None:
    """Nothing is said twice, and the counts still add up."""
    write(tmp_path, row(1, "very harmful", "society"), row(1, "very harmful", "society"))
    records, tally, problems = read(tmp_path)
    assert problems == []
    assert [one.pair for one in records] == [HARM, TARGET]
    assert tally.left_out == {HARM: Counter({"the same row again": 1}), TARGET: Counter({"the same row again": 1})}
    assert tally.read[HARM] == 4


def test_another_row_of_the_same_id_is_told(tmp_path: Path) -> None:
    """A duplicate id names both places."""
    write(tmp_path, row(1, "very harmful", "society"), row(1, "not harmful"))
    _, _, problems = read(tmp_path)
    assert problems == [
        (
            "harmeme: Harm-C/train.jsonl row 2: the id was there before, with other values, in Harm-C/train.jsonl "
            "row 1: 'Harm-C/covid_memes_1'"
        )
    ]


def test_missing_pictures_are_told_once_a_file(tmp_path: Path) -> None:
    """How many, which the first one is, and what to declare."""
    write(tmp_path, row(1, "not harmful"), row(2, "not harmful"), row(3, "not harmful"))
    for number in (2, 3):
        (tmp_path / "Harm-C" / "images" / f"covid_memes_{number}.png").unlink()
    (tmp_path / "Harm-C" / "images" / "covid_memes_1001.png").unlink()
    _, _, problems = read(tmp_path)
    assert problems == [
        (
            f"harmeme: Harm-C/train.jsonl row 2: 2 of its 3 pictures aren't in {tmp_path}; put them there, or declare "
            "`images: partial` in sources.yaml; the first: 'Harm-C/images/covid_memes_2.png'"
        ),
        (
            f"harmeme: Harm-C/val.jsonl row 1: 1 of its 1 pictures aren't in {tmp_path}; put them there, or declare "
            "`images: absent` in sources.yaml; the first: 'Harm-C/images/covid_memes_1001.png'"
        ),
    ]


def test_a_partial_source_gives_text_only_rows(tmp_path: Path) -> None:
    """Declared so, a row without its picture is marked and counted; one without text either is left out."""
    write(tmp_path, row(1, "not harmful"), row(2, "not harmful", text=""), row(3, "not harmful"))
    for number in (1, 2):
        (tmp_path / "Harm-C" / "images" / f"covid_memes_{number}.png").unlink()
    records, tally, problems = read(tmp_path, Images.PARTIAL, frozenset({HARM}))
    assert problems == []
    assert [(one.modality, one.image) for one in records] == [
        (Modality.TEXT_ONLY, None),
        (Modality.MULTIMODAL, "Harm-C/images/covid_memes_3.png"),
    ]
    assert tally.without_picture == {HARM: 1}
    assert tally.left_out == {HARM: Counter({"neither picture nor text": 1})}


def test_an_absent_source_is_not_searched(tmp_path: Path) -> None:
    """Pictures that happen to be there are not used when they were declared absent."""
    write(tmp_path, row(1, "not harmful"))
    records, _, _ = read(tmp_path, Images.ABSENT)
    assert {one.modality for one in records} == {Modality.TEXT_ONLY}


def test_pairs_that_nobody_asked_for_leave_no_trace(tmp_path: Path) -> None:
    """Neither rows nor counts of them."""
    write(tmp_path, row(1, "somewhat harmful"), row(2, "very harmful", "society"))
    records, tally, _ = read(tmp_path, pairs=frozenset({TARGET}))
    assert [one.pair for one in records] == [TARGET]
    assert tally.left_out == {TARGET: Counter({"harmful without a target": 1})}
    assert {*tally.read} == {TARGET}


def test_what_a_dataset_says_beyond_its_label_is_kept(tmp_path: Path) -> None:
    """The original label and a second target stay with the row."""
    write(tmp_path, row(1, "somewhat harmful", "individual", "community"))
    records, _, _ = read(tmp_path)
    by_pair = dict(_by_pair(records))
    assert by_pair[HARM].original_label == "somewhat harmful"
    assert by_pair[HARM].labels == ("partially-harmful",)
    assert by_pair[TARGET].labels == ("individual",)
    assert by_pair[TARGET].note == "also targets community"


def _by_pair(records: list[Record]) -> Iterator[tuple[str, Record]]:
    return ((one.pair, one) for one in records)
