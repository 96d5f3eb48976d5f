"""Judging batches of posts: each for itself, and only what fits."""

import math

import pytest
from hypothesis import given
from tests.consumer.judging.scored import EN, batches, description, judged, scores_of

from memelens.consumer.judging.judge import Judge, Judgement
from memelens.consumer.judging.policy_loading import load_policy
from memelens.model.calibration import Calibration, LabelSetCalibration
from memelens.model.engine import Meme, Scores
from memelens.model.errors import CheckpointError, MemeError
from memelens.model.fake import FakeEngine
from memelens.taxonomy import Language


@given(batches())
def test_neighbours_make_no_difference(batch: tuple[list[Scores], list[Language | None]]) -> None:
    """A post is judged the same alone and in any batch."""
    judge = Judge(load_policy(None), description())
    alone = [judge.judge([scores], [language])[0] for scores, language in zip(*batch, strict=True)]
    assert judge.judge(*batch) == alone


@pytest.mark.parametrize(
    ("key", "calibration"),
    [
        ("hateful/ar", LabelSetCalibration(bias=(0.0,))),
        ("hatefull", LabelSetCalibration()),
        ("toxic", LabelSetCalibration(temperature=1e-200)),
        ("toxic", LabelSetCalibration(temperature=1e200)),
        ("hateful/english", LabelSetCalibration()),
    ],
)
def test_a_calibration_that_does_not_fit_is_refused_at_start(key: str, calibration: LabelSetCalibration) -> None:
    """Not at the first post in the language it is about."""
    with pytest.raises(CheckpointError, match=key):
        Judge(load_policy(None), description(calibration=Calibration(sets={key: calibration})))


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_scores_that_are_no_numbers_are_poison(number: float) -> None:
    """They neither pass for an answer nor stop the posts beside them."""
    good = scores_of(hateful=(0.2, 0.8))
    judge = Judge(load_policy(None), description())
    before, broken, after = judge.judge([good, Scores(("hateful",), (number, -1.0)), good], [EN, EN, EN])
    assert isinstance(broken, MemeError)
    assert broken.kind == "scores-not-finite"
    assert before == after
    assert isinstance(before, Judgement)


def test_judging_uses_what_the_engine_gives() -> None:
    """A whole batch of the fake engine, nine languages and others: twenty answers each."""
    engine = FakeEngine()
    languages = [*Language, None] * 7
    memes = [Meme(text=f"teapot {number}", language=language) for number, language in enumerate(languages)]
    scores = [one for one in engine.score(memes) if isinstance(one, Scores)]
    judgements = Judge(load_policy(None), engine.description).judge(scores, languages)
    assert all(isinstance(one, Judgement) and len(one.labels) == 20 for one in judgements)


def test_a_task_answered_twice_is_a_bug_of_the_engine() -> None:
    """It isn't published as if it were fine."""
    with pytest.raises(ValueError, match="twice"):
        judged(scores_of(sarcasm=(0.5, 0.5), sarcasm_degree=(0.25, 0.25, 0.25, 0.25)))
