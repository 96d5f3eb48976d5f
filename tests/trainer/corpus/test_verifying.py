"""A built corpus is checked anew: clean ones pass, whatever is planted by hand is found and named."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset, DatasetDict
from tests.trainer.corpora.writing import write_picture
from tests.trainer.corpus.leaks import (
    copied,
    half_wordless,
    read_twice,
    same_bytes,
    same_group,
    same_meme,
    same_text,
    same_text_first_pictured,
    same_text_once_pictured,
    wordless,
)
from tests.trainer.corpus.making import with_picture
from tests.trainer.corpus.planting import (
    TEST,
    TRAIN,
    VALIDATION,
    Quiet,
    Rows,
    examined,
    fhm,
    made,
    rewritten,
    told,
    with_copy,
    wrong,
)

from memelens.trainer.corpora.interface import Split
from memelens.trainer.corpus.schema import rows_of
from memelens.trainer.corpus.store import Corpus
from memelens.trainer.corpus.verifying import Question, verify
from memelens.trainer.errors import CorpusError


@pytest.mark.parametrize("quick", [False, True], ids=["pictures read", "quick"])
def test_a_clean_corpus_passes(tmp_path: Path, clean: Rows, quick: bool) -> None:
    """Nothing is found, every question was asked of something, and memes are counted by side."""
    found = examined(made(tmp_path, clean), quick=quick)
    assert wrong(found) == {}
    assert (found.findings, found.crossings) == (0, 0)
    assert found.memes == {TRAIN: 7, VALIDATION: 5, TEST: 6}
    asked = {check.question: check.looked_at for check in found.checks}
    assert {*Question} - {*asked} == ({Question.PICTURES} if quick else set())
    assert all(asked.values())


def test_progress_adds_up(tmp_path: Path, clean: Rows) -> None:
    """Each step does what it announced."""
    progress = Quiet()
    verify(made(tmp_path, clean), progress, quick=False, jobs=1)
    counted = {step: total for step, total in progress.totals.items() if total is not None}
    assert counted == {"reading rows": 19, "looking at pictures again": 10, "comparing pictures": 7}
    assert {step: progress.done[step] for step in counted} == counted


@pytest.mark.parametrize("sides", [(TRAIN, TEST), (TRAIN, VALIDATION), (VALIDATION, TEST)], ids="-".join)
@pytest.mark.parametrize(
    ("plant", "question"),
    [
        (same_bytes, Question.SAME_BYTES),
        (read_twice, Question.SAME_PICTURE),
        (wordless, Question.SAME_PICTURE),
        (half_wordless, Question.SAME_PICTURE),
        (same_group, Question.SAME_GROUP),
        (same_text, Question.SAME_TEXT),
        (same_text_once_pictured, Question.SAME_TEXT),
        (same_text_first_pictured, Question.SAME_TEXT),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_planted_leak_is_found(
    tmp_path: Path, clean: Rows, plant: Any, question: Question, sides: tuple[Split, Split]
) -> None:
    """Between any two sides, with the kind, both ids and both sides; and nothing else is."""
    planted = _marked(plant(tmp_path / "pictures", *sides), question)
    found = examined(made(tmp_path, [*clean, *planted]))
    assert wrong(found) == {question: 1}
    assert found.crossings == 1
    (finding,) = told(found, question)
    assert finding.ids == ("invented-a", "invented-b")
    assert finding.said == f"stand in {sides[0]} and in {sides[1]}"


def _marked(rows: Rows, question: Question) -> Rows:
    """Rows whose pictures are near aren't template-disjoint: that is no part of what was planted."""
    near = question in {Question.SAME_BYTES, Question.SAME_PICTURE}
    return [{**row, "template_disjoint": False} if near and row["split"] == TEST else row for row in rows]


def test_rows_of_one_meme_on_two_sides_are_found(tmp_path: Path, pictures: Path) -> None:
    """Pairs of a meme stay together, whatever else their rows have in common."""
    found = examined(made(tmp_path, [fhm("z", TRAIN), *same_meme(pictures, TRAIN, TEST)]))
    assert wrong(found) == {Question.SAME_MEME: 1, Question.MODALITY: 2}


