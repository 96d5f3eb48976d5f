"""What every broker does with records and offsets in one transaction."""

import threading
from collections.abc import Mapping
from typing import Any

import pytest
from tests.servers.waiting import eventually

from memelens.consumer.brokers.interface import GroupSnapshot, OutputRecord, Partition, Subscription
from memelens.consumer.errors import FencedError, OperatorError, PoisonError, RetryLaterError

from .rig import NOTHING, Rig, gathered, unique


class Work:
    """A member that has polled ten records, and a topic for what comes of them."""

    def __init__(self, rig: Rig) -> None:
        self.topic, self.group, self.outputs = rig.topic(), unique("group"), rig.topic(max_message_bytes=10_000)
        self.partition = Partition(self.topic, 0)
        rig.send(self.topic, *[b"%d" % number for number in range(10)])
        self.subscription: Subscription = rig.subscribe(self.topic, self.group)
        self.snapshot: GroupSnapshot = gathered(self.subscription, 10)[1]

    def records(self, *values: bytes) -> list[OutputRecord]:
        """Outputs."""
        return [OutputRecord(self.outputs, b"key", value) for value in values]

    def committed(self) -> Mapping[Partition, int]:
        """What the group has committed."""
        return self.subscription.committed([self.partition])


@pytest.fixture
def work(rig: Rig) -> Work:
    """Records polled and not committed."""
    return Work(rig)


def test_outputs_and_offsets_come_together(rig: Rig, work: Work) -> None:
    """One transaction after the other, each with its records and its offset."""
    transactional = rig.transactional()
    transactional.publish(work.records(b"a", b"b"), {work.partition: 2}, work.snapshot)
    assert (rig.values(work.outputs), work.committed()) == ([b"a", b"b"], {work.partition: 2})
    transactional.publish(work.records(b"c"), {work.partition: 3}, work.snapshot)
    assert (rig.values(work.outputs), work.committed()) == ([b"a", b"b", b"c"], {work.partition: 3})


def test_offsets_alone_are_a_transaction(rig: Rig, work: Work) -> None:
    """Records may have no outputs."""
    rig.transactional().publish([], {work.partition: 5}, work.snapshot)
    assert (rig.values(work.outputs), work.committed()) == ([], {work.partition: 5})


def test_a_record_too_large_rolls_everything_back(rig: Rig, work: Work) -> None:
    """Neither the other records nor the offset are there, and the next transaction is as good as ever."""
    transactional = rig.transactional()
    with pytest.raises(PoisonError) as caught:
        transactional.publish(work.records(b"a", b"x" * 20_000, b"b"), {work.partition: 2}, work.snapshot)
    assert caught.value.kind == "output-too-large"
    assert (rig.values(work.outputs), work.committed()) == ([], NOTHING)
    transactional.publish(work.records(b"a"), {work.partition: 2}, work.snapshot)
    assert (rig.values(work.outputs), work.committed()) == ([b"a"], {work.partition: 2})


def test_a_missing_topic_rolls_everything_back(rig: Rig, work: Work) -> None:
    """A person must act; nothing is written meanwhile."""
    missing = unique("missing")
    records = [*work.records(b"a"), OutputRecord(missing, b"key", b"b")]
    with pytest.raises(OperatorError, match=missing):
        rig.transactional().publish(records, {work.partition: 2}, work.snapshot)
    assert (rig.values(work.outputs), work.committed()) == ([], NOTHING)


@pytest.mark.parametrize("gone", ["never joined", "left", "spread anew"])
def test_a_changed_membership_rolls_everything_back(rig: Rig, work: Work, gone: str) -> None:
    """What was polled under another membership isn't published, and the publisher stays of use."""
    transactional, snapshot, subscription = rig.transactional(), work.snapshot, work.subscription
    if gone == "never joined":
        snapshot = GroupSnapshot(-1, "", snapshot.assignment)
    elif gone == "left":
        subscription.close()
    else:
        _move_away(rig, work)
    with pytest.raises(RetryLaterError):
        transactional.publish(work.records(b"a"), {work.partition: 2}, snapshot)
    heir = rig.subscribe(work.topic, work.group)
    assert (rig.values(work.outputs), heir.committed([work.partition])) == ([], NOTHING)
    if gone == "left":
        transactional.publish(work.records(b"b"), {work.partition: 10}, gathered(heir, 10)[1])
        assert (rig.values(work.outputs), heir.committed([work.partition])) == ([b"b"], {work.partition: 10})


def _move_away(rig: Rig, work: Work) -> None:
    """Let the one partition go to another member: it is revoked in a poll of the first, which then leaves."""
    other = rig.member(work.topic, work.group)
    eventually(lambda: work.subscription.poll(0.1, 10) and other.snapshots and other.snapshots[-1].joined, "it joins")
    work.subscription.close()
    eventually(lambda: other.held == {work.partition}, "the partition moves")


def test_an_older_publisher_of_the_same_id_is_fenced(rig: Rig, work: Work) -> None:
    """What it writes from then on is rolled back; the newer one goes on."""
    name = unique("id")
    older = rig.transactional(name)
    older.publish(work.records(b"a"), {work.partition: 1}, work.snapshot)
    newer = rig.transactional(name)
    with pytest.raises(FencedError):
        older.publish(work.records(b"zombie"), {work.partition: 9}, work.snapshot)
    assert (rig.values(work.outputs), work.committed()) == ([b"a"], {work.partition: 1})
    newer.publish(work.records(b"b"), {work.partition: 2}, work.snapshot)
    assert (rig.values(work.outputs), work.committed()) == ([b"a", b"b"], {work.partition: 2})


def test_publishers_of_other_ids_are_not_fenced(rig: Rig, work: Work) -> None:
    """Each process of a group has its own."""
    one, other = rig.transactional(), rig.transactional()
    one.publish(work.records(b"a"), {work.partition: 1}, work.snapshot)
    other.publish(work.records(b"b"), {work.partition: 2}, work.snapshot)
    one.publish(work.records(b"c"), {work.partition: 3}, work.snapshot)
    assert rig.values(work.outputs) == [b"a", b"b", b"c"]


def test_a_reset_publisher_goes_on(rig: Rig, work: Work) -> None:
    """With the same id, and what was committed before it stays."""
    transactional = rig.transactional()
    transactional.publish(work.records(b"a"), {work.partition: 1}, work.snapshot)
    transactional.reset()
    transactional.publish(work.records(b"b"), {work.partition: 2}, work.snapshot)
    assert (rig.values(work.outputs), work.committed()) == ([b"a", b"b"], {work.partition: 2})


def test_a_reader_sees_whole_transactions(rig: Rig, work: Work) -> None:
    """Whenever it looks, it finds all records of a transaction or none."""
    transactional, at_once, turns = rig.transactional(), 100, 8
    ended = threading.Event()

    def write() -> None:
        for turn in range(turns):
            values = [b"%d" % turn] * at_once
            transactional.publish(work.records(*values), {work.partition: turn}, work.snapshot)
        ended.set()

    writer = threading.Thread(target=write)
    writer.start()
    counts: list[Any] = []
    while not ended.is_set():
        counts.append(len(rig.values(work.outputs)))
    writer.join()
    assert all(count % at_once == 0 for count in counts)
    assert len(rig.values(work.outputs)) == at_once * turns
