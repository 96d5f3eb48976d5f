# ruff: noqa: ANN401 - the client has no types
"""Reading topics without a group."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from kafka import KafkaConsumer
from kafka.admin import OffsetSpec
from kafka.structs import TopicPartition

from ..errors import BrokerUnavailableError
from .interface import Record
from .kafka_admin import KafkaAdmin
from .kafka_connection import KafkaConnection
from .kafka_errors import translating
from .kafka_subscription import converted

__all__ = ["TopicReader", "offsets_at"]

_POLL_MS = 1000
_OPEN_SECONDS = 5.0


def offsets_at(admin: KafkaAdmin, topic: str, timestamp_ms: int) -> Mapping[int, int]:
    """First offset at or after a time in each partition; the end where there is none."""
    ends, found = admin.offsets(topic, OffsetSpec.LATEST), admin.offsets(topic, max(0, timestamp_ms))
    return {index: found[index] if found[index] >= 0 else end for index, end in ends.items()}


class TopicReader:
    """Iterates over a topic's records, from places to ends that are those of the moment when it is made."""

    def __init__(
        self,
        connection: KafkaConnection,
        admin: KafkaAdmin,
        topic: str,
        *,
        start: Mapping[int, int] | None,
        stop_at_end: bool,
    ) -> None:
        """Raises OperatorError where the topic is missing, BrokerUnavailableError."""
        self._connection, self._admin = connection, admin
        self._topic, self._stop_at_end = topic, stop_at_end
        self._ends = admin.offsets(topic, OffsetSpec.LATEST)
        wanted = start or {}
        self._starts = {
            index: max(first, wanted.get(index, first))
            for index, first in admin.offsets(topic, OffsetSpec.EARLIEST).items()
        }

    def __iter__(self) -> Iterator[Record]:
        consumer = self._connection.connect(
            KafkaConsumer, auto_offset_reset="none", enable_auto_commit=False, isolation_level="read_committed"
        )
        try:
            consumer.assign([TopicPartition(self._topic, index) for index in self._starts])
            for index, offset in self._starts.items():
                consumer.seek(TopicPartition(self._topic, index), offset)
            yield from self._records(consumer)
        finally:
            consumer.close()

    def _records(self, consumer: Any) -> Iterator[Record]:
        moved_at = time.monotonic()
        while not self._stop_at_end or _left(consumer, self._topic, self._ends):
            with translating(f"reading {self._topic!r}"):
                records = converted(consumer.poll(_POLL_MS))
            for record in records:
                if not self._stop_at_end or record.offset < self._ends[record.partition.index]:
                    yield record
            if records:
                moved_at = time.monotonic()
            elif self._stop_at_end and self._over(consumer, time.monotonic() - moved_at):
                return

    def _over(self, consumer: Any, still_seconds: float) -> bool:
        """Whether all that is left belongs to open transactions.

        One that was committed a moment ago still looks open, until its partitions have been told: it is waited for.
        """
        if still_seconds < _OPEN_SECONDS:
            return False
        if not _left(consumer, self._topic, self._admin.offsets(self._topic, OffsetSpec.LATEST, committed=True)):
            return True
        if still_seconds > _OPEN_SECONDS + self._connection.request_seconds:
            raise BrokerUnavailableError(f"reading {self._topic!r}: nothing came for {still_seconds:.0f} s")
        return False


def _left(consumer: Any, topic: str, ends: Mapping[int, int]) -> bool:
    """Whether something is to come; positions also pass over what transactions leave behind."""
    return any(consumer.position(TopicPartition(topic, index)) < end for index, end in ends.items() if end)
