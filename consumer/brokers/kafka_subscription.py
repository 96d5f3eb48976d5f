# ruff: noqa: ANN401 - the client has no types
"""A group member on kafka-python."""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError, KafkaTimeoutError, NoOffsetForPartitionError, OffsetOutOfRangeError
from kafka.structs import ConsumerGroupMetadata, MemberState

from ..errors import BrokerUnavailableError, OperatorError, RetryLaterError
from .interface import GroupSnapshot, Partition, PollResult, Record, Revocation, StartAt
from .kafka_admin import KafkaAdmin
from .kafka_clients import GroupConsumer
from .kafka_connection import KafkaConnection
from .kafka_errors import MEMBERSHIP_CHANGED, translated, translating
from .kafka_positions import lost_records, start_new_partitions
from .kafka_revocation import Holdings, RebalanceListener, kafka_offsets, kafka_partition

__all__ = ["KafkaMembership", "KafkaSubscription", "converted"]

_SHORTEST_POLL_SECONDS = 0.1  # with 10 ms and less, a member never joins
_STUCK_SECONDS = 30.0
_METADATA_AGE_MS = 15_000
_LOOK_SECONDS = 10.0
_CLOSE_MS = 5_000
# Offsets that are written in a transaction are withheld until its end, which a broker that crashed may never write.
_NO_OFFSETS = (
    "no answer in time; where the broker answers otherwise, a transaction on them is open, and if it stays so for"
    " minutes, it hangs: kafka-transactions.sh find-hanging"
)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KafkaMembership:
    """A snapshot's token: what the client says of the membership, and what was given up since."""

    metadata: ConsumerGroupMetadata
    holdings: Holdings


