"""Judging: probabilities, labels, flags, priority, route, and which rationales are asked for."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memelens.consumer.judging.judge import Judge, Judgement
from memelens.consumer.judging.policy import Policy
from memelens.consumer.judging.policy_loading import load_policy, parse_policy
from memelens.model.calibration import Calibration, LabelSetCalibration
from memelens.model.engine import EngineDescription, Meme, ModelIdentity, Scores
from memelens.model.errors import CheckpointError, MemeError
from memelens.model.fake import FakeEngine
from memelens.taxonomy import LABEL_SETS, TASKS, Language, Task, served_set

IDENTITY = ModelIdentity("model", "1", None, "layout", "key")
EVERYWHERE = {task: frozenset(Language) for task in TASKS}
EN = Language.ENGLISH


def description(
    *, calibration: Calibration | None = None, trained: dict[Task, frozenset[Language]] | None = None
) -> EngineDescription:
    """A model that was trained everywhere, unless it is said otherwise, and explains in three languages."""
    return EngineDescription(
        IDENTITY,
        calibration or Calibration(),
        EVERYWHERE if trained is None else trained,
        frozenset({EN, Language.GERMAN, Language.HINDI}),
    )


def judged(
    scores: Scores, policy: str = "{name: n, thresholds: {hateful: 0.5}}", language: Language | None = EN
) -> Judgement:
    """The judgement of one post."""
    (judgement,) = Judge(parse_policy(policy, "p"), description()).judge([scores], [language])
    assert isinstance(judgement, Judgement)
    return judgement


def scores_of(**probabilities: Sequence[float]) -> Scores:
    """Raw scores that softmax turns into these probabilities."""
    names = tuple(name.replace("_", "-") for name in probabilities)
    return Scores(names, tuple(math.log(one) for values in probabilities.values() for one in values))


def all_scores(draw: st.DrawFn, language: Language | None) -> Scores:
    """Any finite scores of the twenty tasks."""
    sets = tuple(served_set(task, language).name for task in TASKS)
    size = sum(len(LABEL_SETS[name].labels) for name in sets)
    numbers = draw(
        st.lists(st.floats(-1e4, 0) | st.floats(allow_nan=False, allow_infinity=False), min_size=size, max_size=size)
    )
    return Scores(sets, tuple(numbers))


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[Scores], list[Language | None]]:
    """Posts in several languages, with any scores."""
    languages = draw(st.lists(st.sampled_from([*Language, None]), min_size=1, max_size=5))
    return [all_scores(draw, language) for language in languages], languages


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


@given(batches())
def test_neighbours_make_no_difference(batch: tuple[list[Scores], list[Language | None]]) -> None:
    """A post is judged the same alone and in any batch."""
    judge = Judge(load_policy(None), description())
    alone = [judge.judge([scores], [language])[0] for scores, language in zip(*batch, strict=True)]
    assert judge.judge(*batch) == alone


@given(batches(), st.dictionaries(st.sampled_from(TASKS), st.floats(0.001, 1)), st.floats(0, 1))
def test_a_higher_threshold_never_adds_a_flag(
    batch: tuple[list[Scores], list[Language | None]], thresholds: dict[Task, float], rise: float
) -> None:
    """Raising thresholds takes flags away, and never raises a priority."""
    low = Policy.model_validate({"name": "n", "thresholds": thresholds})
    raised = {task: value + (1 - value) * rise for task, value in thresholds.items()}
    high = Policy.model_validate({"name": "n", "thresholds": raised})
    before, after = (Judge(policy, description()).judge(*batch) for policy in (low, high))
    for old, new in zip(before, after, strict=True):
        assert isinstance(old, Judgement)
        assert isinstance(new, Judgement)
        assert all(was or not now for was, now in zip(old.flagged, new.flagged, strict=True))
        assert new.priority <= old.priority


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


def test_labels_that_hold_together_are_yes_no_questions() -> None:
    """In a set of several labels each has its own probability, and the score is the largest."""
    scores = Scores(("misogyny-kinds",), (math.log(0.9), math.log(0.75), math.log(0.01)))
    judgement = judged(scores, "{name: n, thresholds: {misogyny: 0.85}, abstain_margin: 1}")
    assert judgement.probabilities[0] == pytest.approx((0.9, 0.75, 0.01), abs=1e-6)
    assert judgement.scores == (0.9,)
    assert judgement.flagged == (True,)
    assert judgement.abstained == (False,)


def test_label_and_flag_may_disagree() -> None:
    """The label is the most probable one, the flag follows the threshold; both are told."""
    judgement = judged(scores_of(hateful=(0.6, 0.4)), "{name: n, thresholds: {hateful: 0.3}}")
    assert judgement.labels == ("not-hateful",)
    assert judgement.flagged == (True,)


def test_a_score_on_the_threshold_flags() -> None:
    """At six digits, as it is published."""
    assert judged(scores_of(hateful=(0.5, 0.5))).flagged == (True,)
    assert judged(scores_of(hateful=(0.50001, 0.49999))).flagged == (False,)


def test_transferred_evidence_never_flags_by_default() -> None:
    """Whatever the score, in every task and language without labelled rows, and outside the nine."""
    sure = {
        language: Scores(
            tuple(served_set(task, language).name for task in TASKS),
            tuple(
                0.0 if label in served_set(task, language).flagging else -50.0
                for task in TASKS
                for label in served_set(task, language).labels
            ),
        )
        for language in (*Language, None)
    }
    nowhere = Judge(load_policy(None), description(trained={}))
    for judgement in nowhere.judge(list(sure.values()), list(sure)):
        assert isinstance(judgement, Judgement)
        assert set(judgement.evidence) == {"transferred"}
        assert (judgement.any_flagged, judgement.priority, judgement.route) == (False, 0, "allow")
    somewhere = Judge(load_policy(None), description(trained={Task.TOXIC: frozenset({Language.RUSSIAN})}))
    (russian,) = somewhere.judge([sure[Language.RUSSIAN]], [Language.RUSSIAN])
    assert isinstance(russian, Judgement)
    assert [one.task for one, flagged in zip(russian.sets, russian.flagged, strict=True) if flagged] == [Task.TOXIC]


@pytest.mark.parametrize(
    ("allowed", "language", "flagged"),
    [
        ("{hateful: true}", EN, True),
        ("{hateful: true}", None, True),
        ("{hateful: {other: true}}", None, True),
        ("{hateful: {other: true}}", EN, False),
        ("{hateful: {default: true, en: false}}", EN, False),
        ("{toxic: true}", EN, False),
    ],
)
def test_a_policy_may_flag_on_transferred_evidence(allowed: str, language: Language | None, flagged: bool) -> None:
    """By task and language, where its author says so."""
    policy = parse_policy(f"{{name: n, thresholds: {{hateful: 0.5}}, flag_transferred: {allowed}}}", "p")
    judge = Judge(policy, description(trained={}))
    (judgement,) = judge.judge([scores_of(hateful=(0.1, 0.9))], [language])
    assert isinstance(judgement, Judgement)
    assert judgement.flagged == (flagged,)


def test_priority_is_the_largest_weighted_score_of_what_is_flagged() -> None:
    """Unflagged tasks don't count, however high their score."""
    policy = "{name: n, thresholds: {hateful: 0.5, toxic: 0.5}, weights: {hateful: 0.5, toxic: 0.9, humor: 1}}"
    scores = scores_of(hateful=(0.1, 0.9), toxic=(0.4, 0.6), humor=(0.01, 0.33, 0.33, 0.33))
    assert judged(scores, policy).priority == pytest.approx(0.54)
    assert judged(scores_of(hateful=(0.9, 0.1)), policy).priority == 0


