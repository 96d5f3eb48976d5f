# ruff: noqa: ANN401 - the client has no types
"""Reading topics without a group."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from kafka import KafkaConsumer
from kafka.structs import TopicPartition

from ..errors import BrokerUnavailableError
from .interface import Record
from .kafka_connection import KafkaConnection
from .kafka_errors import translating
from .kafka_subscription import converted

__all__ = ["offsets_at", "read_all"]


def offsets_at(connection: KafkaConnection, topic: str, partitions: int, timestamp_ms: int) -> Mapping[int, int]:
    """First offset at or after a time in each partition; the end where there is none."""
    names = [TopicPartition(topic, index) for index in range(partitions)]
    with translating(f"looking up a time in {topic!r}"):
        consumer = connection.connect(KafkaConsumer, **_OPTIONS)
        try:
            found = consumer.offsets_for_times(dict.fromkeys(names, max(0, timestamp_ms)))
            ends = consumer.end_offsets(names)
        finally:
            consumer.close()
    return {one.partition: found[one].offset if found.get(one) else ends[one] for one in names}


def read_all(  # noqa: PLR0913 - the contract's arguments, and what is known of the topic
    connection: KafkaConnection,
    topic: str,
    partitions: int,
    *,
    start: Mapping[int, int] | None,
    stop_at_end: bool,
    timeout_seconds: float,
) -> Iterator[Record]:
    """Records of all partitions; the ends are those of the moment this is called."""
    names = [TopicPartition(topic, index) for index in range(partitions)]
    with translating(f"reading {topic!r}"):
        consumer = connection.connect(KafkaConsumer, **_OPTIONS)
        consumer.assign(names)
        for one in names:
            if start is not None and one.partition in start:
                consumer.seek(one, start[one.partition])
            else:
                consumer.seek_to_beginning(one)
        ends = consumer.end_offsets(names) if stop_at_end else None
    return _records(consumer, topic, ends, max(0.1, timeout_seconds), connection.request_seconds)


_OPTIONS: dict[str, Any] = {
    "auto_offset_reset": "earliest",
    "enable_auto_commit": False,
    "isolation_level": "read_committed",
}


def _records(
    consumer: Any,
    topic: str,
    ends: Mapping[TopicPartition, int] | None,
    poll_seconds: float,
    patience_seconds: float,
) -> Iterator[Record]:
    moved_at = time.monotonic()
    try:
        while ends is None or _left(consumer, ends):
            with translating(f"reading {topic!r}"):
                records = converted(consumer.poll(int(poll_seconds * 1000)))
            for record in records:
                if ends is None or record.offset < ends[record.partition]:
                    yield record
            if records:
                moved_at = time.monotonic()
            elif ends is not None and time.monotonic() - moved_at > patience_seconds:
                raise BrokerUnavailableError(f"reading {topic!r}: nothing came for {patience_seconds:g} s")
    finally:
        consumer.close()


def _left(consumer: Any, ends: Mapping[TopicPartition, int]) -> bool:
    """Whether something is to come; positions also pass over what transactions leave behind."""
    return any(end and (consumer.position(one, timeout_ms=1000) or 0) < end for one, end in ends.items())