class KafkaSubscription:
    """`Subscription`; joins at the first poll. A broker that is away is an empty poll: the client comes back alone."""

    def __init__(  # noqa: PLR0913 - explicit dependencies
        self,
        connection: KafkaConnection,
        admin: KafkaAdmin,
        topic: str,
        group: str,
        *,
        start_at: StartAt,
        on_revoked: Revocation,
    ) -> None:
        self._connection, self._admin, self._topic, self._group = connection, admin, topic, group
        self._start_at, self._on_revoked = start_at, on_revoked
        self._consumer: Any = None
        self._listener: RebalanceListener | None = None
        self._holdings = Holdings()
        self._connecting = threading.Lock()
        self._paused: set[Partition] = set()
        self._stable_at = self._looked_at = time.monotonic()
        self._closed = False

    def poll(self, timeout_seconds: float, max_records: int) -> PollResult:
        consumer = self._joined()
        found = self._records(consumer, max(timeout_seconds, _SHORTEST_POLL_SECONDS), max_records)
        if self._listener is not None and self._listener.failure is not None:
            raise self._listener.failure
        snapshot = self._snapshot(consumer)
        if not snapshot.assignment:
            self._look_for_topic()
        self._rebuild_if_stuck(snapshot)
        return PollResult(found, snapshot)

    def assignment(self) -> frozenset[Partition]:
        consumer = self._consumer
        return frozenset(Partition(*one) for one in consumer.assignment()) if consumer else frozenset()

    def pause(self, partitions: Iterable[Partition]) -> None:
        wanted = frozenset(partitions)
        self._paused |= wanted
        if here := wanted & self.assignment():
            self._consumer.pause(*map(kafka_partition, here))

    def resume(self, partitions: Iterable[Partition]) -> None:
        wanted = frozenset(partitions)
        self._paused -= wanted
        if here := wanted & self.assignment():
            self._consumer.resume(*map(kafka_partition, here))

    def seek(self, partition: Partition, offset: int) -> None:
        if partition in self.assignment():
            self._consumer.seek(kafka_partition(partition), offset)

    def commit(self, offsets: Mapping[Partition, int], snapshot: GroupSnapshot) -> None:
        with self._holdings.committing, translating(f"committing offsets of group {self._group!r}"):
            consumer = self._joined()
            self._refuse_stale(consumer, offsets, snapshot)
            consumer.commit(kafka_offsets(offsets), timeout_ms=self._connection.request_ms)

    def committed(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        doing = f"reading offsets of group {self._group!r}"
        wanted = [kafka_partition(one) for one in partitions]
        with translating(doing):
            try:
                found = self._joined().committed_offsets(wanted, self._connection.request_ms)
            except KafkaTimeoutError as error:
                raise BrokerUnavailableError(f"{doing}: {_NO_OFFSETS}") from error
        return {Partition(*one): at.offset for one, at in found.items()}

    def end_offsets(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        wanted = [kafka_partition(one) for one in partitions]
        if not wanted:
            return {}
        with translating(f"reading the ends of {self._topic!r}"):
            found = self._joined().end_offsets(wanted, timeout_ms=self._connection.request_ms)
        return {Partition(*one): offset for one, offset in found.items()}

    def close(self) -> None:
        self._closed = True
        self._leave()

    def _joined(self) -> Any:
        """The client; connects where there is none."""
        if self._closed:
            raise OperatorError(f"the subscription of {self._topic!r} is closed")
        with self._connecting:
            if self._consumer is None:
                self._consumer = self._member()
        return self._consumer

    def _member(self) -> Any:
        self._admin.require(self._topic)
        consumer = self._connection.connect(GroupConsumer, **self._options())
        self._listener = RebalanceListener(consumer, self._holdings, self._on_revoked, self._paused)
        consumer.subscribe([self._topic], listener=self._listener)
        self._stable_at = self._looked_at = time.monotonic()
        return consumer

    def _options(self) -> Mapping[str, Any]:
        return {
            "group_id": self._group,
            "enable_auto_commit": False,
            "auto_offset_reset": "none",
            "isolation_level": "read_committed",
            "partition_assignment_strategy": (CooperativeStickyAssignor,),
            "session_timeout_ms": int(self._connection.settings.session_timeout_seconds * 1000),
            "heartbeat_interval_ms": int(self._connection.settings.session_timeout_seconds * 200),
            # Partitions that are added are seen so late at most.
            "metadata_max_age_ms": _METADATA_AGE_MS,
        }

    def _records(self, consumer: Any, seconds: float, max_records: int) -> Sequence[Record]:
        doing = f"polling {self._topic!r}"
        request_ms = self._connection.request_ms
        try:
            return converted(consumer.poll(int(seconds * 1000), max_records))
        except NoOffsetForPartitionError as error:
            with translating(doing):
                start_new_partitions(consumer, error.args[0], self._start_at, request_ms)
        except OffsetOutOfRangeError as error:
            with translating(doing):
                raise lost_records(consumer, self._group, error.args[0], request_ms) from error
        except MEMBERSHIP_CHANGED as error:
            _log.info("thrown out of the group, joining anew", group=self._group, reason=str(error))
        except KafkaError as error:
            raise translated(error, doing) from error
        return ()

    def _snapshot(self, consumer: Any) -> GroupSnapshot:
        metadata = consumer.group_metadata()
        token = KafkaMembership(metadata, self._holdings)
        return GroupSnapshot(metadata.generation_id, metadata.member_id, self.assignment(), token)

    def _refuse_stale(self, consumer: Any, offsets: Mapping[Partition, int], snapshot: GroupSnapshot) -> None:
        """The client commits under the membership of now, whatever the offsets were polled under."""
        self._holdings.refuse_stale(offsets, snapshot)
        now = consumer.group_metadata()
        if (now.generation_id, now.member_id) != (snapshot.generation, snapshot.member):
            raise RetryLaterError(f"offsets are refused: group {self._group!r} has rebalanced since they were polled")
        if now.state != MemberState.STABLE:
            raise RetryLaterError(f"offsets are refused: group {self._group!r} is rebalancing")

    def _look_for_topic(self) -> None:
        """A topic that is gone looks like an empty one: where we hold nothing, ask from time to time."""
        if time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        with suppress(RetryLaterError):
            self._admin.require(self._topic)

    def _rebuild_if_stuck(self, snapshot: GroupSnapshot) -> None:
        """The client can lose a finished join, and stay so: begin again as a new member."""
        token = snapshot.token
        if not isinstance(token, KafkaMembership) or token.metadata.state != MemberState.REBALANCING:
            self._stable_at = time.monotonic()
        elif time.monotonic() - self._stable_at > _STUCK_SECONDS:
            _log.warning("stuck in a rebalance, joining anew", group=self._group, seconds=_STUCK_SECONDS)
            self._leave()

    def _leave(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is None:
            return
        try:
            consumer.close(timeout_ms=_CLOSE_MS)
        except (KafkaError, RuntimeError) as error:
            _log.warning("leaving the group failed", group=self._group, reason=str(error))


def converted(polled: Mapping[Any, Sequence[Any]]) -> Sequence[Record]:
    """Records of one poll of the client."""
    records: list[Record] = []
    for kafka_name, found in polled.items():
        partition = Partition(*kafka_name)
        records += [
            Record(partition, one.offset, one.key, one.value, _headers(one.headers), one.timestamp) for one in found
        ]
    return records


def _headers(headers: Sequence[tuple[str, bytes | None]]) -> tuple[tuple[str, bytes], ...]:
    """Kafka knows headers without value; ours are empty then."""
    return tuple([(name, b"" if value is None else value) for name, value in headers]) if headers else ()
