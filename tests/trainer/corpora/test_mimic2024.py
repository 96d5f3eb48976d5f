"""MIMIC2024's own traps: questions that aren't asked of all, several answers at once, names that say the label."""

from pathlib import Path

import pytest
from tests.trainer.corpora.invented import mimic2024 as invented
from tests.trainer.corpora.reading import read

from memelens.trainer.corpora import mimic2024
from memelens.trainer.corpora.interface import Row
from memelens.trainer.corpora.problems import RowError

PAIR, KINDS_PAIR = mimic2024.SOURCE.pairs


def _row(answers: str, name: str = "7_M_pic_3.jpg") -> Row:
    values = dict(zip(("Misogyny", "Objectification", "Prejudice", "Humiliation"), answers, strict=True))
    return Row("MIMIC2024.csv", 2, {"FileName": name, "ExtractedText": "Zorblax!", **values})


@pytest.mark.parametrize(
    ("answers", "kinds"),
    [
        ("1100", ("Objectification",)),
        ("1011", ("Prejudice", "Humiliation")),
        ("1111", ("Objectification", "Prejudice", "Humiliation")),
        ("1000", ()),
    ],
)
def test_kinds_are_as_many_as_hold(answers: str, kinds: tuple[str, ...]) -> None:
    """Several at once, or three times no: a misogynous meme has an answer to each question."""
    meme = mimic2024.meme(_row(answers))
    assert meme.labels == {PAIR: "1", KINDS_PAIR: kinds}
    assert meme.unlabelled == {}


def test_kinds_are_not_asked_of_other_memes() -> None:
    """A meme that isn't misogynous is no negative example of a kind: it has no label there, which is counted."""
    meme = mimic2024.meme(_row("0000"))
    assert meme.labels == {PAIR: "0"}
    assert meme.unlabelled == {KINDS_PAIR: "not misogynous, so not asked for kinds"}


def test_a_kind_without_misogyny_is_told() -> None:
    """No published row contradicts itself so; one that does names the kinds."""
    with pytest.raises(RowError, match="isn't misogynous and yet of a kind") as caught:
        mimic2024.meme(_row("0101"))
    assert caught.value.value == "Objectification, Humiliation"


@pytest.mark.parametrize("place", range(4))
def test_an_answer_is_0_or_1(place: int) -> None:
    """Anything else is told, an empty cell too."""
    columns = ("Misogyny", "Objectification", "Prejudice", "Humiliation")
    row = _row("1111")
    for answer in ("", "yes", "2"):
        damaged = Row(row.file, row.number, {**row.values, columns[place]: answer})
        with pytest.raises(RowError, match=f"{columns[place]} should be 0 or 1"):
            mimic2024.meme(damaged)


def test_a_name_that_says_the_label_stays_in_key_and_image(tmp_path: Path) -> None:
    """Nothing else of a record holds the picture's name: ids are opaque, the text is the meme's own."""
    invented.write(tmp_path)
    for one in read("mimic2024", tmp_path)[0]:
        said = (one.id, one.meme, one.text, one.group, one.template, one.note, one.explanation, one.original_label)
        assert not any("M_pic" in str(part) for part in said)
        assert one.image == f"Files/{one.key}"


def test_text_that_looks_like_nothing_is_kept(tmp_path: Path) -> None:
    """`0` and `None` are what stands in the picture; an empty cell alone is no text."""
    invented.write(tmp_path)
    texts = [one.text for one in read("mimic2024", tmp_path)[0] if one.pair == PAIR]
    assert {"0", "None"} <= {*texts}
    assert texts.count("") == 2
