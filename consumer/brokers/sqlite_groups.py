"""Consumer groups of the embedded broker: members by leases, partitions spread evenly, offsets fenced by generation."""

import sqlite3
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..clock import Clock
from ..errors import RetryLaterError
from .interface import GroupSnapshot, Partition, StartAt
from .sqlite_log import Topic
from .sqlite_store import Store

__all__ = ["Group", "Membership", "commit_offsets", "spread"]


@dataclass(frozen=True, slots=True)
class Membership:
    """What a member holds, by partition id; `leaving` of it shall be released for others.

    `generation` is the member's, to be committed under; it is seen to be out of date by the group's.
    """

    member: str
    generation: int
    group_generation: int
    held: frozenset[int]
    leaving: frozenset[int]


class Group:
    """One group's members and claims on one topic. Safe to share between threads.

    A rebalance is cooperative: each partition has an owner and a target. A new target waits until the owner releases
    the partition, or the owner's lease expires; everything else stays with whom it is.
    """

    def __init__(  # noqa: PLR0913 - explicit dependencies
        self, store: Store, name: str, topic: Topic, *, start_at: StartAt, clock: Clock, session_seconds: float
    ) -> None:
        """`session_seconds` is how long a lease lasts without being renewed."""
        self._store, self._topic, self._start_at = store, topic, start_at
        self._clock, self._session_ms = clock, round(session_seconds * 1000)
        self._id = self._found(name)

    def generation(self) -> int:
        """Moves on when anything in the group changes."""
        ((generation,),) = self._store.rows("SELECT generation FROM groups WHERE id = ?", self._id)
        return int(generation)

    def join(self) -> Membership:
        """Become a member, and claim what is free for it."""
        member = uuid.uuid4().hex
        with self._store.transaction() as connection:
            query = "INSERT INTO members (id, group_id, generation, expires_ms) VALUES (?, ?, 0, ?)"
            connection.execute(query, (member, self._id, self._now_ms() + self._session_ms))
            self._changed(connection, member)
            self._rebalance(connection)
            return self._claimed(connection, member)

    def renew(self, member: str) -> Membership | None:
        """Renew the lease, and claim what is free for it; None where it has expired and others were told so."""
        with self._store.transaction() as connection:
            query = "UPDATE members SET expires_ms = ? WHERE id = ?"
            if not connection.execute(query, (self._now_ms() + self._session_ms, member)).rowcount:
                return None
            return self._claimed(connection, member)

    def release(self, member: str, partitions: frozenset[int], watermarks: Mapping[int, int]) -> None:
        """Commit watermarks and give partitions up; what isn't this member's any more is left alone."""
        with self._store.transaction() as connection:
            self._release(connection, member, partitions, watermarks)

    def leave(self, member: str, watermarks: Mapping[int, int]) -> None:
        """Commit watermarks, give everything up, and go."""
        with self._store.transaction() as connection:
            self._release(connection, member, frozenset(self._topic.ids), watermarks)
            connection.execute("DELETE FROM members WHERE id = ?", (member,))
            self._rebalance(connection)

    def commit(self, offsets: Mapping[Partition, int], snapshot: GroupSnapshot) -> None:
        """Commit, if the snapshot allows it, and renew the lease."""
        with self._store.transaction() as connection:
            commit_offsets(connection, offsets, snapshot)
            expires_ms = self._now_ms() + self._session_ms
            connection.execute("UPDATE members SET expires_ms = ? WHERE id = ?", (expires_ms, snapshot.member))

    def committed(self) -> Mapping[int, int]:
        """Where the group goes on, by partition id, without partitions it never committed."""
        query = "SELECT partition, committed FROM claims WHERE group_id = ? AND committed IS NOT NULL"
        return dict(self._store.rows(query, self._id))

    def _found(self, name: str) -> int:
        topic = "SELECT topic FROM partitions WHERE id = ?"
        with self._store.transaction() as connection:
            (topic_id,) = connection.execute(topic, (self._topic.ids[0],)).fetchone()
            connection.execute("INSERT OR IGNORE INTO groups (name, topic) VALUES (?, ?)", (name, topic_id))
            query = "SELECT id FROM groups WHERE name = ? AND topic = ?"
            (group,) = connection.execute(query, (name, topic_id)).fetchone()
            claims = [(group, partition) for partition in self._topic.ids]
            connection.executemany("INSERT OR IGNORE INTO claims (group_id, partition) VALUES (?, ?)", claims)
        return int(group)

    def _rebalance(self, connection: sqlite3.Connection) -> None:
        """Free what nobody holds any more, and say anew who shall hold what."""
        query = "SELECT id FROM members WHERE group_id = ? ORDER BY number"
        members = [member for (member,) in connection.execute(query, (self._id,)).fetchall()]
        connection.execute(
            "UPDATE claims SET owner = NULL WHERE group_id = ? AND owner NOT IN (SELECT id FROM members)", (self._id,)
        )
        query = "SELECT partition, owner FROM claims WHERE group_id = ? ORDER BY partition"
        targets = spread(dict(connection.execute(query, (self._id,)).fetchall()), members)
        rows = [(target, self._id, partition) for partition, target in targets.items()]
        connection.executemany("UPDATE claims SET target = ? WHERE group_id = ? AND partition = ?", rows)
        self._move_on(connection)

    def _claimed(self, connection: sqlite3.Connection, member: str) -> Membership:
        """What a member holds, after ending the members whose leases have expired."""
        query = "DELETE FROM members WHERE group_id = ? AND expires_ms < ?"
        if connection.execute(query, (self._id, self._now_ms())).rowcount:
            self._rebalance(connection)
        self._claim(connection, member)
        query = "SELECT m.generation, g.generation FROM members m JOIN groups g ON g.id = group_id WHERE m.id = ?"
        generation, group_generation = connection.execute(query, (member,)).fetchone()
        query = "SELECT partition, target FROM claims WHERE group_id = ? AND owner = ?"
        held = dict(connection.execute(query, (self._id, member)).fetchall())
        leaving = frozenset(partition for partition, target in held.items() if target != member)
        return Membership(member, generation, group_generation, frozenset(held), leaving)

    def _claim(self, connection: sqlite3.Connection, member: str) -> None:
        """Take what is free for this member."""
        query = "SELECT partition FROM claims WHERE group_id = ? AND target = ? AND owner IS NULL"
        free = connection.execute(query, (self._id, member)).fetchall()
        if not free:
            return
        query = "UPDATE claims SET owner = ? WHERE group_id = ? AND partition = ?"
        connection.executemany(query, [(member, self._id, partition) for (partition,) in free])
        if self._start_at is StartAt.LATEST:
            # The start is committed at once: whoever takes over before the first commit must not skip what came since.
            query = (
                "UPDATE claims SET committed = (SELECT end_offset FROM partitions WHERE id = partition) "
                "WHERE group_id = ? AND owner = ? AND committed IS NULL"
            )
            connection.execute(query, (self._id, member))
        self._changed(connection, member)

    def _release(
        self, connection: sqlite3.Connection, member: str, partitions: frozenset[int], watermarks: Mapping[int, int]
    ) -> None:
        query = "UPDATE claims SET committed = ? WHERE group_id = ? AND partition = ? AND owner = ?"
        rows = [(offset, self._id, partition, member) for partition, offset in watermarks.items()]
        connection.executemany(query, rows)
        query = "UPDATE claims SET owner = NULL WHERE group_id = ? AND partition = ? AND owner = ?"
        connection.executemany(query, [(self._id, partition, member) for partition in partitions])
        self._changed(connection, member)

    def _changed(self, connection: sqlite3.Connection, member: str) -> None:
        """What a member holds has changed: commits under its earlier snapshots are refused from now on."""
        generation = self._move_on(connection)
        connection.execute("UPDATE members SET generation = ? WHERE id = ?", (generation, member))

    def _move_on(self, connection: sqlite3.Connection) -> int:
        connection.execute("UPDATE groups SET generation = generation + 1 WHERE id = ?", (self._id,))
        (generation,) = connection.execute("SELECT generation FROM groups WHERE id = ?", (self._id,)).fetchone()
        return int(generation)

    def _now_ms(self) -> int:
        return round(self._clock.time() * 1000)