@pytest.mark.parametrize(
    ("when", "scores", "language", "holds"),
    [
        ("{flagged: true}", scores_of(hateful=(0.1, 0.9)), EN, True),
        ("{flagged: true}", scores_of(hateful=(0.9, 0.1)), EN, False),
        ("{flagged: false}", scores_of(hateful=(0.9, 0.1)), EN, True),
        ("{tasks: [hateful, toxic]}", scores_of(hateful=(0.1, 0.9)), EN, True),
        ("{tasks: [toxic]}", scores_of(hateful=(0.1, 0.9), toxic=(0.9, 0.1)), EN, False),
        ("{tasks: [toxic]}", scores_of(hateful=(0.1, 0.9)), EN, False),
        ("{families: [harm]}", scores_of(hateful=(0.1, 0.9)), EN, True),
        ("{families: [intent]}", scores_of(hateful=(0.1, 0.9)), EN, False),
        ("{min_priority: 0.8}", scores_of(hateful=(0.1, 0.9)), EN, True),
        ("{min_priority: 0.95}", scores_of(hateful=(0.1, 0.9)), EN, False),
        ("{scores: {humor: 0.9}}", scores_of(humor=(0.05, 0.05, 0.4, 0.5)), EN, True),
        ("{scores: {humor: 0.9, hateful: 0.2}}", scores_of(humor=(0.05, 0.05, 0.4, 0.5)), EN, False),
        ("{language_supported: false}", scores_of(hateful=(0.9, 0.1)), None, True),
        ("{language_supported: false}", scores_of(hateful=(0.9, 0.1)), EN, False),
        ("{language_supported: true, flagged: true}", scores_of(hateful=(0.9, 0.1)), EN, False),
    ],
)
def test_a_rule_holds_where_all_its_conditions_do(
    when: str, scores: Scores, language: Language | None, holds: bool
) -> None:
    """Each kind of condition, met and missed."""
    policy = (
        "{name: n, thresholds: {hateful: 0.5, toxic: 0.5, propaganda: 0.5}, "
        f"routes: [{{when: {when}, route: act}}], otherwise: review}}"
    )
    assert judged(scores, policy, language).route == ("act" if holds else "review")


