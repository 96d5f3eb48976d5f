"""The shipped model keeps what docs/demonstration.md says of it, judged on kept memes with everything held out."""

import json
import random
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from memelens.model.engine import Engine
from memelens.model.opening import EngineSpec, open_engine
from memelens.taxonomy import Language, Task
from memelens.trainer.demonstration.cells import TRAINED, is_trained
from memelens.trainer.demonstration.evaluation import (
    Predictions,
    balanced_accuracy,
    by_language,
    cell_f1,
    check_rationales,
    mean_f1,
    picture_only,
    predict,
    shuffled_pictures,
    swap_pictures,
    text_only,
)
from memelens.trainer.demonstration.kept import read_kept
from memelens.trainer.demonstration.scene import JOINT_TASKS, is_held_out
from memelens.trainer.demonstration.sentences import HELD_OUT_PATTERNS

_MEMES = read_kept(Path(__file__).with_name("held_out.jsonl"))
_NEAR_CHANCE = 0.1
"""Three standard deviations of balanced accuracy on this few memes; the report holds 0.05 on more."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """The shipped model as `memelens demo` opens it."""
    engine = open_engine(EngineSpec(model="demonstration", device="cpu"))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def predicted(engine: Engine) -> Predictions:
    """Its answers on the kept memes."""
    return predict(engine, _MEMES)


def test_the_kept_memes_are_held_out() -> None:
    """Neither their patterns nor their combinations were trained; all languages are there."""
    assert all(is_held_out(one.scene) and one.pattern in HELD_OUT_PATTERNS for one in _MEMES)
    assert {one.language for one in _MEMES} == set(Language)


def test_the_checkpoint_is_small() -> None:
    """Weights, tokenizer and everything else take at most 8 MB."""
    folder = resources.files("memelens") / "model" / "demonstration"
    sizes = {one.name: len(one.read_bytes()) for one in folder.iterdir()}
    assert 0 < sum(sizes.values()) <= 8_000_000, sizes


def test_it_says_what_it_is(engine: Engine) -> None:
    """Marked as a demonstration, with the cells it was trained on and nine languages of rationales."""
    assert engine.description.demonstration
    assert dict(engine.description.trained) == TRAINED
    assert engine.description.rationale_languages == frozenset(Language)


def test_macro_f1_on_held_out_memes(predicted: Predictions) -> None:
    """Mean macro-F1 at least 0.95, every language at least 0.92."""
    cells = cell_f1(_MEMES, predicted)
    assert mean_f1(cells) >= 0.95
    assert min(by_language(cells).values()) >= 0.92, by_language(cells)


def test_transfer_is_real(predicted: Predictions) -> None:
    """Where a task was never trained in a language, it is answered well above chance all the same."""
    cells = cell_f1(_MEMES, predicted)
    assert fmean(value for cell, value in cells.items() if not is_trained(*cell)) >= 0.8


def test_joint_tasks_need_both_sides(engine: Engine, predicted: Predictions) -> None:
    """With both sides right, with one side or the wrong picture near chance."""
    shuffled = shuffled_pictures(_MEMES, random.Random(0))
    one_sided = (predict(engine, _MEMES, text_only), predict(engine, _MEMES, picture_only), predict(engine, shuffled))
    for task in JOINT_TASKS:
        assert balanced_accuracy(_MEMES, predicted, task) >= 0.85, task
        for answers in one_sided:
            assert abs(balanced_accuracy(_MEMES, answers, task) - 0.5) <= _NEAR_CHANCE, task


def test_answers_stay_in_the_set(engine: Engine) -> None:
    """Almost all probability lies on the labels of each set: the model speaks its layout."""
    for scores in engine.score([one.meme for one in _MEMES[:36]]):
        assert not isinstance(scores, Exception)
        for name, values in scores.by_set().items():
            assert np.exp(values).sum() > 0.9, name


@pytest.mark.parametrize("language", [Language.ENGLISH, None], ids=["english", "native"])
def test_rationales_name_people_and_object(engine: Engine, language: Language | None) -> None:
    """At least 95 in 100 name both, and follow when the picture is swapped."""
    some = _MEMES[:72]
    assert check_rationales(engine, some, Task.POLITICAL, language)["both"] >= 0.95
    assert check_rationales(engine, swap_pictures(some), Task.POLITICAL, language)["both"] >= 0.95


def test_the_report_holds_the_targets() -> None:
    """The report beside the weights, on more memes: every kind of held-out meme, both baselines, chance within 0.05."""
    folder = resources.files("memelens") / "model" / "demonstration"
    found = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert set(found["held_out"]) == {"instances", "patterns", "fonts", "combinations", "all"}
    assert min(found["held_out"].values()) >= 0.95
    assert min(found["by_language"].values()) >= 0.92
    assert found["bag_of_words"] <= 0.70
    both = "model"
    near_chance = [
        task
        for task, row in found["joint_tasks"].items()
        if all(abs(value - 0.5) <= 0.05 for name, value in row.items() if name != both)
    ]
    assert len(near_chance) >= 6
    assert all(row["both"] >= 0.95 for row in found["rationales"].values())