def commit_offsets(connection: sqlite3.Connection, offsets: Mapping[Partition, int], snapshot: GroupSnapshot) -> None:
    """Move a group's offsets within a transaction, if the snapshot is what its member still holds.

    Raises:
        RetryLaterError: it isn't; nothing was moved.
    """
    query = "SELECT group_id FROM members WHERE id = ? AND generation = ?"
    row = connection.execute(query, (snapshot.member, snapshot.generation)).fetchone() if snapshot.joined else None
    if row is None or not snapshot.assignment.issuperset(offsets):
        raise RetryLaterError("the group's partitions were spread anew since these records were polled")
    query = (
        "UPDATE claims SET committed = ? WHERE group_id = ? AND partition = (SELECT partitions.id FROM partitions "
        "JOIN topics ON topic = topics.id WHERE name = ? AND number = ?)"
    )
    rows = [(offset, row[0], partition.topic, partition.index) for partition, offset in offsets.items()]
    connection.executemany(query, rows)


def spread(owners: Mapping[int, str | None], members: Sequence[str]) -> Mapping[int, str | None]:
    """Who shall hold each partition: numbers differ by one at most, and as few as possible move.

    `owners` are those of now; None is free.
    """
    if not members:
        return dict.fromkeys(owners)
    share, more = divmod(len(owners), len(members))
    counts = Counter(owner for owner in owners.values() if owner is not None)
    largest_first = sorted(members, key=lambda member: -counts[member])
    room = {member: share + (rank < more) for rank, member in enumerate(largest_first)}
    targets: dict[int, str | None] = {}
    for partition, owner in owners.items():
        if owner is not None and room.get(owner):
            room[owner] -= 1
            targets[partition] = owner
    vacant = [member for member, places in room.items() for _ in range(places)]
    free = [partition for partition in owners if partition not in targets]
    return targets | dict(zip(free, vacant, strict=True))
