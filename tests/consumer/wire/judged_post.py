"""A post, judgements on it, and the records that are written of them."""

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from memelens.consumer.brokers.interface import OutputRecord, Partition, Record
from memelens.consumer.judging.judge import Judge, Judgement
from memelens.consumer.judging.policy import Policy
from memelens.consumer.judging.policy_loading import load_policy
from memelens.consumer.messages import Post, PostImage
from memelens.consumer.prepared import PreparedPost
from memelens.consumer.wire.verdicts import OutputTopics, Rationale, VerdictWriter
from memelens.model.calibration import Calibration
from memelens.model.engine import EngineDescription, Meme, ModelIdentity, Scores
from memelens.taxonomy import TASKS, Language, Task, served_set

DESCRIPTION = EngineDescription(
    ModelIdentity("model", "rev", "adapter", "layout", "key"),
    Calibration(),
    {task: frozenset(Language) for task in TASKS},
    frozenset(Language),
)
POLICY = load_policy(None)
PREPARED = PreparedPost(
    record=Record(
        Partition("memes.posts", 3),
        17,
        b"key",
        b"{}",
        (("traceparent", b"00-1-2-01"), ("ce_id", b"theirs"), ("content-type", b"text/plain"), ("x-shop", b"7")),
        timestamp_ms=1_700_000_000_123,
    ),
    post=Post(
        post_id="p-1",
        tenant="shop",
        caption="a teapot",
        image=PostImage(uri="https://example.org/teapot.png"),
        posted_at=datetime(2026, 11, 1, 10, tzinfo=UTC),
        metadata={"any": "string"},
    ),
    meme=Meme(caption="a teapot", language=Language.ENGLISH, image=b"png"),
    key=b"key",
    image_sha256="a" * 64,
    text_sha256="b" * 64,
    language="en",
)
JUDGED_AT = 1_700_000_100.5


def judgement(*flagged: Task, language: Language | None = Language.ENGLISH) -> Judgement:
    """All twenty tasks answered, these with certainty by a label that flags, the others by one that doesn't."""
    sets = [served_set(task, language) for task in TASKS]
    numbers = [
        math.log(0.9 if (label in one.flagging) == (one.task in flagged) else 0.03)
        for one in sets
        for label in one.labels
    ]
    (result,) = Judge(POLICY, DESCRIPTION).judge([Scores(tuple(one.name for one in sets), tuple(numbers))], [language])
    assert isinstance(result, Judgement)
    return result


QUIET, LOUD = judgement(), judgement(Task.HATEFUL, Task.VIOLENCE)
WHY = (
    Rationale(Task.HATEFUL, "hateful", "en", "it insults the Zorblaxians"),
    Rationale(Task.VIOLENCE, "violence", "ar", "يهدد"),
)


def writer(
    topics: OutputTopics | None = None, description: EngineDescription = DESCRIPTION, policy: Policy = POLICY
) -> VerdictWriter:
    """A writer to all topics."""
    return VerdictWriter(topics or OutputTopics(), description, policy, ("x-shop",))


def written(
    judged: Judgement = LOUD, rationales: Sequence[Rationale] = WHY, prepared: PreparedPost = PREPARED, **facts: Any
) -> list[OutputRecord]:
    """The records of a post."""
    return writer().records(prepared, judged, rationales, judged_at=JUDGED_AT, **facts)


def content(record: OutputRecord) -> dict[str, Any]:
    """Its JSON."""
    assert record.value is not None
    read: dict[str, Any] = json.loads(record.value)
    return read