@pytest.mark.parametrize(
    "plant",
    [
        pytest.param(same_bytes, id="same bytes, other text"),
        pytest.param(read_twice, id="a copy"),
        pytest.param(same_group, id="same group"),
        pytest.param(same_text, id="same text"),
    ],
)
@pytest.mark.parametrize("side", list(Split))
def test_copies_on_one_side_are_no_leak(tmp_path: Path, pictures: Path, plant: Any, side: Split) -> None:
    """The relation is asked across sides alone."""
    assert wrong(examined(made(tmp_path, plant(pictures, side, side)))) == {}


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(("The Zorblaxians say no to this", "My cat on a Monday morning"), id="another text"),
        pytest.param(("The Zorblaxians say no to this", "The Zorblaxians say nothing at all now"), id="a similar text"),
    ],
)
def test_one_template_with_another_text_is_no_leak(tmp_path: Path, pictures: Path, texts: tuple[str, str]) -> None:
    """Near pictures alone make no copy; what they make is a test row that isn't template-disjoint."""
    rows = copied(pictures, TRAIN, TEST, texts=texts)
    assert wrong(examined(made(tmp_path, rows))) == {Question.TEMPLATES: 1}
    rows[1]["template_disjoint"] = False
    assert wrong(examined(made(tmp_path, rows))) == {}


def test_nothing_is_chained(tmp_path: Path, pictures: Path) -> None:
    """A like B and B like C makes no leak of A and C; with B in train, B and C are the only one."""
    texts = ("zorblaxians say no today", "zorblaxians say no todxxxxx", "zorblaxians saxxxxx todxxxxx")
    first = with_picture(fhm("a", TRAIN, text=texts[0]), pictures, "chain")
    last = with_picture(fhm("c", TEST, text=texts[2], template_disjoint=False), pictures, "other")
    last = with_copy(last, pictures, "a.png")
    assert wrong(examined(made(tmp_path, [first, last]))) == {}
    middle = with_copy(fhm("b", TRAIN, text=texts[1]), pictures, "c.jpg")
    found = examined(made(tmp_path, [first, middle, last]))
    assert [finding.ids for finding in told(found, Question.SAME_PICTURE)] == [("invented-b", "invented-c")]


@pytest.mark.parametrize("recorded", [None, "0f" * 32], ids=["missing", "another one"])
def test_a_copy_cannot_hide_behind_a_recorded_hash(tmp_path: Path, pictures: Path, recorded: str | None) -> None:
    """Pictures are read again: a copy is found whatever the corpus says its hash is; `quick` trusts it."""
    first, second = read_twice(pictures, TRAIN, TEST)
    second |= {"perceptual_hash": recorded, "template_disjoint": False}
    corpus = made(tmp_path, [first, second])
    found = examined(corpus)
    assert wrong(found) == {Question.PICTURES: 1, Question.SAME_PICTURE: 1}
    assert "a" in told(found, Question.SAME_PICTURE)[0].ids[0]
    assert Question.SAME_PICTURE not in wrong(examined(corpus, quick=True))


def test_the_same_bytes_cannot_hide_behind_a_recorded_digest(tmp_path: Path, pictures: Path) -> None:
    """Nor does another content hash help."""
    first, second = same_bytes(pictures, TRAIN, TEST)
    second |= {"image_sha256": "0" * 64, "template_disjoint": False}
    assert wrong(examined(made(tmp_path, [first, second]))) == {Question.PICTURES: 1, Question.SAME_BYTES: 1}


def test_a_changed_picture_is_found(tmp_path: Path, pictures: Path, clean: Rows) -> None:
    """What was recorded is the old one's; quick doesn't look."""
    corpus = made(tmp_path, clean)
    write_picture(pictures / "train-1.png", content="another")
    found = examined(corpus)
    assert wrong(found) == {Question.PICTURES: 1}
    (finding,) = told(found, Question.PICTURES)
    assert finding.ids == ("invented-train-1",)
    assert "image_sha256 and perceptual_hash" in finding.said
    assert wrong(examined(corpus, quick=True)) == {}


def test_a_missing_picture_is_told_with_the_remedy(tmp_path: Path, pictures: Path, clean: Rows) -> None:
    """Which picture, of which meme, and what to do; the rest is checked all the same."""
    corpus = made(tmp_path, [*clean, *same_group(pictures, TRAIN, TEST)])
    (pictures / "test-0.png").unlink()
    (pictures / "test-1.png").write_bytes(b"no picture")
    found = examined(corpus)
    assert wrong(found) == {Question.PICTURES: 2, Question.SAME_GROUP: 1}
    missing, broken = told(found, Question.PICTURES)
    assert missing.ids == ("invented-test-0",)
    assert "test-0.png can't be opened (No such file" in missing.said
    assert "put the picture back, or build the corpus again" in missing.said
    assert broken.ids == ("invented-test-1",)


