"""HarMeme's own traps: targets of what isn't harmful, two of one, none, in any spelling of the harm label."""

from pathlib import Path

import pytest
from tests.trainer.corpora.invented import harmeme as invented
from tests.trainer.corpora.reading import read

from memelens.trainer.corpora import harmeme
from memelens.trainer.corpora.interface import LeftOut, Meme, Row

_HARM, _TARGET = "Harmful_en__HarMeme", "Target_en__HarMeme"


def _meme(*labels: str) -> Meme | LeftOut:
    values = {"id": "memes_7", "image": "memes_7.png", "labels": [*labels], "text": "Zorblax!"}
    return harmeme.meme(Row("Harm-P/train.jsonl", 1, values))


@pytest.mark.parametrize("harm", ["not harmful", "Not harmful", "not_harmful", "non-harmful"])
@pytest.mark.parametrize(("targets", "note"), [((), None), (("society",), "published with target society")])
def test_what_is_not_harmful_has_no_target(harm: str, targets: tuple[str, ...], note: str | None) -> None:
    """However it is spelled, and whatever target it was published with, which is kept as a note."""
    meme = _meme(harm, *targets)
    assert isinstance(meme, Meme)
    assert (meme.labels, meme.unlabelled, meme.note) == ({_HARM: harm, _TARGET: "none"}, {}, note)


@pytest.mark.parametrize(
    ("targets", "note"), [(("individual",), None), (("individual", "community"), "also targets community")]
)
def test_the_first_target_counts(targets: tuple[str, ...], note: str | None) -> None:
    """The second one is kept as a note."""
    meme = _meme("very harmful", *targets)
    assert isinstance(meme, Meme)
    assert (meme.labels[_TARGET], meme.note) == ("individual", note)


def test_harm_without_a_target_is_no_target() -> None:
    """Its harm counts; for the other question it is left out and counted, not made one of nobody."""
    meme = _meme("somewhat harmful")
    assert isinstance(meme, Meme)
    assert meme.labels == {_HARM: "somewhat harmful"}
    assert meme.unlabelled == {_TARGET: "harmful without a target"}


@pytest.mark.parametrize("labels", [(), ("",)])
def test_a_row_without_labels_is_left_out(labels: tuple[str, ...]) -> None:
    """For both questions."""
    assert _meme(*labels) == LeftOut("no harm label", (_HARM, _TARGET))


def test_half_of_a_part_is_told(tmp_path: Path) -> None:
    """Pictures without their tables are a broken copy; a part of which nothing is there is a smaller one."""
    invented.write(tmp_path)
    for table in (tmp_path / "Harm-P").glob("*.jsonl"):
        table.unlink()
    problems = [str(problem) for problem in read("harmeme", tmp_path)[1].problems]
    assert [problem.split(":")[1] for problem in problems] == [
        f" Harm-P/{split}.jsonl" for split in ("train", "val", "test")
    ]
