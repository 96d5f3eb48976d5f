"""What a broker must do: the contract that Kafka and SQLite both pass, in one suite."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

__all__ = [
    "NOT_JOINED",
    "Broker",
    "GroupSnapshot",
    "Headers",
    "OutputRecord",
    "Partition",
    "PollResult",
    "Publisher",
    "Record",
    "Revocation",
    "StartAt",
    "Subscription",
    "TopicDescription",
    "TopicSpec",
    "TransactionalPublisher",
]

Headers = tuple[tuple[str, bytes], ...]
"""Record headers in wire order; a name may occur more than once."""


class Partition(NamedTuple):
    """One partition of one topic."""

    topic: str
    index: int  # type: ignore[assignment]  # hides tuple.index: nobody searches in a partition


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it was read. `timestamp_ms` is the broker's (milliseconds since the epoch)."""

    partition: Partition
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp_ms: int = 0

    @property
    def size_bytes(self) -> int:
        """Bytes of key, value and headers."""
        headers = sum(len(name) + len(value) for name, value in self.headers)
        return len(self.key or b"") + len(self.value or b"") + headers


@dataclass(frozen=True, slots=True)
class OutputRecord:
    """A record to be written. A None value is a tombstone."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


@dataclass(frozen=True, slots=True)
class GroupSnapshot:
    """The group membership under which records were polled: a commit must come from it.

    `token` is the broker's own object. `generation` is negative and `member` empty where the group wasn't joined: such
    a snapshot is never good for a commit (a Kafka broker would accept it and move offsets back).
    """

    generation: int
    member: str
    assignment: frozenset[Partition]
    token: object = field(default=None, compare=False, repr=False)

    @property
    def joined(self) -> bool:
        """Whether offsets may be committed under it."""
        return self.generation >= 0 and bool(self.member)


NOT_JOINED = GroupSnapshot(-1, "", frozenset())
"""No membership: nothing is held, and nothing may be committed."""


@dataclass(frozen=True, slots=True)
class PollResult:
    """Records of one poll, in offset order within each partition, and the membership they were polled under."""

    records: Sequence[Record]
    snapshot: GroupSnapshot


class StartAt(StrEnum):
    """Where a group starts that has no committed offset; one whose committed offset is gone never jumps."""

    EARLIEST = "earliest"
    LATEST = "latest"


Revocation = Callable[[frozenset[Partition], bool], Mapping[Partition, int]]
"""Called from inside `poll` (perhaps on another thread) before partitions are given up: (partitions, lost).

