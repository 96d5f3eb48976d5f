"""What the doctor finds, and what it says to do."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from memelens.consumer.clock import SystemClock
from memelens.consumer.doctor import (
    Outcome,
    cache_findings,
    delivery_findings,
    image_findings,
    in_set_masses,
    model_findings,
)
from memelens.consumer.service import cache_of
from memelens.consumer.settings import ImageSettings, Settings
from memelens.model.engine import Meme, Scores
from memelens.model.errors import MemeError
from memelens.model.fake import FakeEngine, FakeOptions


def test_in_set_masses_are_sums_of_probabilities() -> None:
    """What a model keeps for other words than the labels is missing from the sum."""
    scores = Scores(("hateful", "toxic"), tuple(map(math.log, (0.5, 0.5, 0.1, 0.2))))
    assert in_set_masses(scores) == pytest.approx({"hateful": 1.0, "toxic": 0.3})


def test_a_demonstration_model_is_a_warning() -> None:
    """A model that knows nothing of the real world is named as such, with what to set instead."""
    findings = list(model_findings(FakeEngine(), asked_device="auto"))
    assert [(one.subject, one.outcome) for one in findings] == [
        ("model", Outcome.WARNING),
        ("answers", Outcome.OK),
        ("device", Outcome.OK),
    ]
    assert "QCRI/MemeLens-VLM" in findings[0].remedy


def test_a_checkpoint_that_says_nothing_of_its_training_is_a_warning() -> None:
    """A copy without memelens.json is asked as a base model, which flags nothing: the report says what to set."""
    engine = FakeEngine()
    engine._description = replace(engine.description, demonstration=False, trained={})
    (model, *_) = model_findings(engine, asked_device="auto")
    assert model.outcome is Outcome.WARNING
    assert "engine.manifest" in model.remedy


class _Mumbling(FakeEngine):
    """Keeps half of its probability for other words than the labels."""

    def score(self, memes: Sequence[Meme]) -> list[Scores | MemeError]:
        halved: list[Scores | MemeError] = []
        for one in super().score(memes):
            assert isinstance(one, Scores)
            halved.append(Scores(one.sets, tuple(value + math.log(0.5) for value in one.log_probabilities)))
        return halved


def test_a_model_that_answers_with_other_words_is_a_warning() -> None:
    """It may have been trained with another prompt: the report says how much is lost, and where to look."""
    (answers,) = [one for one in model_findings(_Mumbling(), asked_device="auto") if one.subject == "answers"]
    assert answers.outcome is Outcome.WARNING
    assert answers.said.startswith("50%")


def test_a_model_that_cannot_judge_a_sentence_fails() -> None:
    """An engine that refuses a plain sentence is no engine to start with."""
    engine = FakeEngine(FakeOptions(poison_text="teapot"))
    assert Outcome.FAILED in {one.outcome for one in model_findings(engine, asked_device="cpu")}


def test_references_and_delivery_are_told() -> None:
    """Where pictures may come from and how verdicts are delivered stands in the report."""
    (inline,) = image_findings(ImageSettings())
    assert "inline only" in inline.said
    (some,) = image_findings(ImageSettings(hosts=("a.example.org",), buckets=("posts",)))
    assert "a.example.org, s3://posts" in some.said
    (exactly,) = delivery_findings(Settings(delivery="exactly-once", ordinal=3, group="g"))
    assert "exactly-once as g-3" in exactly.said


def test_a_cache_that_is_away_is_a_warning() -> None:
    """Without its cache the consumer is slow, not broken: the doctor says both kinds."""
    (there,) = cache_findings(cache_of(Settings(), SystemClock()))
    assert there.outcome is Outcome.OK
    (away,) = cache_findings(cache_of(Settings(cache="redis://bob:hunter2@127.0.0.1:1/0"), SystemClock()))
    assert away.outcome is Outcome.WARNING
    assert "127.0.0.1:1" in away.said
    assert "hunter2" not in f"{away.said}{away.remedy}"