def test_quick_says_what_it_cannot_tell(tmp_path: Path, pictures: Path) -> None:
    """Wordless pictures near by hash are opened even then: one that isn't there is a finding, not a pass."""
    corpus = made(tmp_path, _marked(wordless(pictures, TRAIN, TEST), Question.SAME_PICTURE))
    assert wrong(examined(corpus, quick=True)) == {Question.SAME_PICTURE: 1}
    (pictures / "b.jpg").unlink()
    assert wrong(examined(corpus, quick=True)) == {Question.PICTURES: 1}


def test_pictures_of_an_unknown_source_stop_nothing(tmp_path: Path, pictures: Path) -> None:
    """Where they lie isn't known, so they can't be opened; that is told with the counts."""
    first, second = _marked(wordless(pictures, TRAIN, TEST), Question.SAME_PICTURE)
    found = examined(made(tmp_path, [first, second | {"dataset": "elsewhere"}]))
    assert wrong(found) == {Question.COUNTS: 2}


def test_rows_that_lost_everything_stop_nothing(tmp_path: Path, clean: Rows) -> None:
    """Nulls where ids should be are findings, and what else is wrong is found all the same."""
    corpus = made(tmp_path, clean)
    lost = {**dict.fromkeys(clean[0]), "judgement": clean[0]["judgement"]}
    train = [*rows_of(corpus.sides[TRAIN]), lost, lost | {"dataset": "elsewhere"}]
    leak = next(row for row in clean if row["split"] == TEST) | {"id": None, "meme": None, "split": "train"}
    found = examined(rewritten(corpus, {TRAIN: [*train, leak]}))
    assert wrong(found)[Question.IDS] == 3
    assert wrong(found)[Question.SAME_BYTES] == 1
    assert str(told(found, Question.SAME_BYTES)[0]).startswith("None | invented-test-0: stand in train and in test")


def test_everything_is_counted_and_the_first_are_kept(tmp_path: Path) -> None:
    """Thirty findings of one kind: twenty with ids, all in the number."""
    rows = [fhm(f"{side}-{n}", side, group=f"invented/{n}") for side in (TRAIN, TEST) for n in range(30)]
    found = examined(made(tmp_path, rows))
    assert wrong(found) == {Question.SAME_GROUP: 30}
    assert len(told(found, Question.SAME_GROUP)) == 20


def test_an_empty_corpus_has_no_leak(tmp_path: Path) -> None:
    """No rows, nothing wrong with them."""
    assert examined(made(tmp_path, [])).findings == 0


def test_a_folder_without_corpus_is_refused(tmp_path: Path) -> None:
    """With the command that makes one."""
    with pytest.raises(CorpusError, match="memelens corpus build"):
        Corpus(tmp_path)


def test_damaged_sides_are_refused(tmp_path: Path, clean: Rows) -> None:
    """A side that isn't there, or isn't Arrow, is no corpus: said in a sentence."""
    corpus = made(tmp_path, clean)
    (file,) = (corpus.root / "test").glob("*.arrow")
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(CorpusError, match="build it again"):
        examined(corpus)


def test_other_columns_are_refused(tmp_path: Path, clean: Rows) -> None:
    """Rows that another version wrote can't be checked by this one."""
    corpus = made(tmp_path, clean)
    other = Dataset.from_list([{"id": "x"}])
    DatasetDict({side.value: other for side in Split}).save_to_disk(str(corpus.root))
    with pytest.raises(CorpusError, match="hasn't the columns of this version"):
        examined(corpus)


def test_the_check_uses_nothing_that_finds_copies_for_a_build() -> None:
    """Neither directly nor through what it imports: a mistake there can't hide itself here."""
    inside = "memelens.trainer.corpus."
    probe = "import sys, memelens.trainer.corpus.verifying; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    loaded = {name.removeprefix(inside) for name in done.stdout.split() if name.startswith(inside)}
    assert {"verifying", "sameness", "verification.comparing", "verification.crossings"} <= loaded
    of_the_build = {
        *("building", "columns", "finding", "links", "neighbours", "pictures.looked_at"),
        *("sides.splitting", "sides.stratifying", "sides.templates"),
    }
    assert all(find_spec(f"{inside}{name}") for name in of_the_build)
    assert not loaded & of_the_build
