"""A group member's view of a topic in the embedded broker."""

import threading
from collections.abc import Iterable, Mapping

import structlog

from ..clock import Clock
from ..errors import OperatorError
from .interface import NOT_JOINED, GroupSnapshot, Partition, PollResult, Record, Revocation, StartAt
from .sqlite_groups import Group, Membership
from .sqlite_log import PAGE_BYTES, Topic, fetch, find_topic, spans
from .sqlite_store import Store

__all__ = ["SqliteSubscription"]

_LOOK_SECONDS = 0.01
_SHORTEST_POLL_SECONDS = 0.1
_RENEWALS_PER_SESSION = 5
_log = structlog.get_logger(__name__)


class SqliteSubscription:
    """`Subscription` on a connection of its own; the lease is renewed by `poll`."""

    def __init__(  # noqa: PLR0913 - explicit dependencies
        self,
        store: Store,
        topic: str,
        group: str,
        *,
        start_at: StartAt,
        on_revoked: Revocation,
        clock: Clock,
        session_seconds: float,
    ) -> None:
        self._store, self._topic_name, self._group_name = store, topic, group
        self._start_at, self._on_revoked, self._clock = start_at, on_revoked, clock
        self._session_seconds = session_seconds
        self._closed = threading.Event()
        self._found: tuple[Topic, Group] | None = None
        self._membership: Membership | None = None
        self._snapshot = NOT_JOINED
        self._positions: dict[int, int] = {}  # of the partitions held, by id, as all that follows
        self._paused: set[int] = set()
        self._first = 0  # whose turn it is to be read first
        self._renew_at = 0.0

    def poll(self, timeout_seconds: float, max_records: int) -> PollResult:
        deadline = self._clock.monotonic() + max(timeout_seconds, _SHORTEST_POLL_SECONDS)
        topic, group = self._connected()
        self._store.changed()
        while True:
            self._keep_membership(group)
            records = self._fetch(topic, max_records)
            while not records and not self._store.changed() and not self._due():
                left = deadline - self._clock.monotonic()
                if left <= 0 or self._clock.wait(self._closed, min(left, _LOOK_SECONDS)):
                    return PollResult((), self._snapshot)
            if records or self._clock.monotonic() >= deadline:
                return PollResult(records, self._snapshot)

    def assignment(self) -> frozenset[Partition]:
        return self._snapshot.assignment

    def pause(self, partitions: Iterable[Partition]) -> None:
        self._paused |= self._ids(partitions).keys() & self._positions.keys()

    def resume(self, partitions: Iterable[Partition]) -> None:
        self._paused -= self._ids(partitions).keys()

    def seek(self, partition: Partition, offset: int) -> None:
        self._positions.update(dict.fromkeys(self._ids([partition]).keys() & self._positions.keys(), offset))

    def commit(self, offsets: Mapping[Partition, int], snapshot: GroupSnapshot) -> None:
        _, group = self._connected()
        group.commit(offsets, snapshot)

    def committed(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        _, group = self._connected()
        offsets = group.committed()
        return {where: offsets[one] for one, where in self._ids(partitions).items() if one in offsets}

    def end_offsets(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        topic, _ = self._connected()
        found = spans(self._store, topic)
        return {where: found[one].stop for one, where in self._ids(partitions).items()}

    def close(self) -> None:
        if self._closed.is_set():
            return
        self._closed.set()
        try:
            if self._membership is not None:
                _, group = self._connected()
                group.leave(self._membership.member, self._revoked(frozenset(self._positions), lost=False))
        except Exception as error:  # noqa: BLE001 - leaving must not fail: the lease expires by itself
            _log.warning("left the group without saying so", reason=str(error))
        self._end_membership()
        self._store.close()

    def _connected(self) -> tuple[Topic, Group]:
        if self._found is None:
            topic = find_topic(self._store, self._topic_name)
            group = Group(
                self._store,
                self._group_name,
                topic,
                start_at=self._start_at,
                clock=self._clock,
                session_seconds=self._session_seconds,
            )
            self._found = topic, group
        return self._found

    def _keep_membership(self, group: Group) -> None:
        """Join, renew the lease, take what is ours and give up what isn't: until nothing of it is due."""
        while (now := self._membership) is None or self._is_outdated(now, group):
            found = group.join() if now is None else group.renew(now.member)
            self._renew_at = self._clock.monotonic() + self._session_seconds / _RENEWALS_PER_SESSION
            if found is None:
                held = frozenset(self._positions)
                self._end_membership()
                self._revoked(held, lost=True)
                continue
            self._take(found, group)
            if found.leaving:
                watermarks = self._revoked(found.leaving, lost=False)
                # Before the release: where that fails and they stay ours after all, they are read again.
                self._forget(found.leaving)
                group.release(found.member, found.leaving, watermarks)

    def _is_outdated(self, membership: Membership, group: Group) -> bool:
        return bool(self._due() or membership.leaving or group.generation() != membership.group_generation)

    def _due(self) -> bool:
        return self._clock.monotonic() >= self._renew_at

    def _take(self, found: Membership, group: Group) -> None:
        """Be what the group says; go on in new partitions where the group was, else at their beginning."""
        topic, _ = self._connected()
        if new := found.held - self._positions.keys():
            committed, found_spans = group.committed(), spans(self._store, topic)
            self._positions.update({one: committed.get(one, found_spans[one].start) for one in new})
        self._membership = found
        assignment = frozenset(topic.partitions[one] for one in found.held)
        self._snapshot = GroupSnapshot(found.generation, found.member, assignment)

    def _revoked(self, partitions: frozenset[int], *, lost: bool) -> Mapping[int, int]:
        """Watermarks to commit for partitions that are given up."""
        topic, _ = self._connected()
        if not partitions:
            return {}
        offsets = self._on_revoked(frozenset(topic.partitions[one] for one in partitions), lost)
        return {one: offsets[where] for one, where in self._ids(offsets).items() if one in partitions}

    def _end_membership(self) -> None:
        self._membership, self._snapshot = None, NOT_JOINED
        self._forget(frozenset(self._positions))

    def _forget(self, partitions: frozenset[int]) -> None:
        self._paused -= partitions
        for one in partitions:
            self._positions.pop(one, None)

    def _fetch(self, topic: Topic, max_records: int) -> list[Record]:
        """What is there, of each partition in turn."""
        retained = spans(self._store, topic)
        self._require_retained(topic, retained)
        waiting = [
            one
            for one, position in self._positions.items()
            if one not in self._paused and position < retained[one].stop
        ]
        records: list[Record] = []
        size = 0
        self._first += 1
        for place in range(len(waiting)):
            one = waiting[(self._first + place) % len(waiting)]
            offsets = range(self._positions[one], retained[one].stop)
            came = fetch(self._store, topic, one, offsets, max_records - len(records))
            records += came
            if came:
                self._positions[one] = came[-1].offset + 1
            size += sum([record.size_bytes for record in came])
            if len(records) >= max_records or size >= PAGE_BYTES:
                break
        return records

    def _require_retained(self, topic: Topic, retained: Mapping[int, range]) -> None:
        starts = {one: retained[one].start for one in self._positions}
        lost = {one: starts[one] - position for one, position in self._positions.items() if position < starts[one]}
        if lost:
            counts = ", ".join(f"{count} of partition {topic.partitions[one].index}" for one, count in lost.items())
            raise OperatorError(
                f"records of {topic.name} were removed before group {self._group_name!r} had finished them: {counts}; "
                "raise the topic's retention, and accept the loss by going on with another group"
            )

    def _ids(self, partitions: Iterable[Partition]) -> Mapping[int, Partition]:
        """Partitions of the topic by id; others are left out."""
        topic, _ = self._connected()
        known = {where: one for one, where in topic.partitions.items()}
        return {known[where]: where for where in partitions if where in known}
