"""What is written of a judgement: records that their messages accept, nothing lost on the way."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from tests.consumer.wire.judged_post import (
    DESCRIPTION,
    JUDGED_AT,
    LOUD,
    POLICY,
    PREPARED,
    QUIET,
    WHY,
    content,
    writer,
    written,
)

from memelens.consumer.judging.judge import Judge, Judgement
from memelens.consumer.messages import FamilyLabels, Flagged, Post, Verdict
from memelens.consumer.prepared import PreparedPost
from memelens.consumer.wire.verdicts import OutputTopics, Rationale
from memelens.model.calibration import Calibration
from memelens.model.engine import Meme, Scores
from memelens.taxonomy import FAMILIES, LABEL_SETS, TASKS, Family, Language, Task

MESSAGES: dict[str, type[BaseModel]] = {
    "memelens.verdict": Verdict,
    "memelens.family-labels": FamilyLabels,
    "memelens.flagged": Flagged,
}
FAR_AWAY = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=5)))


def test_a_flagged_post_leaves_six_records() -> None:
    """Verdict, one for each family, flagged; all under the post's key."""
    records = written()
    topics = ["verdicts", "labels.harm", "labels.target", "labels.intent", "labels.affect", "flagged"]
    assert [record.topic for record in records] == [f"memes.{topic}" for topic in topics]
    assert {record.key for record in records} == {b"key"}


def test_a_quiet_post_leaves_five() -> None:
    """Nobody needs to look at it."""
    assert len(written(QUIET, ())) == 5
    assert content(written(QUIET, ())[0])["route"] == "allow"


def test_a_post_that_a_rule_routes_is_looked_at_without_a_flag() -> None:
    """Rules may send unflagged posts to people; then there is a record that they find."""
    *_, last = written(replace(QUIET, route="review"), ())
    assert last.topic == "memes.flagged"
    assert (content(last)["flagged"], content(last)["labels"]) == (False, {})


def test_a_flagged_post_is_looked_at_wherever_it_is_routed() -> None:
    """A policy without routes allows everything; what it flags can be found all the same."""
    *_, last = written(replace(LOUD, route="allow"))
    assert last.topic == "memes.flagged"
    assert (content(last)["route"], list(content(last)["labels"])) == ("allow", ["hateful", "violence"])


@pytest.mark.parametrize("judged", [QUIET, LOUD], ids=["quiet", "loud"])
@pytest.mark.parametrize(
    "facts",
    [{}, {"run": "replay", "cached": True, "supersedes": "0" * 32}],
    ids=["live", "replayed"],
)
@pytest.mark.parametrize(
    "prepared",
    [
        PREPARED,
        replace(
            PREPARED,
            post=Post(post_id='\u202e😀"\\', caption="x", posted_at=FAR_AWAY),
            meme=Meme(caption="x"),
            image_sha256=None,
            language="und",
            language_guessed=True,
        ),
        replace(PREPARED, post=Post(post_id="p", caption="x", posted_at=datetime(2026, 1, 1)), image_sha256=None),  # noqa: DTZ001 - without an offset it is UTC
    ],
    ids=["full", "bare", "naive time"],
)  # fmt: skip
def test_every_record_is_what_its_message_says(
    judged: Judgement, facts: dict[str, Any], prepared: PreparedPost
) -> None:
    """Field for field: the message reads it, writes it again, and nothing is missing, added or changed."""
    for record in written(judged, WHY if judged is LOUD else (), prepared, **facts):
        message = MESSAGES[dict(record.headers)["ce_type"].decode()]
        assert record.value is not None
        read = message.model_validate_json(record.value, extra="forbid")
        assert set(content(record)) == set(message.model_fields)
        assert _without_times(read.model_dump(mode="json")) == _without_times(content(record))
        for name in ("judged_at", "posted_at"):
            if content(record).get(name):
                assert getattr(read, name).tzinfo is not None


def _without_times(value: dict[str, Any]) -> dict[str, Any]:
    """Times are compared as times: there is more than one way to write each."""
    times = ("judged_at", "posted_at")
    source = value["source"] | {"timestamp": datetime.fromisoformat(value["source"]["timestamp"])}
    return value | {name: value[name] and datetime.fromisoformat(value[name]) for name in times if name in value} | {
        "source": source
    }  # fmt: skip


def test_a_verdict_says_what_was_judged() -> None:
    """Source, content, model, policy, language and the facts of this run."""
    verdict = content(written(run="redrive", cached=True, supersedes="old")[0])
    assert verdict["source"] == {
        "topic": "memes.posts",
        "partition": 3,
        "offset": 17,
        "timestamp": "2023-11-14T22:13:20.123000Z",
    }
    assert verdict["content"] == {
        "image_sha256": "a" * 64,
        "text_sha256": "b" * 64,
        "image_uri": "https://example.org/teapot.png",
    }
    assert verdict["model"] == {
        "name": "model",
        "revision": "rev",
        "adapter": "adapter",
        "layout": "layout",
        "calibration": Calibration().digest,
        "demonstration": False,
    }
    assert verdict["policy"] == {"name": "default", "digest": POLICY.digest}
    assert (verdict["run"], verdict["cached"], verdict["supersedes"]) == ("redrive", True, "old")
    assert verdict["judged_at"] == "2023-11-14T22:15:00.500000Z"
    assert verdict["metadata"] == {"any": "string"}


