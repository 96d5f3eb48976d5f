"""What a policy decides on probabilities: flags, priority, route and abstention."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.consumer.judging.scored import EN, batches, description, judged, scores_of

from memelens.consumer.judging.judge import Judge, Judgement
from memelens.consumer.judging.policy import Policy
from memelens.consumer.judging.policy_loading import load_policy, parse_policy
from memelens.model.engine import Scores
from memelens.taxonomy import TASKS, Language, Task, served_set


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
        ("{min_priority: 0.9}", scores_of(hateful=(0.1, 0.9)), EN, True),
        ("{min_priority: 0.95}", scores_of(hateful=(0.1, 0.9)), EN, False),
        ("{scores: {humor: 0.9}}", scores_of(humor=(0.05, 0.05, 0.4, 0.5)), EN, True),
        ("{scores: {hateful: 0.1}}", scores_of(hateful=(0.9, 0.1)), EN, True),
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
