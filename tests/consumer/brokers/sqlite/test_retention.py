"""Retention and compaction of the embedded broker, in time that is turned by hand."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.consumer.brokers.rig import NOTHING

from memelens.consumer.brokers.interface import OutputRecord, StartAt, TopicSpec
from memelens.consumer.brokers.sqlite import SqliteBroker
from memelens.consumer.clock import ManualClock
from memelens.consumer.errors import OperatorError

HOUR_MS = 3_600_000


@pytest.fixture
def clock() -> ManualClock:
    """Time, turned by hand."""
    return ManualClock()


@pytest.fixture
def timed(url: str, clock: ManualClock) -> Iterator[SqliteBroker]:
    """A broker that lives in that time."""
    broker = SqliteBroker(url, clock=clock)
    yield broker
    broker.close()


def send(broker: SqliteBroker, topic: str, *keys: bytes) -> None:
    """Publish records whose value is their key."""
    with closing(broker.publisher()) as publisher:
        publisher.publish([OutputRecord(topic, key, key) for key in keys])


def kept(broker: SqliteBroker, topic: str) -> list[tuple[int, bytes | None]]:
    """Offsets and keys of what is retained."""
    return [(record.offset, record.key) for record in broker.read(topic)]


def test_records_older_than_the_retention_are_removed(timed: SqliteBroker, clock: ManualClock) -> None:
    """By the next record that is written to their partition; offsets go on, and `records` counts what is left."""
    timed.create_topics([TopicSpec("posts", retention_ms=HOUR_MS)])
    send(timed, "posts", b"old", b"older")
    clock.advance(1800)
    send(timed, "posts", b"young")
    clock.advance(1801)
    send(timed, "posts", b"new")
    assert kept(timed, "posts") == [(2, b"young"), (3, b"new")]
    described = timed.describe_topics(["posts"])["posts"]
    assert described is not None
    assert described.records == 2


def test_without_retention_records_stay(timed: SqliteBroker, clock: ManualClock) -> None:
    """For years."""
    timed.create_topics([TopicSpec("posts")])
    send(timed, "posts", b"old")
    clock.advance(10 * 365 * 86400)
    send(timed, "posts", b"new")
    assert [key for _, key in kept(timed, "posts")] == [b"old", b"new"]


def test_removing_is_bounded_work_and_catches_up(timed: SqliteBroker, clock: ManualClock) -> None:
    """One call removes about a thousand expired records; those that follow remove the rest."""
    timed.create_topics([TopicSpec("posts", retention_ms=HOUR_MS)])
    send(timed, "posts", *[b"%d" % number for number in range(3000)])
    clock.advance(3601)
    counts = []
    for _ in range(4):
        send(timed, "posts", b"new")
        counts.append(len(kept(timed, "posts")))
    assert counts == [1999, 998, 3, 4]


def test_a_reader_that_was_overtaken_needs_a_person(timed: SqliteBroker, clock: ManualClock) -> None:
    """Records that are removed before a member has polled them are counted, not skipped."""
    timed.create_topics([TopicSpec("posts", retention_ms=HOUR_MS)])
    send(timed, "posts", *[b"%d" % number for number in range(10)])
    subscription = timed.subscribe("posts", "group", start_at=StartAt.EARLIEST, on_revoked=lambda *_: NOTHING)
    assert len(subscription.poll(1, 4).records) == 4
    clock.advance(3601)
    send(timed, "posts", b"new")
    with pytest.raises(OperatorError, match="6 of partition 0"):
        subscription.poll(1, 4)
    subscription.close()


def test_compaction_keeps_the_last_record_of_each_key(timed: SqliteBroker) -> None:
    """Earlier ones go at once, tombstones stay, and a reader gets over the holes."""
    timed.create_topics([TopicSpec("keys", compact=True)])
    send(timed, "keys", b"a", b"b", b"a")
    send(timed, "keys", b"c", b"b")
    assert kept(timed, "keys") == [(2, b"a"), (3, b"c"), (4, b"b")]
    subscription = timed.subscribe("keys", "group", start_at=StartAt.EARLIEST, on_revoked=lambda *_: NOTHING)
    assert [record.offset for record in subscription.poll(1, 10).records] == [2, 3, 4]
    subscription.close()


def test_compaction_and_retention_together(timed: SqliteBroker, clock: ManualClock) -> None:
    """The last record of a key goes too, when it is too old; its key may come again."""
    timed.create_topics([TopicSpec("keys", compact=True, retention_ms=HOUR_MS)])
    send(timed, "keys", b"a", b"b")
    clock.advance(3601)
    send(timed, "keys", b"b")
    send(timed, "keys", b"a")
    assert kept(timed, "keys") == [(2, b"b"), (3, b"a")]


def test_a_compacted_topic_wants_keys(timed: SqliteBroker) -> None:
    """A record without one could never be replaced."""
    timed.create_topics([TopicSpec("keys", compact=True)])
    with closing(timed.publisher()) as publisher, pytest.raises(OperatorError, match="compacted"):
        publisher.publish([OutputRecord("keys", None, b"value")])


def test_time_never_runs_backwards_in_a_partition(timed: SqliteBroker, clock: ManualClock) -> None:
    """A clock that is set back doesn't put records before others, so that a time has one place."""
    timed.create_topics([TopicSpec("posts")])
    send(timed, "posts", b"a")
    clock.advance(-5000)
    send(timed, "posts", b"b")
    first, second = timed.read("posts")
    assert first.timestamp_ms == second.timestamp_ms