@pytest.mark.parametrize(
    ("tag", "language", "guessed"), [("en", Language.ENGLISH, True), ("tr", None, False), ("und", None, True)]
)
def test_a_verdict_says_what_is_known_of_the_language(tag: str, language: Language | None, guessed: bool) -> None:
    """The tag as it is, whether it is one of the nine, and whether it was guessed."""
    prepared = replace(PREPARED, meme=Meme(caption="x", language=language), language=tag, language_guessed=guessed)
    for one in (content(record) for record in written(prepared=prepared)):
        assert (one["language"], one["language_supported"], one["language_guessed"]) == (tag, bool(language), guessed)


def test_the_toy_model_is_named_as_such() -> None:
    """Nobody who reads a single record can take the demonstration for a model of the real world."""
    toy = writer(description=replace(DESCRIPTION, demonstration=True))
    assert all(content(one)["model"]["demonstration"] for one in toy.records(PREPARED, LOUD, judged_at=JUDGED_AT))


def test_abstention_and_flag_are_told_apart() -> None:
    """Either may hold without the other."""
    flags = tuple(task is Task.HATEFUL for task in TASKS)
    labels = content(written(replace(LOUD, flagged=flags, abstained=tuple(not one for one in flags)))[0])["labels"]
    assert [one["flagged"] for one in labels.values()] == list(flags)
    assert [one["abstained"] for one in labels.values()] == [not one for one in flags]


def test_a_verdict_answers_all_tasks() -> None:
    """Twenty labels with probabilities that sum to 1, as the judgement has them."""
    labels = content(written()[0])["labels"]
    assert list(labels) == [task.value for task in TASKS]
    for place, answer in enumerate(labels.values()):
        assert abs(math.fsum(answer["probabilities"].values()) - 1) < 1e-6
        assert tuple(answer["probabilities"]) == LABEL_SETS[answer["label_set"]].labels
        assert tuple(answer["probabilities"].values()) == LOUD.probabilities[place]
        assert answer["label"] == LOUD.labels[place]
        assert answer["score"] == LOUD.scores[place]


def test_a_family_holds_its_own() -> None:
    """Labels, flag and rationales of its tasks, the same as in the verdict."""
    verdict, *families, _ = (content(record) for record in written())
    assert [one["family"] for one in families] == list(Family)
    for one in families:
        tasks = [task.value for task in FAMILIES[Family(one["family"])]]
        assert list(one["labels"]) == tasks
        assert one["labels"] == {task: verdict["labels"][task] for task in tasks}
        assert one["flagged"] == any(verdict["labels"][task]["flagged"] for task in tasks)
        assert one["rationales"] == [why for why in verdict["rationales"] if why["task"] in tasks]
        assert one["verdict_id"] == verdict["verdict_id"]


def test_the_flagged_record_is_about_what_is_flagged() -> None:
    """Labels and rationales of flagged tasks only, with route and priority."""
    rationales = (*WHY, Rationale(Task.HUMOR, "funny", "en", "the teapot sings"))
    verdict, *_, flagged = (content(record) for record in written(rationales=rationales))
    assert list(flagged["labels"]) == ["hateful", "violence"]
    assert [why["task"] for why in flagged["rationales"]] == ["hateful", "violence"]
    assert [why["task"] for why in verdict["rationales"]] == ["hateful", "violence", "humor"]
    assert (flagged["route"], flagged["priority"]) == (verdict["route"], verdict["priority"])


def test_outputs_can_be_switched_off() -> None:
    """Each on its own; what is off is neither written nor buried."""
    topics = OutputTopics(verdicts=None, intent=None, flagged="people")
    records = writer(topics).records(PREPARED, LOUD, judged_at=JUDGED_AT)
    expected = ["memes.labels.harm", "memes.labels.target", "memes.labels.affect", "people"]
    assert [record.topic for record in records] == expected
    assert [record.topic for record in writer(topics).tombstones(PREPARED.record)] == expected


def test_headers_are_carried_and_our_own_added() -> None:
    """Trace context and listed ones go on; the post's own content type and event id don't."""
    for record in written():
        names = [name for name, _ in record.headers]
        assert names[:2] == ["traceparent", "x-shop"]
        assert len(names) == len(set(names))
        headers = dict(record.headers)
        assert headers["content-type"] == b"application/json"
        assert headers["ce_id"].decode() == content(record)["verdict_id"]
        assert headers["ce_source"] == f"/memelens/{record.topic}".encode()
        assert headers["ce_specversion"] == b"1.0"


def test_a_deletion_is_passed_on() -> None:
    """A tombstone for each output, under the record's key."""
    tombstones = writer().tombstones(replace(PREPARED.record, value=None))
    assert len(tombstones) == 6
    assert {(one.key, one.value) for one in tombstones} == {(b"key", None)}
    assert all(dict(one.headers)["traceparent"] == b"00-1-2-01" for one in tombstones)


@given(st.integers(-(2**63), 2**63 - 1))
def test_any_timestamp_is_written(timestamp_ms: int) -> None:
    """A producer may set what it likes; a time outside the calendar is moved to its end."""
    prepared = replace(PREPARED, record=replace(PREPARED.record, timestamp_ms=timestamp_ms))
    verdict = Verdict.model_validate_json(written(QUIET, (), prepared)[0].value or b"")
    if 0 <= timestamp_ms < 253_402_300_799_000:
        assert abs(verdict.source.timestamp - datetime.fromtimestamp(timestamp_ms / 1000, UTC)) < timedelta(seconds=1)


def test_an_engine_with_fewer_tasks_leaves_fewer_records() -> None:
    """A family without an answer has no record."""
    (judged,) = Judge(POLICY, DESCRIPTION).judge([Scores(("hateful",), (-0.1, -2.4))], [Language.ENGLISH])
    assert isinstance(judged, Judgement)
    assert [record.topic for record in written(judged, ())] == ["memes.verdicts", "memes.labels.harm"]
