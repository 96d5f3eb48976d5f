"""What another policy would change on past verdicts."""

from typing import Any

import pytest

from memelens.consumer.classifying import Classifier
from memelens.consumer.clock import SystemClock
from memelens.consumer.judging.comparing import compare
from memelens.consumer.judging.policy import Policy
from memelens.consumer.judging.policy_loading import load_policy, parse_policy
from memelens.consumer.messages import Post
from memelens.consumer.preparing import PreparingLimits
from memelens.model.fake import FakeEngine
from memelens.taxonomy import Task

OTHER = """
name: other
thresholds: {humor: {default: 0.5, hi: null}, hateful: 0.9}
flag_transferred: {humor: true}
routes: [{when: {tasks: [humor]}, route: act}]
"""


@pytest.fixture(scope="module")
def verdicts() -> list[dict[str, Any]]:
    """Verdicts of the default policy, in English and Hindi and outside the nine."""
    return judged(load_policy(None))


def judged(policy: Policy) -> list[dict[str, Any]]:
    """Verdicts on the same posts under a policy."""
    classifier = Classifier(FakeEngine(), policy, SystemClock(), PreparingLimits())
    return [
        classifier.classify(Post(post_id=str(number), language=language, caption=f"teapot {number}"))
        for number in range(80)
        for language in ("en", "hi", "tr")
    ]


def test_the_same_policy_changes_nothing(verdicts: list[dict[str, Any]]) -> None:
    """What is published is enough to come to the same flags and routes again."""
    comparison = compare(load_policy(None), verdicts)
    assert (comparison.verdicts, comparison.skipped, comparison.changes) == (240, 0, [])
    assert any(verdict["flagged"] for verdict in verdicts)


def test_changes_are_those_of_judging_again(verdicts: list[dict[str, Any]]) -> None:
    """The comparison says exactly what the other policy does when it judges the same posts."""
    other = parse_policy(OTHER, "other")
    comparison = compare(other, verdicts)
    expected = {
        (old["post_id"], old["language"]): (old["route"], new["route"])
        for old, new in zip(verdicts, judged(other), strict=True)
        if flags(old) != flags(new) or old["route"] != new["route"]
    }
    assert {(one.post_id, one.language): (one.before, one.after) for one in comparison.changes} == expected
    assert comparison.gained[Task.HUMOR] > 0
    assert comparison.lost[Task.HATEFUL] > 0
    assert comparison.routes["allow", "act"] > 0


def test_what_is_no_verdict_is_skipped() -> None:
    """Other records in the topic are counted, not stumbled over."""
    assert compare(load_policy(None), [{}, {"labels": {}}]).skipped == 2


def test_verdicts_of_a_later_version_are_compared_as_far_as_they_are_known(verdicts: list[dict[str, Any]]) -> None:
    """A tenth language counts as outside the nine; tasks that nobody here knows are left out, even if all are."""
    policy = parse_policy("name: n\nthresholds: {hateful: 0.5}\nroutes: [{when: {tasks: [hateful]}, route: act}]", "n")
    swahili = verdicts[0] | {"language": "sw", "language_supported": True}
    strange = verdicts[0] | {"labels": {"irony": verdicts[0]["labels"]["hateful"]}, "route": "allow"}
    comparison = compare(policy, [swahili, strange])
    assert (comparison.verdicts, comparison.skipped) == (2, 0)
    assert comparison.routes["allow", "allow"] >= 1


def flags(verdict: dict[str, Any]) -> set[str]:
    """Flagged tasks."""
    return {task for task, label in verdict["labels"].items() if label["flagged"]}
