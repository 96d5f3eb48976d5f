"""What every broker does with records, topics and one member of a group: the sentences of `interface.py`."""

import itertools
import threading
import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.servers.waiting import eventually

from memelens.consumer.brokers.interface import (
    GroupSnapshot,
    Headers,
    OutputRecord,
    Partition,
    StartAt,
    TopicDescription,
    TopicSpec,
)
from memelens.consumer.errors import OperatorError, PoisonError, RetryLaterError

from .rig import NOTHING, Rig, gather, gathered, joined, poll_for_ever, unique

# Records


@given(
    st.lists(
        st.tuples(
            st.none() | st.binary(max_size=20),
            st.none() | st.binary(max_size=300),
            st.lists(st.tuples(st.text(max_size=8), st.binary(max_size=8)), max_size=4).map(tuple),
        ),
        min_size=1,
        max_size=20,
    )
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bytes_come_out_as_they_went_in(rig: Rig, sent: list[tuple[bytes | None, bytes | None, Headers]]) -> None:
    """Keys, values and headers of any bytes, absent and empty ones told apart, repeated names in their order."""
    topic = rig.topic()
    rig.publish([OutputRecord(topic, *one) for one in sent])
    assert [(one.key, one.value, one.headers) for one in rig.broker.read(topic)] == sent


def test_a_record_says_where_and_when_it_is(rig: Rig) -> None:
    """Partition, offsets from 0 without a gap, and the time of writing in milliseconds."""
    topic, before = rig.topic(), time.time() * 1000
    rig.send(topic, b"a", b"b", b"c")
    records = list(rig.broker.read(topic))
    assert [(one.partition, one.offset) for one in records] == [(Partition(topic, 0), place) for place in range(3)]
    assert all(before - 1 <= one.timestamp_ms <= time.time() * 1000 + 1 for one in records)


def test_a_key_stays_in_its_partition_and_order(rig: Rig) -> None:
    """Records of one key lie in one partition, in the order of writing, over several calls; keys are spread."""
    topic, keys = rig.topic(partitions=3), [f"k{number}" for number in range(30)]
    for turn in range(3):
        rig.publish([OutputRecord(topic, key.encode(), f"{turn}".encode()) for key in keys])
    found: dict[bytes | None, list[tuple[int, int, bytes | None]]] = {}
    for record in rig.broker.read(topic):
        found.setdefault(record.key, []).append((record.partition.index, record.offset, record.value))
    assert all([value for _, _, value in sorted(of_key)] == [b"0", b"1", b"2"] for of_key in found.values())
    assert all(len({index for index, _, _ in of_key}) == 1 for of_key in found.values())
    assert {of_key[0][0] for of_key in found.values()} == {0, 1, 2}


def test_a_key_goes_to_the_same_partition_from_any_publisher(rig: Rig) -> None:
    """Where a key lies doesn't depend on who writes, or when."""
    topic = rig.topic(partitions=5)
    for _ in range(2):
        publisher = rig.broker.publisher()
        publisher.publish([OutputRecord(topic, f"{number}".encode(), b"") for number in range(20)])
        publisher.close()
    places = Counter((record.key, record.partition) for record in rig.broker.read(topic))
    assert len(places) == 20


def test_a_record_without_a_key_may_lie_anywhere(rig: Rig) -> None:
    """All of them are there."""
    topic = rig.topic(partitions=3)
    rig.publish([OutputRecord(topic, None, f"{number}".encode()) for number in range(30)])
    assert sorted(record.value or b"" for record in rig.broker.read(topic)) == sorted(
        f"{number}".encode() for number in range(30)
    )


# Publishing


def test_one_call_writes_to_several_topics(rig: Rig) -> None:
    """Each record goes to its own topic."""
    first, second = rig.topic(), rig.topic()
    rig.publish([OutputRecord(first, b"k", b"1"), OutputRecord(second, b"k", b"2"), OutputRecord(first, b"k", b"3")])
    assert (rig.values(first), rig.values(second)) == ([b"1", b"3"], [b"2"])


def test_a_record_too_large_is_poison(rig: Rig) -> None:
    """It isn't written, and later publishes are as good as ever."""
    topic = rig.topic(max_message_bytes=10_000)
    with pytest.raises(PoisonError) as caught:
        rig.send(topic, b"x" * 20_000)
    assert caught.value.kind == "output-too-large"
    rig.send(topic, b"after")
    assert rig.values(topic) == [b"after"]


def test_a_record_too_large_among_others_is_poison(rig: Rig) -> None:
    """Nothing of it is written, whatever becomes of the others, which can be published without it."""
    topic = rig.topic(max_message_bytes=10_000)
    with pytest.raises(PoisonError):
        rig.send(topic, b"before", b"x" * 20_000, b"behind")
    rig.send(topic, b"before", b"behind")
    assert rig.values(topic)[-2:] == [b"before", b"behind"]
    assert max(len(value or b"") for value in rig.values(topic)) < 10


def test_a_topic_takes_what_it_was_made_for(rig: Rig) -> None:
    """A raised limit is enough for records larger than the default."""
    topic, value = rig.topic(max_message_bytes=4 * 2**20), bytes(3 * 2**20)
    rig.send(topic, value)
    assert rig.values(topic) == [value]


def test_publishing_to_a_missing_topic_needs_a_person(rig: Rig) -> None:
    """The error names the topic; the publisher stays of use."""
    missing, topic = unique("missing"), rig.topic()
    with pytest.raises(OperatorError, match=missing):
        rig.send(missing, b"lost")
    rig.send(topic, b"kept")
    assert rig.values(topic) == [b"kept"]


# Polling


def test_a_poll_returns_records_in_order(rig: Rig) -> None:
    """Every record once, in offset order within its partition, under a membership that holds the partition."""
    topic = rig.topic(partitions=2)
    rig.send_keys(topic, [f"k{number}" for number in range(50)])
    records, snapshot = gathered(rig.subscribe(topic), 50)
    assert snapshot.joined
    assert snapshot.assignment == {Partition(topic, 0), Partition(topic, 1)}
    for partition in snapshot.assignment:
        offsets = [record.offset for record in records if record.partition == partition]
        assert offsets == list(range(len(offsets)))
    assert len(records) == 50


def test_a_poll_returns_no_more_than_it_is_asked_for(rig: Rig) -> None:
    """What is over comes with the next polls."""
    topic = rig.topic(partitions=2)
    rig.send_keys(topic, [f"k{number}" for number in range(20)])
    subscription, sizes = rig.subscribe(topic), []

    def all_there() -> bool:
        sizes.append(len(subscription.poll(0.2, 7).records))
        return sum(sizes) == 20

    eventually(all_there, "20 records")
    assert max(sizes) <= 7


def test_a_poll_that_finds_nothing_is_empty(rig: Rig) -> None:
    """It waits for its time, or for a tenth of a second where that is longer, and no more."""
    subscription = rig.subscribe(rig.topic())
    joined(subscription, 1)
    for timeout, shortest in ((0.0, 0.1), (0.5, 0.5)):
        started = time.monotonic()
        assert not subscription.poll(timeout, 10).records
        assert shortest - 0.02 <= time.monotonic() - started < shortest + 2


def test_a_waiting_poll_wakes_for_a_record(rig: Rig) -> None:
    """A record that comes ends the wait."""
    topic = rig.topic()
    subscription = rig.subscribe(topic)
    joined(subscription, 1)
    rig.send(topic, b"first")
    gather(subscription, 1)
    sender = threading.Timer(0.3, rig.send, (topic, b"second"))
    started = time.monotonic()
    sender.start()
    assert [record.value for record in subscription.poll(15.0, 10).records] == [b"second"]
    assert time.monotonic() - started < 5
    sender.join()


def test_a_missing_topic_needs_a_person(rig: Rig) -> None:
    """A poll says which topic it is, in place of being empty for ever."""
    missing = unique("missing")
    subscription = rig.subscribe(missing)
    with pytest.raises(OperatorError, match=missing):
        poll_for_ever(subscription)


def test_before_the_first_poll_nothing_is_held(rig: Rig) -> None:
    """Membership begins with polling."""
    assert rig.subscribe(rig.topic()).assignment() == frozenset()


def test_a_paused_partition_gives_no_records(rig: Rig) -> None:
    """The others go on, membership stays, and resuming loses nothing."""
    topic = rig.topic(partitions=2)
    subscription = rig.subscribe(topic)
    joined(subscription, 2)
    paused = Partition(topic, 0)
    subscription.pause([paused])
    rig.send_keys(topic, [f"k{number}" for number in range(40)])
    ends = subscription.end_offsets(subscription.assignment())
    others = gather(subscription, ends[Partition(topic, 1)])
    assert {record.partition.index for record in others} == {1}
    assert not subscription.poll(0.5, 100).records
    assert subscription.assignment() == {paused, Partition(topic, 1)}
    subscription.resume([paused, Partition(topic, 17), Partition("elsewhere", 0)])
    assert [record.offset for record in gather(subscription, ends[paused])] == list(range(ends[paused]))


def test_records_polled_before_a_pause_are_not_repeated(rig: Rig) -> None:
    """Pausing between polls keeps the place."""
    topic = rig.topic()
    subscription = rig.subscribe(topic)
    rig.send(topic, *[b"%d" % number for number in range(10)])
    first = list(subscription.poll(5.0, 3).records) or gather(subscription, 1)
    subscription.pause(subscription.assignment())
    assert not subscription.poll(0.3, 100).records
    subscription.resume(subscription.assignment())
    rest = gather(subscription, 10 - len(first))
    assert [record.offset for record in (*first, *rest)] == list(range(10))


def test_a_seek_moves_back_and_forth(rig: Rig) -> None:
    """The next poll goes on from there."""
    topic = rig.topic()
    rig.send(topic, *[b"%d" % number for number in range(10)])
    subscription = rig.subscribe(topic)
    gather(subscription, 10)
    subscription.seek(Partition(topic, 0), 2)
    assert [record.offset for record in gather(subscription, 8)] == list(range(2, 10))
    subscription.seek(Partition(topic, 0), 9)
    assert [record.offset for record in gather(subscription, 1)] == [9]


# Offsets


def test_a_group_goes_on_where_it_committed(rig: Rig) -> None:
    """What isn't committed is read again by the group's next member, and `committed` tells where that is."""
    topic, group = rig.topic(), unique("group")
    rig.send(topic, *[b"%d" % number for number in range(10)])
    first = rig.subscribe(topic, group)
    _, snapshot = gathered(first, 10)
    assert first.committed(snapshot.assignment) == NOTHING
    first.commit({Partition(topic, 0): 4}, snapshot)
    first.commit({Partition(topic, 0): 4}, snapshot)
    assert first.committed(snapshot.assignment) == {Partition(topic, 0): 4}
    first.close()
    assert [record.offset for record in gather(rig.subscribe(topic, group), 6)] == list(range(4, 10))


def test_a_commit_is_made_from_another_thread(rig: Rig) -> None:
    """The poll thread may be waiting in `poll` at the time."""
    topic = rig.topic()
    rig.send(topic, b"a", b"b")
    subscription = rig.subscribe(topic)
    _, snapshot = gathered(subscription, 2)
    polling = threading.Thread(target=subscription.poll, args=(1.0, 10))
    polling.start()
    subscription.commit({Partition(topic, 0): 2}, snapshot)
    assert subscription.committed([Partition(topic, 0)]) == {Partition(topic, 0): 2}
    assert subscription.end_offsets([Partition(topic, 0)]) == {Partition(topic, 0): 2}
    polling.join()


def test_a_commit_without_membership_is_refused(rig: Rig) -> None:
    """A snapshot from before joining moves no offset."""
    topic = rig.topic()
    rig.send(topic, b"a", b"b")
    subscription = rig.subscribe(topic)
    _, snapshot = gathered(subscription, 2)
    subscription.commit({Partition(topic, 0): 2}, snapshot)
    with pytest.raises(RetryLaterError):
        subscription.commit({Partition(topic, 0): 0}, GroupSnapshot(-1, "", snapshot.assignment))
    assert subscription.committed([Partition(topic, 0)]) == {Partition(topic, 0): 2}


def test_end_offsets_grow(rig: Rig) -> None:
    """They are the offsets behind the last records, 0 for an empty partition."""
    topic = rig.topic(partitions=2)
    subscription = rig.subscribe(topic)
    held = joined(subscription, 2).assignment
    assert subscription.end_offsets(held) == dict.fromkeys(held, 0)
    rig.send(topic, b"a", b"b", b"c")
    assert sorted(subscription.end_offsets(held).values()) == [0, 3]


def test_groups_do_not_disturb_each_other(rig: Rig) -> None:
    """Each reads everything, and commits for itself."""
    topic = rig.topic()
    rig.send(topic, b"a", b"b")
    one, other = rig.subscribe(topic), rig.subscribe(topic)
    _, snapshot = gathered(one, 2)
    one.commit({Partition(topic, 0): 2}, snapshot)
    assert len(gather(other, 2)) == 2
    assert other.committed([Partition(topic, 0)]) == NOTHING


def test_a_new_group_starts_at_the_latest(rig: Rig) -> None:
    """What was there before it isn't read; what comes afterwards is."""
    topic = rig.topic()
    rig.send(topic, b"old")
    subscription = rig.subscribe(topic, start_at=StartAt.LATEST)
    joined(subscription, 1)
    assert not subscription.poll(0.5, 10).records
    rig.send(topic, b"new")
    assert [record.value for record in gather(subscription, 1)] == [b"new"]


def test_where_to_start_is_of_no_matter_to_a_group_that_committed(rig: Rig) -> None:
    """It goes on where it was, whatever `start_at` says."""
    topic, group = rig.topic(), unique("group")
    rig.send(topic, b"a", b"b", b"c")
    first = rig.subscribe(topic, group)
    _, snapshot = gathered(first, 3)
    first.commit({Partition(topic, 0): 1}, snapshot)
    first.close()
    second = rig.subscribe(topic, group, start_at=StartAt.LATEST)
    assert [record.value for record in gather(second, 2)] == [b"b", b"c"]


def test_a_committed_offset_that_is_gone_needs_a_person(rig: Rig) -> None:
    """The group doesn't jump over records that it never read: the error says how many are lost."""
    topic, group = rig.topic(), unique("group")
    rig.send(topic, *[b"%d" % number for number in range(10)])
    first = rig.subscribe(topic, group)
    _, snapshot = gathered(first, 10)
    first.commit({Partition(topic, 0): 2}, snapshot)
    first.close()
    rig.remove_before(Partition(topic, 0), 7)
    second = rig.subscribe(topic, group)
    with pytest.raises(OperatorError, match=r"\b5\b"):
        poll_for_ever(second)
    assert second.committed([Partition(topic, 0)]) == {Partition(topic, 0): 2}


def test_closing_gives_partitions_up(rig: Rig) -> None:
    """The callback is called with all of them, and its watermarks are committed; closing again does nothing."""
    topic, group, calls = rig.topic(), unique("group"), list[tuple[frozenset[Partition], bool]]()

    def on_revoked(partitions: frozenset[Partition], lost: bool) -> dict[Partition, int]:
        calls.append((partitions, lost))
        return dict.fromkeys(partitions, 3)

    rig.send(topic, *[b"%d" % number for number in range(5)])
    first = rig.subscribe(topic, group, on_revoked=on_revoked)
    gather(first, 5)
    first.close()
    first.close()
    assert [call for call in calls if call[0]] == [(frozenset({Partition(topic, 0)}), False)]
    assert [record.offset for record in gather(rig.subscribe(topic, group), 2)] == [3, 4]


# Reading without a group


def test_reading_starts_where_it_is_told(rig: Rig) -> None:
    """Partitions that aren't named are read from their beginning."""
    topic = rig.topic(partitions=2)
    rig.send_keys(topic, [f"k{number}" for number in range(40)])
    counts = Counter(record.partition.index for record in rig.broker.read(topic))
    found = Counter(record.partition.index for record in rig.broker.read(topic, start={0: 3}))
    assert found == {0: counts[0] - 3, 1: counts[1]}


def test_reading_stops_at_the_end_of_the_moment_it_was_called(rig: Rig) -> None:
    """What comes later isn't read, so that a reader of a busy topic ends."""
    topic = rig.topic()
    rig.send(topic, b"a", b"b")
    reading = rig.broker.read(topic)
    rig.send(topic, b"c")
    assert [record.value for record in reading] == [b"a", b"b"]


def test_reading_an_empty_topic_ends(rig: Rig) -> None:
    """There is nothing to wait for."""
    assert list(rig.broker.read(rig.topic(partitions=3))) == []


def test_reading_for_ever_waits_for_more(rig: Rig) -> None:
    """Records that come later are yielded when they come."""
    topic = rig.topic(partitions=2)
    rig.send_keys(topic, ["a", "b"])
    sender = threading.Timer(0.5, rig.send_keys, (topic, ["c", "d"]))
    sender.start()
    reading = rig.broker.read(topic, stop_at_end=False)
    assert sorted(record.key or b"" for record in itertools.islice(reading, 4)) == [b"a", b"b", b"c", b"d"]
    sender.join()


def test_reading_a_missing_topic_needs_a_person(rig: Rig) -> None:
    """It isn't taken for an empty one."""
    missing = unique("missing")
    with pytest.raises(OperatorError, match=missing):
        list(rig.broker.read(missing))


def test_offsets_at_a_time(rig: Rig) -> None:
    """The first offset at or after each time; the end where there is none, 0 where all come after it."""
    topic = rig.topic(partitions=2)
    for turn in range(3):
        rig.send_keys(topic, [f"{turn}-{number}" for number in range(8)])
        _let_a_millisecond_pass()
    records = list(rig.broker.read(topic))
    ends = Counter(record.partition.index for record in records)
    for asked in {record.timestamp_ms + later for record in records for later in (0, 1)} | {0, 2**41}:
        expected = {
            index: min(
                (one.offset for one in records if one.partition.index == index and one.timestamp_ms >= asked),
                default=end,
            )
            for index, end in ends.items()
        }
        assert rig.broker.offsets_at(topic, asked) == expected


def _let_a_millisecond_pass() -> None:
    now = time.time()
    eventually(lambda: time.time() > now + 0.002, "time goes by")


# Topics


def test_a_topic_is_described(rig: Rig) -> None:
    """Partitions, limit and number of records; None where there is no such topic."""
    topic, missing = rig.topic(partitions=3, max_message_bytes=12_345), unique("missing")
    rig.send_keys(topic, [f"k{number}" for number in range(10)])
    described = rig.broker.describe_topics([topic, missing])
    assert described == {topic: TopicDescription(topic, 3, 1, 12_345, 10), missing: None}


def test_creating_topics_leaves_existing_ones_alone(rig: Rig) -> None:
    """Only the missing ones are made and named; nothing changes of the others."""
    topic, new = rig.topic(partitions=2), unique("topic")
    rig.send(topic, b"kept")
    assert list(rig.broker.create_topics([TopicSpec(topic, 5), TopicSpec(new, 1)])) == [new]
    assert list(rig.broker.create_topics([TopicSpec(topic, 5), TopicSpec(new, 1)])) == []
    described = rig.broker.describe_topics([topic])[topic]
    assert described is not None
    assert (described.partitions, rig.values(topic)) == (2, [b"kept"])


def test_a_compacted_topic_keeps_the_last_record_of_a_key(rig: Rig) -> None:
    """Whatever else of it is removed, and whenever."""
    topic = rig.topic(compact=True)
    rig.send(topic, b"1", b"2", key=b"a")
    rig.send(topic, b"3", None, key=b"b")
    last = {record.key: record.value for record in rig.broker.read(topic)}
    assert last == {b"a": b"2", b"b": None}


# The broker


def test_a_broker_that_is_there_passes_the_check(rig: Rig) -> None:
    """And its address is what it was given, which holds no secret here."""
    rig.broker.check(20)
    assert rig.broker.url == rig.url


def test_everything_closes_twice(rig: Rig) -> None:
    """Closing what is closed already is harmless."""
    publisher, transactional = rig.broker.publisher(), rig.transactional()
    subscription = rig.subscribe(rig.topic())
    for _ in range(2):
        publisher.close()
        transactional.close()
        subscription.close()
        rig.broker.close()
