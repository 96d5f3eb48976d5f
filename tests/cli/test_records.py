"""Records as lines for a person and as JSON for a program."""

import base64
import json
from typing import Any

import pytest

from memelens.cli.records import flagged_labels, line_of
from memelens.consumer.brokers.interface import Headers, Partition, Record
from memelens.consumer.tailing import as_json

LABELS: dict[str, Any] = {
    "hateful": {"label": "hateful", "score": 0.71, "flagged": True},
    "target": {"label": "community", "score": 0.8, "flagged": True},
    "humor": {"label": "funny", "score": 0.99, "flagged": False},
}
VERDICT = {"post_id": "1", "language": "hi", "route": "review", "priority": 0.8, "labels": LABELS}


def record(value: object, headers: Headers = (), key: bytes | None = b"p-1") -> Record:
    """A record at 3:17."""
    content = value if isinstance(value, bytes) or value is None else json.dumps(value).encode()
    return Record(Partition("topic", 3), 17, key, content, headers, 1_790_000_000_000)


def test_flagged_labels_come_highest_first() -> None:
    """Only flagged tasks, with the label where it isn't the task itself."""
    assert flagged_labels(LABELS) == "target: community 0.80, hateful 0.71"
    assert flagged_labels({}) == ""


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (record(VERDICT), "review 0.80   hi   target: community 0.80, hateful 0.71"),
        (
            record({"post_id": "1", "family": "affect", "language": "de", "labels": {}}),
            "affect        de   nothing flagged",
        ),
        (
            record({"post_id": "1", "language": "ru", "image": {"uri": "s3://b/k"}, "caption": "a\nteapot"}),
            "ru   [picture] a teapot",
        ),
        (record(None), "deleted"),
        (record(b"\xff\x00", (("a", b"b"),)), "base64:/wA=  a=b"),
        (
            record(b"{", (("memelens.error.kind", b"not-json"), ("__connect.errors.exception.message", b"why"))),
            "not-json: why",
        ),
        (record({"labels": {"x": 1}}), "not a verdict of ours"),
        (record({"labels": {}, "route": 1, "priority": "high"}), "not a verdict of ours"),
        (record({"other": 1}), '{"other": 1}'),
        (record([1]), "base64:WzFd"),
        (record({"post_id": "1", "caption": "a\x1b[2J\x9b\ud83d"}), "a\ufffd[2J\ufffd\ufffd"),
    ],
    ids=["verdict", "family", "post", "tombstone", "bytes", "dead-letter", "odd", "odder", "json", "list", "escapes"],
)
def test_a_line_says_what_a_record_is(one: Record, says: str) -> None:
    """Time, place and key lead; the rest depends on what the record is, and no record breaks it."""
    line = line_of(one)
    assert line.startswith("2026-09-21 14:13:20      3:17  p-1 ")
    assert line.rstrip().endswith(says)


def test_json_lines_hold_everything() -> None:
    """Coordinates, key, headers and value; bytes that are no JSON in base64."""
    line = json.loads(as_json(record(VERDICT, (("ce_id", b"7"),))))
    assert (line["topic"], line["partition"], line["offset"], line["key"]) == ("topic", 3, 17, "p-1")
    assert line["timestamp"] == "2026-09-21T14:13:20.000+00:00"
    assert line["headers"] == [["ce_id", "7"]]
    assert line["value"] == VERDICT
    raw = json.loads(as_json(record(b"\xff\x00", key=None)))
    assert base64.b64decode(raw["value_base64"]) == b"\xff\x00"
    assert raw["key"] is None
    assert json.loads(as_json(record(None)))["value"] is None


def test_a_terminal_obeys_no_record() -> None:
    """Control characters and half surrogates are escaped in JSON lines, which stay the same JSON."""
    post = {"caption": "a\x1b[2J\x7f\x9b\ud83d\\ teapots"}
    line = as_json(record(json.dumps(post).encode()))
    assert line.encode().isascii()
    assert "\x7f" not in line
    assert json.loads(line)["value"] == post
