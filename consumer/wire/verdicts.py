"""From a judgement to the records on the output topics.

JSON is put together from parts that are encoded once: what all six records say of a post, and the labels of a family.
`messages.py` says what must come out; a test holds the two together.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from ...model.engine import EngineDescription
from ...taxonomy import Family, Task, family_of
from ..brokers.interface import Headers, OutputRecord, Record
from ..clock import utc_time
from ..judging.judge import Judgement
from ..judging.policy import Policy
from ..messages import SCHEMA_VERSION, Run
from ..prepared import PreparedPost
from .headers import carried_headers

__all__ = ["OutputTopics", "Rationale", "VerdictWriter"]

_Json = dict[str, Any]
_JSON_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


@dataclass(frozen=True, slots=True)
class OutputTopics:
    """Where each output goes; None switches it off."""

    verdicts: str | None = "memes.verdicts"
    harm: str | None = "memes.labels.harm"
    target: str | None = "memes.labels.target"
    intent: str | None = "memes.labels.intent"
    affect: str | None = "memes.labels.affect"
    flagged: str | None = "memes.flagged"

    def of(self, family: Family) -> str | None:
        """Topic of a family."""
        return {
            Family.HARM: self.harm,
            Family.TARGET: self.target,
            Family.INTENT: self.intent,
            Family.AFFECT: self.affect,
        }[family]

    def active(self) -> tuple[str, ...]:
        """Topics that are written."""
        every = (self.verdicts, self.harm, self.target, self.intent, self.affect, self.flagged)
        return tuple(topic for topic in every if topic is not None)


@dataclass(frozen=True, slots=True)
class Rationale:
    """Why a label was given to a task, written in `language`."""

    task: Task
    label: str
    language: str
    text: str


class VerdictWriter:
    """Writes verdicts of one model under one policy. Safe to share between threads."""

    def __init__(
        self, topics: OutputTopics, description: EngineDescription, policy: Policy, carry: Collection[str] = ()
    ) -> None:
        """`carry` are names of input headers that go on, besides trace context and baggage."""
        identity = description.identity
        calibration = description.calibration.digest
        self._topics, self._carry = topics, frozenset(carry)
        self._families = tuple((family, topics.of(family)) for family in Family)
        self._own_headers = {
            (kind, topic): _headers(kind, topic)
            for kind in ("verdict", "family-labels", "flagged")
            for topic in topics.active()
        }
        self._judges = orjson.dumps([asdict(identity), calibration, policy.digest], option=orjson.OPT_SORT_KEYS)
        self._model = orjson.Fragment(
            orjson.dumps(
                {
                    "name": identity.name,
                    "revision": identity.revision,
                    "adapter": identity.adapter,
                    "layout": identity.layout,
                    "calibration": calibration,
                    "demonstration": description.demonstration,
                }
            )
        )
        self._policy = orjson.Fragment(orjson.dumps({"name": policy.name, "digest": policy.digest}))

    def verdict_id(self, prepared: PreparedPost) -> str:
        """32 hexadecimal digits: the same whenever this post is judged by this model and policy, else others."""
        post, record = prepared.post, prepared.record
        version = ["revision", post.revision] if post.revision is not None else ["timestamp", record.timestamp_ms]
        said = [
            post.tenant,
            post.post_id,
            version,
            prepared.image_sha256,
            prepared.text_sha256,
            prepared.language,
        ]
        return hashlib.sha256(orjson.dumps(said) + self._judges).hexdigest()[:32]

    def records(  # noqa: PLR0913 - keyword-only facts of this run, each with a plain default
        self,
        prepared: PreparedPost,
        judgement: Judgement,
        rationales: Sequence[Rationale] = (),
        *,
        judged_at: float,
        run: Run = "live",
        cached: bool = False,
        supersedes: str | None = None,
    ) -> list[OutputRecord]:
        """The records of one post: verdict, families, and `flagged` where a task is flagged or the route isn't `allow`.

        `judged_at` is in seconds since the epoch; `cached` says that the scores came from the cache.
        """
        verdict_id = self.verdict_id(prepared)
        facts = {"judged_at": utc_time(judged_at * 1000), "run": run, "cached": cached, "supersedes": supersedes}
        head = self._head(prepared, verdict_id, facts)
        carried = carried_headers(prepared.record.headers, self._carry)
        own = ("ce_id", verdict_id.encode())
        return [
            OutputRecord(topic, prepared.key, _joined((head, body)), (*carried, *self._own_headers[kind, topic], own))
            for kind, topic, body in self._bodies(prepared, judgement, [_said(one) for one in rationales])
        ]

    def tombstones(self, record: Record) -> list[OutputRecord]:
        """A record without value for each output, after a record that deletes."""
        carried = carried_headers(record.headers, self._carry)
        return [OutputRecord(topic, record.key, None, carried) for topic in self._topics.active()]

    def _bodies(
        self, prepared: PreparedPost, judgement: Judgement, rationales: Sequence[_Json]
    ) -> Iterator[tuple[str, str, bytes]]:
        """Kind, topic and own fields of each record."""
        labels, flagged = _labels(judgement), judgement.any_flagged
        encoded = {family: orjson.dumps(tasks) for family, tasks in labels.items()}
        routed = {"route": judgement.route, "priority": judgement.priority, "metadata": prepared.post.metadata}
        if (topic := self._topics.verdicts) is not None:
            whole = orjson.Fragment(_joined(encoded.values()))
            yield "verdict", topic, _encoded(routed | {"labels": whole, "rationales": rationales, "flagged": flagged})
        for family, topic in self._families:
            if topic is not None and family in labels:
                yield "family-labels", topic, _family(family, labels[family], encoded[family], rationales)
        if (topic := self._topics.flagged) is not None and (flagged or judgement.route != "allow"):
            only = {task: one for tasks in labels.values() for task, one in tasks.items() if one["flagged"]}
            why = [one for one in rationales if one["task"] in only]
            own = {"labels": only, "rationales": why, "flagged": flagged, "posted_at": prepared.post.posted_at}
            yield "flagged", topic, _encoded(routed | own)

    def _head(self, prepared: PreparedPost, verdict_id: str, facts: _Json) -> bytes:
        """What all records of a post say."""
        post, record = prepared.post, prepared.record
        return _encoded(
            {
                "schema_version": SCHEMA_VERSION,
                "verdict_id": verdict_id,
                "post_id": post.post_id,
                "tenant": post.tenant,
                "language": prepared.language,
                "language_supported": prepared.meme.language is not None,
                "language_guessed": prepared.language_guessed,
                "source": {
                    "topic": record.partition.topic,
                    "partition": record.partition.index,
                    "offset": record.offset,
                    "timestamp": utc_time(record.timestamp_ms),
                },
                "content": {
                    "image_sha256": prepared.image_sha256,
                    "text_sha256": prepared.text_sha256,
                    "image_uri": post.image.uri if post.image is not None else None,
                },
                "model": self._model,
                "policy": self._policy,
                **facts,
            }
        )


def _family(family: Family, labels: _Json, encoded: bytes, rationales: Sequence[_Json]) -> bytes:
    return _encoded(
        {
            "family": family.value,
            "labels": orjson.Fragment(encoded),
            "rationales": [one for one in rationales if one["task"] in labels],
            "flagged": any(one["flagged"] for one in labels.values()),
        }
    )


def _labels(judgement: Judgement) -> dict[Family, _Json]:
    """Answers by family and task."""
    families: dict[Family, _Json] = {}
    for served, evidence, label, probabilities, score, flagged, abstained in zip(
        judgement.sets,
        judgement.evidence,
        judgement.labels,
        judgement.probabilities,
        judgement.scores,
        judgement.flagged,
        judgement.abstained,
        strict=True,
    ):
        family = family_of(served.task)
        families.setdefault(family, {})[served.task.value] = {
            "family": family.value,
            "label_set": served.name,
            "label": label,
            "probabilities": dict(zip(served.labels, probabilities, strict=True)),
            "score": score,
            "flagged": flagged,
            "abstained": abstained,
            "evidence": evidence,
        }
    return families


def _said(rationale: Rationale) -> _Json:
    return {
        "task": rationale.task.value,
        "label": rationale.label,
        "language": rationale.language,
        "text": rationale.text,
    }


def _encoded(fields: _Json) -> bytes:
    return orjson.dumps(fields, option=_JSON_OPTIONS)


def _joined(objects: Iterable[bytes]) -> bytes:
    """One JSON object with the members of all of these; none of them is empty."""
    return b"{" + b",".join([one[1:-1] for one in objects]) + b"}"


def _headers(kind: str, topic: str) -> Headers:
    """CloudEvents in binary mode; `ce_id` comes on top."""
    return (
        ("content-type", b"application/json"),
        ("ce_specversion", b"1.0"),
        ("ce_type", f"memelens.{kind}".encode()),
        ("ce_source", f"/memelens/{topic}".encode()),
    )
