"""Ids of verdicts: the same for a redelivery, another for any change."""

from dataclasses import replace

import pytest
from tests.consumer.wire.judged_post import DESCRIPTION, POLICY, PREPARED, QUIET, content, writer, written

from memelens.consumer.brokers.interface import Partition
from memelens.consumer.judging.policy import Policy
from memelens.consumer.judging.policy_loading import parse_policy
from memelens.consumer.prepared import PreparedPost
from memelens.model.calibration import Calibration, LabelSetCalibration
from memelens.model.engine import EngineDescription


def test_a_redelivery_has_the_same_id() -> None:
    """Whenever, wherever and however often it is judged; rereading with the same revision doesn't change it."""
    first = writer().verdict_id(PREPARED)
    moved = replace(PREPARED.record, partition=Partition("memes.posts", 0), offset=99, headers=())
    assert writer().verdict_id(replace(PREPARED, record=moved)) == first
    assert {content(record)["verdict_id"] for record in [*written(), *written(QUIET, (), run="replay")]} == {first}
    revised = replace(PREPARED, post=PREPARED.post.model_copy(update={"revision": 2}))
    later = replace(PREPARED.record, timestamp_ms=5)
    assert writer().verdict_id(replace(revised, record=later)) == writer().verdict_id(revised)
    assert len(first) == 32


def _post(**changes: object) -> PreparedPost:
    return replace(PREPARED, post=PREPARED.post.model_copy(update=changes))


def _model(**changes: str | None) -> EngineDescription:
    return replace(DESCRIPTION, identity=replace(DESCRIPTION.identity, **changes))  # type: ignore[arg-type]  # all fields are text


INGREDIENTS: dict[str, tuple[PreparedPost, EngineDescription, Policy]] = {
    "tenant": (_post(tenant="other"), DESCRIPTION, POLICY),
    "post id": (_post(post_id="p-2"), DESCRIPTION, POLICY),
    "revision": (_post(revision=1), DESCRIPTION, POLICY),
    "revision like the timestamp": (_post(revision=1_700_000_000_123), DESCRIPTION, POLICY),
    "timestamp": (
        replace(PREPARED, record=replace(PREPARED.record, timestamp_ms=1_700_000_000_124)),
        DESCRIPTION,
        POLICY,
    ),
    "image": (replace(PREPARED, image_sha256="c" * 64), DESCRIPTION, POLICY),
    "no image": (replace(PREPARED, image_sha256=None), DESCRIPTION, POLICY),
    "text": (replace(PREPARED, text_sha256="c" * 64), DESCRIPTION, POLICY),
    "language": (replace(PREPARED, language="de"), DESCRIPTION, POLICY),
    "model name": (PREPARED, _model(name="other"), POLICY),
    "model revision": (PREPARED, _model(revision="other"), POLICY),
    "adapter": (PREPARED, _model(adapter=None), POLICY),
    "layout": (PREPARED, _model(layout="other"), POLICY),
    "scores key": (PREPARED, _model(scores_key="other"), POLICY),
    "calibration": (
        PREPARED,
        replace(DESCRIPTION, calibration=Calibration(sets={"hateful": LabelSetCalibration(temperature=2)})),
        POLICY,
    ),
    "policy": (PREPARED, DESCRIPTION, parse_policy("{name: default, thresholds: {hateful: 0.6}}", "p")),
}


@pytest.mark.parametrize("ingredient", INGREDIENTS)
def test_any_change_has_another_id(ingredient: str) -> None:
    """Post, content, model, calibration and policy each count."""
    prepared, description, policy = INGREDIENTS[ingredient]
    changed = writer(description=description, policy=policy).verdict_id(prepared)
    assert changed != writer().verdict_id(PREPARED)


def test_ids_do_not_run_into_each_other() -> None:
    """Where one part ends and the next begins counts."""
    one = writer().verdict_id(_post(tenant="ab", post_id="c"))
    assert one != writer().verdict_id(_post(tenant="a", post_id="bc"))
