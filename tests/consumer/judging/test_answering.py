"""From raw scores to probabilities and labels, through calibration."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.consumer.judging.scored import EN, batches, description, judged, scores_of

from memelens.consumer.judging.judge import Judge, Judgement
from memelens.consumer.judging.policy_loading import load_policy
from memelens.model.calibration import Calibration, LabelSetCalibration
from memelens.model.engine import Scores
from memelens.taxonomy import TASKS, Language


@given(batches())
def test_probabilities_sum_to_one(batch: tuple[list[Scores], list[Language | None]]) -> None:
    """Of every task, whatever the scores; six digits; the label is the most probable one, the score a sum."""
    for judgement in Judge(load_policy(None), description()).judge(*batch):
        assert isinstance(judgement, Judgement)
        assert [one.task for one in judgement.sets] == list(TASKS)
        for place, served in enumerate(judgement.sets):
            probabilities = judgement.probabilities[place]
            assert abs(math.fsum(probabilities) - 1) < 1e-9
            assert all(0 <= one <= 1 and one == round(one, 6) for one in probabilities)
            assert probabilities[served.labels.index(judgement.labels[place])] == max(probabilities)
            flagging = [
                one for label, one in zip(served.labels, probabilities, strict=True) if label in served.flagging
            ]
            assert judgement.scores[place] == pytest.approx(math.fsum(flagging), abs=1e-9)


@given(st.lists(st.floats(-30, 0), min_size=4, max_size=4), st.floats(0.2, 5))
def test_a_coarse_set_is_the_sum_of_its_fine_one(numbers: list[float], temperature: float) -> None:
    """Bengali is served sarcasm or not: where degrees were scored, they are calibrated first and added up then."""
    calibration = Calibration(sets={"sarcasm-degree": LabelSetCalibration(temperature=temperature, bias=(0, 1, 0, -1))})
    judge = Judge(load_policy(None), description(calibration=calibration))
    scores = Scores(("sarcasm-degree",), tuple(numbers))
    coarse, fine = judge.judge([scores, scores], [Language.BENGALI, EN])
    assert isinstance(coarse, Judgement)
    assert isinstance(fine, Judgement)
    assert (coarse.sets[0].name, fine.sets[0].name) == ("sarcasm", "sarcasm-degree")
    ((none, *degrees),) = fine.probabilities
    assert coarse.probabilities[0] == pytest.approx((none, math.fsum(degrees)), abs=5e-6)
    assert coarse.scores[0] == pytest.approx(fine.scores[0], abs=5e-6)


def test_calibration_is_a_temperature_and_a_bias() -> None:
    """softmax(scores / temperature + bias), a language's own before the set's."""
    raw = scores_of(hateful=(0.9, 0.1))
    calibration = Calibration(
        sets={
            "hateful": LabelSetCalibration(temperature=2, bias=(0.5, -0.5)),
            "hateful/ar": LabelSetCalibration(temperature=4),
        }
    )
    judge = Judge(load_policy(None), description(calibration=calibration))
    english, arabic = judge.judge([raw, raw], [EN, Language.ARABIC])
    logits = np.array(raw.log_probabilities)

    def softmax(values: np.ndarray) -> list[float]:
        return list(np.exp(values) / np.exp(values).sum())

    assert isinstance(english, Judgement)
    assert isinstance(arabic, Judgement)
    assert english.probabilities[0] == pytest.approx(softmax(logits / 2 + np.array([0.5, -0.5])), abs=1e-6)
    assert arabic.probabilities[0] == pytest.approx(softmax(logits / 4), abs=1e-6)


def test_labels_that_hold_together_are_yes_no_questions() -> None:
    """In a set of several labels each has its own probability, and the score is the largest."""
    scores = Scores(("misogyny-kinds",), (math.log(0.9), math.log(0.75), math.log(0.01)))
    judgement = judged(scores, "{name: n, thresholds: {misogyny: 0.85}, abstain_margin: 1}")
    assert judgement.probabilities[0] == pytest.approx((0.9, 0.75, 0.01), abs=1e-6)
    assert judgement.scores == (0.9,)
    assert judgement.flagged == (True,)
    assert judgement.abstained == (False,)
