"""What every broker does with the polls of one member of a group: the sentences of `interface.py`."""

import threading
import time

import pytest
from tests.servers.waiting import eventually

from memelens.consumer.brokers.interface import Partition
from memelens.consumer.errors import OperatorError

from .rig import Rig, gather, gathered, joined, poll_for_ever, unique


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
