"""A broker in memory whose faults a test chooses: one member, two partitions."""

# ruff: noqa: ARG002 - a double has the contract's arguments, used or not

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from memelens.consumer.brokers.interface import (
    GroupSnapshot,
    OutputRecord,
    Partition,
    PollResult,
    Record,
    Revocation,
    StartAt,
)
from memelens.consumer.errors import PoisonError, RetryLaterError

_GATE_SECONDS = 20.0


@dataclass
class Faults:
    """What is to go wrong: each entry is raised once, by the next call; an entry may be a callable that runs first."""

    before_publish: list[Exception] = field(default_factory=list)
    after_publish: list[Exception] = field(default_factory=list)
    resets: list[Exception] = field(default_factory=list)
    commits: list[Exception] = field(default_factory=list)
    polls: list[Exception] = field(default_factory=list)
    refused_topics: dict[str, Exception] = field(default_factory=dict)
    largest_record: int = 10**9
    gate: threading.Event = field(default_factory=threading.Event)

    def strike(self, kind: list[Exception]) -> None:
        """Raise the next fault of this kind."""
        if kind:
            raise kind.pop(0)


class FaultyBroker:
    """One member's broker in memory: two partitions, transactions, and faults on demand."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.coordinator = threading.Lock()  # a commit is refused or made before the next generation begins
        self.logs: dict[str, list[list[Record]]] = defaultdict(lambda: [[], []])
        self.committed: dict[Partition, int] = {}
        self.faults = Faults()
        self.faults.gate.set()
        self.publishes: list[list[OutputRecord]] = []
        self.commits: list[Mapping[Partition, int]] = []
        self.subscription: FaultySubscription | None = None
        self.resets = 0

    def send(self, records: Iterable[OutputRecord]) -> None:
        """Append to the logs."""
        with self.changed:
            for one in records:
                index = sum(one.key or b"") % 2
                log = self.logs[one.topic][index]
                log.append(Record(Partition(one.topic, index), len(log), one.key, one.value, one.headers, 1_000))
            self.changed.notify_all()

    def write(self, records: Sequence[OutputRecord]) -> None:
        """Append what a publisher writes, but for what a topic refuses."""
        self.faults.gate.wait(_GATE_SECONDS)
        for one in records:
            if one.topic in self.faults.refused_topics:
                raise self.faults.refused_topics[one.topic]
            if len(one.value or b"") > self.faults.largest_record and one.topic != "dead":
                raise PoisonError("output-too-large", "an output is too large for its topic")
        self.publishes.append(list(records))
        self.send(records)

    def read(self, topic: str) -> list[Record]:
        """Everything in a topic."""
        with self.changed:
            return [record for log in self.logs[topic] for record in log]

    def posts(self, topic: str) -> list[str]:
        """Post ids of the verdicts in a topic, by partition, in order."""
        return [json.loads(record.value)["post_id"] for record in self.read(topic) if record.value is not None]

    def subscribe(self, topic: str, group: str, *, start_at: StartAt, on_revoked: Revocation) -> "FaultySubscription":
        self.subscription = FaultySubscription(self, topic, on_revoked)
        return self.subscription

    def publisher(self) -> "FaultyPublisher":
        return FaultyPublisher(self)

    def transactional_publisher(self, transactional_id: str) -> "FaultyTransactions":
        return FaultyTransactions(self)


class FaultySubscription:
    """Both partitions, until a test takes one away."""

    def __init__(self, broker: FaultyBroker, topic: str, on_revoked: Revocation) -> None:
        self.broker, self.topic, self.on_revoked = broker, topic, on_revoked
        self.generation = 1
        self.held = frozenset({Partition(topic, 0), Partition(topic, 1)})
        self.positions = {one: broker.committed.get(one, 0) for one in self.held}
        self.paused: set[Partition] = set()
        self.demanded: frozenset[Partition] | None = None
        self.lost = self.eager = False
        self.polled = 0

    def rebalance(self, held: frozenset[Partition], *, lost: bool = False, eager: bool = False) -> None:
        """Hold these from the next poll on; `eager` gives up those too that are kept."""
        self.demanded, self.lost, self.eager = held, lost, eager

    def assignment(self) -> frozenset[Partition]:
        return self.held

    def pause(self, partitions: Iterable[Partition]) -> None:
        self.paused |= set(partitions)

    def resume(self, partitions: Iterable[Partition]) -> None:
        self.paused -= set(partitions)

    def seek(self, partition: Partition, offset: int) -> None:
        self.positions[partition] = offset

    def poll(self, timeout_seconds: float, max_records: int) -> PollResult:
        assert timeout_seconds >= 0.1
        self.broker.faults.strike(self.broker.faults.polls)
        self._rebalance()
        records: list[Record] = []
        deadline = time.monotonic() + timeout_seconds
        with self.broker.changed:
            while True:
                for partition in sorted(self.held - self.paused):
                    log = self.broker.logs[self.topic][partition.index]
                    more = log[self.positions[partition] :][: max_records - len(records)]
                    self.positions[partition] += len(more)
                    records += more
                left = deadline - time.monotonic()
                if records or left <= 0:
                    self.polled += len(records)
                    return PollResult(records, GroupSnapshot(self.generation, "me", self.held))
                self.broker.changed.wait(left)

    def commit(self, offsets: Mapping[Partition, int], snapshot: GroupSnapshot) -> None:
        self.broker.faults.strike(self.broker.faults.commits)
        with self.broker.coordinator:
            if snapshot.generation != self.generation:
                raise RetryLaterError("the membership changed")
            self.broker.commits.append(offsets)
            self.broker.committed.update(offsets)

    def committed(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        return {one: self.broker.committed[one] for one in partitions if one in self.broker.committed}

    def end_offsets(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        return {one: len(self.broker.logs[self.topic][one.index]) for one in partitions}

    def close(self) -> None:
        self.rebalance(frozenset())
        self._rebalance()

    def _rebalance(self) -> None:
        if self.demanded is None:
            return
        held, self.demanded = self.demanded, None
        given_up = self.held if self.eager or self.lost else self.held - held
        if self.lost:  # the group goes on without us before we learn of it
            self._next_generation({})
        watermarks = self.on_revoked(given_up, self.lost)
        if not self.lost:
            self._next_generation(watermarks)
        self.paused -= given_up
        for one in held - (self.held - given_up):
            self.positions[one] = self.broker.committed.get(one, 0)
        self.held = held

    def _next_generation(self, watermarks: Mapping[Partition, int]) -> None:
        with self.broker.coordinator:
            self.broker.committed.update(watermarks)
            self.generation += 1


class FaultyPublisher:
    """Writes at least once."""

    def __init__(self, broker: FaultyBroker) -> None:
        self.broker = broker

    def publish(self, records: Sequence[OutputRecord]) -> None:
        self.broker.faults.strike(self.broker.faults.before_publish)
        self.broker.write(records)
        self.broker.faults.strike(self.broker.faults.after_publish)

    def close(self) -> None: ...


class FaultyTransactions:
    """Writes records and offsets together."""

    def __init__(self, broker: FaultyBroker) -> None:
        self.broker = broker

    def publish(
        self, records: Sequence[OutputRecord], offsets: Mapping[Partition, int], snapshot: GroupSnapshot
    ) -> None:
        self.broker.faults.strike(self.broker.faults.before_publish)
        assert self.broker.subscription is not None
        self.broker.faults.gate.wait(_GATE_SECONDS)
        with self.broker.coordinator:
            if snapshot.generation != self.broker.subscription.generation:
                raise RetryLaterError("the membership changed")
            self.broker.write(records)
            self.broker.commits.append(offsets)
            self.broker.committed.update(offsets)
        self.broker.faults.strike(self.broker.faults.after_publish)

    def reset(self) -> None:
        self.broker.resets += 1
        self.broker.faults.strike(self.broker.faults.resets)

    def close(self) -> None: ...