def test_the_first_rule_that_holds_decides() -> None:
    """In the order of the file."""
    rules = ["{when: {min_priority: 0.8}, route: escalate}", "{when: {flagged: true}, route: review}"]
    for order, route in ((rules, "escalate"), (rules[::-1], "review")):
        policy = f"{{name: n, thresholds: {{hateful: 0.5}}, routes: [{', '.join(order)}]}}"
        assert judged(scores_of(hateful=(0.1, 0.9)), policy).route == route


def test_a_task_abstains_where_labels_are_close() -> None:
    """The lead over the next label is less than the margin; flags don't depend on it."""
    policy = "{name: n, thresholds: {hateful: 0.5}, abstain_margin: 0.2}"
    judgement = judged(scores_of(hateful=(0.45, 0.55), harmful=(0.5, 0.25, 0.25), toxic=(0.55, 0.45)), policy)
    assert judgement.abstained == (True, False, True)
    assert judgement.flagged == (True, False, False)


SEVERAL = scores_of(hateful=(0.7, 0.3), toxic=(0.1, 0.9), target=(0.2, 0.2, 0.2, 0.2, 0.2), humor=(0.7, 0.1, 0.1, 0.1))


@pytest.mark.parametrize(
    ("rule", "language", "wanted"),
    [
        ("{which: none}", EN, ""),
        ("{which: flagged, languages: [en]}", EN, "toxic/toxic/en hateful/hateful/en"),
        ("{which: flagged, languages: [en, post]}", EN, "toxic/toxic/en hateful/hateful/en"),
        (
            "{which: flagged, languages: [en, post]}",
            Language.GERMAN,
            "toxic/toxic/en toxic/toxic/de hateful/hateful/en hateful/hateful/de",
        ),
        ("{which: flagged, languages: [post]}", Language.HINDI, "toxic/toxic/hi hateful/hateful/hi"),
        ("{which: flagged, languages: [post]}", Language.CHINESE, ""),
        ("{which: flagged, languages: [post]}", None, ""),
        ("{which: flagged, languages: [en, post], max_per_post: 3}", Language.GERMAN,
         "toxic/toxic/en toxic/toxic/de hateful/hateful/en"),
        ("{which: families, languages: [en]}", EN, "toxic/toxic/en target/none/en humor/not-funny/en"),
        ("{which: all, languages: [en]}", EN, "toxic/toxic/en target/none/en hateful/hateful/en humor/not-funny/en"),
    ],
)  # fmt: skip
def test_rationales_are_asked_for_as_the_rule_says(rule: str, language: Language | None, wanted: str) -> None:
    """The weightiest first, in languages that the model writes; a flagged task is explained by what flags it."""
    policy = f"{{name: n, thresholds: {{hateful: 0.25, toxic: 0.5}}, rationales: {rule}}}"
    asked = judged(SEVERAL, policy, language).rationales
    assert " ".join(f"{one.task}/{one.label}/{one.language}" for one in asked) == wanted


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
