"""What can be wrong with rows, their pictures' facts, marks and counts: each found, and nothing else."""

from pathlib import Path
from typing import Any

import pytest
from tests.trainer.corpus.making import make_row, with_picture
from tests.trainer.corpus.planting import (
    FHM,
    KINDS,
    MAMI,
    TEST,
    TRAIN,
    VALIDATION,
    Rows,
    examined,
    fhm,
    made,
    rewritten,
    told,
    wrong,
)

from memelens.trainer.corpora.interface import Split
from memelens.trainer.corpus.schema import rows_of
from memelens.trainer.corpus.verifying import Question


def test_a_moved_row_is_found(tmp_path: Path, clean: Rows) -> None:
    """Rows say where they belong, and the manifest how many there are."""
    corpus = made(tmp_path, clean)
    train, validation = (list(rows_of(corpus.sides[side])) for side in (TRAIN, VALIDATION))
    found = examined(rewritten(corpus, {TRAIN: train[1:], VALIDATION: [*validation, train[0]]}))
    assert wrong(found) == {Question.SIDES: 1, Question.COUNTS: 2}
    assert told(found, Question.SIDES)[0].said == "says train, stands in validation"
    assert [finding.said for finding in told(found, Question.COUNTS)] == [
        f"{FHM}: 4 rows in train, the manifest says 5",
        f"{FHM}: 6 rows in validation, the manifest says 5",
    ]


def test_an_edited_label_is_found(tmp_path: Path, clean: Rows) -> None:
    """By the content hash, and by what the original label stands for."""
    corpus = made(tmp_path, clean)
    rows = [dict(row) for row in rows_of(corpus.sides[TEST])]
    rows[0]["labels"] = ["not-hateful"]
    found = examined(rewritten(corpus, {TEST: rows}))
    assert wrong(found) == {Question.CONTENT: 1, Question.LABELS: 1}
    assert told(found, Question.LABELS)[0].ids == (rows[0]["id"],)


@pytest.mark.parametrize(
    ("row", "question"),
    [
        pytest.param(fhm("x", TRAIN, labels=["zorblaxian"]), Question.LABELS, id="no label of its set"),
        pytest.param(fhm("x", TRAIN, labels=[]), Question.LABELS, id="no label"),
        pytest.param(fhm("x", TRAIN, labels=["hateful", "not-hateful"]), Question.LABELS, id="two labels"),
        pytest.param(fhm("x", TRAIN, original_label="maybe"), Question.LABELS, id="an original label of no set"),
        pytest.param(
            make_row(KINDS, "x", "prejudice", TRAIN, labels=["prejudice", "prejudice"]), Question.LABELS, id="twice"
        ),
        pytest.param(fhm("x", TRAIN, task="toxic"), Question.TAXONOMY, id="another task"),
        pytest.param(fhm("x", TRAIN, label_set="toxic"), Question.TAXONOMY, id="another label set"),
        pytest.param(fhm("x", TRAIN, language="de"), Question.TAXONOMY, id="another language"),
        pytest.param(fhm("x", TRAIN, modality="multimodal"), Question.MODALITY, id="multimodal without picture"),
        pytest.param(fhm("x", TRAIN, modality="image-only", text=""), Question.MODALITY, id="nothing at all"),
        pytest.param(fhm("x", TRAIN, text=None), Question.MODALITY, id="null in place of a text"),
        pytest.param(fhm("x", TRAIN, image_sha256="0" * 64), Question.RECORDED, id="content hash of no picture"),
        pytest.param(fhm("x", TRAIN, original_split="test"), Question.PUBLISHED_TESTS, id="published for testing"),
        pytest.param(fhm("x", VALIDATION, original_split="test"), Question.PUBLISHED_TESTS, id="or in validation"),
        pytest.param(fhm("x", TRAIN, id="invented-y/other"), Question.IDS, id="an id of another make"),
        pytest.param(fhm("train-0", TRAIN, text="x"), Question.IDS, id="an id twice"),
        pytest.param(fhm("x", TRAIN, template_disjoint=True), Question.TEMPLATES, id="a mark in train"),
        pytest.param(fhm("x", TEST, template_disjoint=True), Question.TEMPLATES, id="a mark without any template"),
        pytest.param(fhm("x", TEST, template="t", template_disjoint=False), Question.TEMPLATES, id="not marked"),
        pytest.param(fhm("x", TEST, template="t"), Question.TEMPLATES, id="marked in no way"),
    ],
)
def test_a_row_that_contradicts_itself_is_found(
    tmp_path: Path, clean: Rows, row: dict[str, Any], question: Question
) -> None:
    """Or the taxonomy, though the manifest agrees with it; and nothing else is found."""
    found = examined(made(tmp_path, [*clean, row]), quick=True)
    assert wrong(found) == {question: 1}
    assert not row["text"] or row["text"] not in str(told(found, question)[0])


@pytest.mark.parametrize(
    ("change", "question"),
    [
        pytest.param({"image_sha256": None}, Question.RECORDED, id="no content hash"),
        pytest.param({"image_sha256": "zorb"}, Question.RECORDED, id="a content hash of other make"),
        pytest.param({"perceptual_hash": "00"}, Question.RECORDED, id="a short hash"),
        pytest.param({"image_width": 0}, Question.RECORDED, id="no width"),
        pytest.param({"modality": "text-only"}, Question.MODALITY, id="text-only with a picture"),
        pytest.param({"modality": "image-only"}, Question.MODALITY, id="image-only with a text"),
    ],
)
def test_wrong_facts_of_a_picture_are_found(
    tmp_path: Path, pictures: Path, change: dict[str, Any], question: Question
) -> None:
    """Also by quick, which lives on them."""
    row = with_picture(fhm("x", TRAIN), pictures, "x") | change
    assert wrong(examined(made(tmp_path, [row]), quick=True)) == {question: 1}


@pytest.mark.parametrize("learnt", [TRAIN, VALIDATION])
def test_a_template_that_was_learnt_is_no_disjoint_one(tmp_path: Path, learnt: Split) -> None:
    """By its id, whatever the pictures."""
    rows = [fhm("a", learnt, template="invented/t"), fhm("b", TEST, template="invented/t")]
    found = examined(made(tmp_path, rows))
    assert wrong(found) == {Question.TEMPLATES: 1}
    assert told(found, Question.TEMPLATES)[0].ids == ("invented-b",)


def test_an_unknown_pair_and_source_are_found(tmp_path: Path, pictures: Path) -> None:
    """Rows of a pair that the taxonomy hasn't, from a source that the manifest hasn't, with a picture that can't be."""
    row = with_picture(fhm("x", TRAIN, dataset="elsewhere"), pictures, "x")
    row |= {"pair": "Hateful_xx", "id": "invented-x/Hateful_xx"}
    found = examined(made(tmp_path, [row]))
    assert wrong(found) == {Question.TAXONOMY: 1, Question.COUNTS: 2}


def test_counts_that_do_not_add_up_are_found(tmp_path: Path, clean: Rows) -> None:
    """What was read is what was left out, dropped and kept."""
    corpus = made(tmp_path, clean)
    path = corpus.root / "corpus.json"
    path.write_text(path.read_text().replace('"read": 1,', '"read": 3,'))
    found = examined(corpus)
    assert wrong(found) == {Question.COUNTS: 1}
    assert told(found, Question.COUNTS)[0].said == (f"{MAMI}: 3 rows were read, those left out, dropped and kept are 1")
