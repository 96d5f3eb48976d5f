"""What every broker does with the offsets that a group commits: the sentences of `interface.py`."""

import threading

import pytest

from memelens.consumer.brokers.interface import GroupSnapshot, Partition, StartAt
from memelens.consumer.errors import OperatorError, RetryLaterError

from .rig import NOTHING, Rig, gather, gathered, joined, poll_for_ever, unique


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
