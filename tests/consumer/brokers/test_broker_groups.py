"""What every broker does with the members of a group: sharing, handing over, and refusing who is out of date."""

from collections import Counter
from collections.abc import Iterable

import pytest
from tests.servers.waiting import eventually

from memelens.consumer.brokers.interface import Partition
from memelens.consumer.errors import RetryLaterError

from .member_process import MemberProcess
from .rig import Member, Rig, session_seconds, unique

PARTITIONS = 4


def shared_evenly(members: Iterable[Member]) -> bool:
    """Whether all partitions are held, none twice, and no member holds two more than another."""
    counts = [len(member.held) for member in members]
    held = {partition for member in members for partition in member.held}
    return len(held) == sum(counts) == PARTITIONS and max(counts) - min(counts) <= 1


def coordinates(members: Iterable[Member]) -> Counter[tuple[Partition, int]]:
    """How often each record was polled."""
    return Counter((record.partition, record.offset) for member in members for record in member.records)


def keys(prefix: str, count: int) -> list[str]:
    """Keys for records."""
    return [f"{prefix}{number}" for number in range(count)]


def test_two_members_share_the_partitions(rig: Rig) -> None:
    """Each partition is held by one of them, each gets half, and every record reaches one of them once."""
    topic, group = rig.topic(PARTITIONS), unique("group")
    members = [rig.member(topic, group) for _ in range(2)]
    eventually(lambda: shared_evenly(members), "both hold half")
    rig.send_keys(topic, keys("k", 100))
    eventually(lambda: sum(len(member.records) for member in members) >= 100, "all records")
    assert set(coordinates(members).values()) == {1}
    assert all(member.records for member in members)


def test_a_member_that_joins_takes_over_where_the_other_was(rig: Rig) -> None:
    """Only what moves is revoked, before it moves, and its watermarks are committed: nothing is read twice or never."""
    topic, group = rig.topic(PARTITIONS), unique("group")
    first = rig.member(topic, group)
    rig.send_keys(topic, keys("a", 60))
    eventually(lambda: len(first.records) == 60, "the first member reads all")
    second = rig.member(topic, group)
    eventually(lambda: shared_evenly([first, second]), "both hold half")
    rig.send_keys(topic, keys("b", 60))
    eventually(lambda: len(first.records) + len(second.records) >= 120, "all records")
    moved = [partition for partitions, lost in first.revocations for partition in partitions if not lost]
    assert sorted(moved) == sorted(second.held)
    assert coordinates([first, second]) == Counter(
        (record.partition, record.offset) for record in rig.broker.read(topic)
    )


def test_a_member_that_leaves_hands_everything_over(rig: Rig) -> None:
    """Who stays gets its partitions at once, and goes on at its watermarks; nothing of who stays is revoked."""
    topic, group = rig.topic(PARTITIONS), unique("group")
    first, second = rig.member(topic, group), rig.member(topic, group)
    eventually(lambda: shared_evenly([first, second]), "both hold half")
    revoked_before = list(first.revocations)
    rig.send_keys(topic, keys("a", 60))
    eventually(lambda: len(first.records) + len(second.records) == 60, "all records")
    second.close()
    eventually(lambda: len(first.held) == PARTITIONS, "the first holds all")
    rig.send_keys(topic, keys("b", 60))
    eventually(lambda: len(first.records) + len(second.records) >= 120, "all records")
    assert set(coordinates([first, second]).values()) == {1}
    assert first.revocations == revoked_before


def test_more_members_than_partitions(rig: Rig) -> None:
    """Who gets nothing waits as a member of the group, and takes the place of who leaves."""
    topic, group = rig.topic(1), unique("group")
    members = [rig.member(topic, group) for _ in range(2)]
    eventually(lambda: sorted(len(member.held) for member in members) == [0, 1], "one holds the partition")
    holder = max(members, key=lambda member: len(member.held))
    (other,) = [member for member in members if member is not holder]
    eventually(lambda: other.snapshots and other.snapshots[-1].joined, "the other is a member")
    rig.send(topic, b"a")
    eventually(lambda: holder.records, "the record")
    holder.close()
    rig.send(topic, b"b")
    eventually(lambda: other.records, "the other takes over")
    assert [record.value for record in (*holder.records, *other.records)] == [b"a", b"b"]


def test_a_commit_of_what_moved_is_refused(rig: Rig) -> None:
    """A snapshot from before the move never moves an offset back."""
    topic, group = rig.topic(PARTITIONS), unique("group")
    first = rig.member(topic, group)
    rig.send_keys(topic, keys("a", 60))
    eventually(lambda: len(first.records) == 60, "the first member reads all")
    old = first.snapshots[-1]
    assert old.assignment == first.held
    second = rig.member(topic, group)
    eventually(lambda: shared_evenly([first, second]), "both hold half")
    moved = min(second.held)
    committed = rig.subscribe(topic, group).committed([moved])
    for offsets in ({moved: 0}, dict.fromkeys(old.assignment, 0)):
        with pytest.raises(RetryLaterError):
            first.subscription.commit(offsets, old)
    assert second.subscription.committed([moved]) == committed


def test_a_commit_of_what_one_never_held_is_refused(rig: Rig) -> None:
    """A membership covers its own partitions only."""
    topic, group = rig.topic(PARTITIONS), unique("group")
    members = [rig.member(topic, group) for _ in range(2)]
    eventually(lambda: shared_evenly(members), "both hold half")
    eventually(lambda: members[0].snapshots and members[0].snapshots[-1].assignment == members[0].held, "a poll")
    foreign = min(members[1].held)
    with pytest.raises(RetryLaterError):
        members[0].subscription.commit({foreign: 0}, members[0].snapshots[-1])
    assert foreign not in members[0].subscription.committed([foreign])


def test_a_member_that_is_killed_is_replaced(rig: Rig) -> None:
    """After the session its partitions go to another, which goes on where the group committed."""
    topic, group = rig.topic(PARTITIONS), unique("group")
    killed = MemberProcess(rig.url, topic, group)
    rig.send_keys(topic, keys("a", 60))
    eventually(lambda: killed.committed == 60, "the process commits all")
    killed.kill()
    heir = rig.member(topic, group)
    within = 20 + session_seconds(rig.url)
    eventually(lambda: len(heir.held) == PARTITIONS, "the heir holds all", within_seconds=within)
    rig.send_keys(topic, keys("b", 60))
    eventually(lambda: len(heir.records) >= 60, "the heir reads on")
    assert {(record.key or b"")[:1] for record in heir.records} == {b"b"}


def test_a_member_whose_session_ended_has_lost_its_partitions(rig: Rig) -> None:
    """When it wakes it is told so, what it would commit is refused, and it joins again."""
    topic, group = rig.topic(PARTITIONS), unique("group")
    frozen = MemberProcess(rig.url, topic, group)
    rig.send_keys(topic, keys("a", 60))
    eventually(lambda: frozen.committed == 60, "the process commits all")
    frozen.freeze()
    heir = rig.member(topic, group)
    within = 20 + session_seconds(rig.url)
    eventually(lambda: len(heir.held) == PARTITIONS, "the heir holds all", within_seconds=within)
    frozen.thaw()
    eventually(lambda: frozen.lost == PARTITIONS, "all are lost to it")
    eventually(lambda: len(heir.held) == PARTITIONS // 2 == frozen.held, "it joins again")
    assert frozen.refused, "its last commit, made again, is refused"
    frozen.kill()