Waits, bounded, for their work in flight and returns the watermarks to commit for them; returns nothing for lost ones.
"""


class Subscription(Protocol):
    """A group member's view of a topic.

    `poll`, `pause`, `resume` and `seek` belong to the poll thread; `commit`, `committed` and `end_offsets` may be
    called from one other thread at the same time.
    """

    def poll(self, timeout_seconds: float, max_records: int) -> PollResult:
        """Wait for records, at least 0.1 s and at most `timeout_seconds`; empty where there are none.

        Raises:
            BrokerUnavailableError: the broker doesn't answer (a poll that merely finds nothing is empty instead).
            OperatorError: topic missing, not authorised, or the committed offset is no longer retained (says how many
                records of each partition were lost).
        """
        ...

    def assignment(self) -> frozenset[Partition]:
        """Partitions that this member holds now."""
        ...

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Return no records of these until they are resumed; membership stays alive as long as `poll` is called."""
        ...

    def resume(self, partitions: Iterable[Partition]) -> None:
        """Take back `pause`; unknown or revoked partitions are ignored."""
        ...

    def seek(self, partition: Partition, offset: int) -> None:
        """Go on from `offset` at the next poll."""
        ...

    def commit(self, offsets: Mapping[Partition, int], snapshot: GroupSnapshot) -> None:
        """Commit, synchronously, that everything before each offset is finished.

        Raises:
            BrokerUnavailableError: not committed, or not known to be; committing again is harmless.
            FencedError: another process took this member's place.
            RetryLaterError: the membership changed since `snapshot`; the work will be polled again by its new owner.
        """
        ...

    def committed(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        """Committed offsets of the group, without those that have none."""
        ...

    def end_offsets(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        """Offset after the last record of each partition."""
        ...

    def close(self) -> None:
        """Leave the group (the revocation callback is called first). Idempotent; never raises."""
        ...


class Publisher(Protocol):
    """Writes records, at least once. One owner thread."""

    def publish(self, records: Sequence[OutputRecord]) -> None:
        """Write all records and wait until every one is acknowledged; order within a key is kept.

        Raises:
            BrokerUnavailableError: some may be missing; the publisher has rebuilt itself, publish all of them again.
            PoisonError: one record is too large for its topic (kind `output-too-large`); nothing of it was written.
            OperatorError: topic missing or not authorised.
        """
        ...

    def close(self) -> None:
        """Idempotent; never raises, waits a bounded time."""
        ...


class TransactionalPublisher(Protocol):
    """Writes records and offsets in one transaction. One owner thread."""

    def publish(
        self, records: Sequence[OutputRecord], offsets: Mapping[Partition, int], snapshot: GroupSnapshot
    ) -> None:
        """All of it becomes visible, or none.

        Raises:
            UnknownOutcomeError: call `reset`, read `committed`, seek there, and judge again what was polled after it.
            RetryLaterError: refused and rolled back because the membership changed; forget the records.
            FencedError: another process uses the same transactional id: exit.
            PoisonError, OperatorError: as for `Publisher.publish`; rolled back.
        """
        ...

    def reset(self) -> None:
        """Throw the producer away and make a new one with the same transactional id (waits for what was pending).

        Raises:
            BrokerUnavailableError: try again later.
        """
        ...

    def close(self) -> None:
        """Idempotent; never raises, waits a bounded time."""
        ...


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic to create; `retention_ms` None is the broker's default."""

    name: str
    partitions: int = 1
    replication: int = 1
    max_message_bytes: int | None = None
    retention_ms: int | None = None
    compact: bool = False


@dataclass(frozen=True, slots=True)
class TopicDescription:
    """A topic as it is; `records` is the number of offsets between beginning and end."""

    name: str
    partitions: int
    replication: int
    max_message_bytes: int
    records: int


class Broker(Protocol):
    """A message queue, by URL (`kafka://host:port,…`, `sqlite:///path`). Safe to share between threads."""

    @property
    def url(self) -> str:
        """Where it is, without secrets."""
        ...

    def check(self, timeout_seconds: float) -> None:
        """Connect and authenticate.

        Raises:
            BrokerUnavailableError: nobody answers at that address.
            OperatorError: wrong credentials, TLS trouble: says which and what to do.
        """
        ...

    def subscribe(self, topic: str, group: str, *, start_at: StartAt, on_revoked: Revocation) -> Subscription:
        """Join a group, to read committed records."""
        ...

    def publisher(self) -> Publisher:
        """A publisher that waits for acknowledgements."""
        ...

    def transactional_publisher(self, transactional_id: str) -> TransactionalPublisher:
        """A publisher whose outputs and offsets are atomic; fences any other with the same id.

        Raises:
            BrokerUnavailableError: the broker didn't answer in time.
        """
        ...

    def read(self, topic: str, *, start: Mapping[int, int] | None = None, stop_at_end: bool = True) -> Iterable[Record]:
        """Committed records of all partitions without a group, from `start` offsets (else the beginning).

        With `stop_at_end`, ends at the end offsets of the moment it was called; else yields for ever.
        """
        ...

    def offsets_at(self, topic: str, timestamp_ms: int) -> Mapping[int, int]:
        """First offset at or after a time in each partition; the end offset where there is none."""
        ...

    def describe_topics(self, names: Iterable[str]) -> Mapping[str, TopicDescription | None]:
        """What each topic is; None where it is missing."""
        ...

    def create_topics(self, specs: Iterable[TopicSpec]) -> Sequence[str]:
        """Create the missing ones, return their names; an existing topic is left alone."""
        ...

    def close(self) -> None:
        """Idempotent; never raises."""
        ...
