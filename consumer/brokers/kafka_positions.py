# ruff: noqa: ANN401 - the client has no types
"""Where to read from when the group doesn't say, or says what is no longer there. The client never jumps by itself."""

from collections.abc import Iterable, Mapping
from typing import Any

from kafka.errors import CommitFailedError, RebalanceInProgressError
from kafka.structs import OffsetAndMetadata, TopicPartition

from ..errors import OperatorError
from .interface import StartAt

__all__ = ["lost_records", "start_new_partitions"]


def start_new_partitions(
    consumer: Any, partitions: Iterable[TopicPartition], start_at: StartAt, timeout_ms: int
) -> None:
    """Begin where a group without committed offsets begins.

    The end is committed at once: a member that dies before its first commit would else begin at a later end, and what
    came between would never be read.
    """
    if start_at is StartAt.EARLIEST:
        consumer.seek_to_beginning(*partitions)
        return
    ends = consumer.end_offsets(list(partitions), timeout_ms=timeout_ms)
    try:
        consumer.commit({one: OffsetAndMetadata(end, "", -1) for one, end in ends.items()}, timeout_ms=timeout_ms)
    except (CommitFailedError, RebalanceInProgressError):
        return  # the next poll finds out what is ours now
    for one, end in ends.items():
        consumer.seek(one, end)


def lost_records(
    consumer: Any,
    group: str,
    out_of_range: Mapping[TopicPartition, int],
    timeout_ms: int,
) -> OperatorError:
    """What was lost in each partition, and what to do about it."""
    partitions = list(consumer.assignment())
    committed = {one: found.offset for one, found in consumer.committed_offsets(partitions, timeout_ms).items()}
    wanted = {**committed, **out_of_range}
    first = consumer.beginning_offsets(partitions, timeout_ms=timeout_ms)
    behind = consumer.end_offsets(partitions, timeout_ms=timeout_ms)
    losses = [
        _loss(one, wanted[one], first[one], behind[one])
        for one in sorted(wanted)
        if one in first and not first[one] <= wanted[one] <= behind[one]
    ]
    return OperatorError(
        f"group {group!r} can't go on where it was: {'; '.join(losses) or 'offset out of range'}; raise the topic's"
        " retention, and move the group on with kafka-consumer-groups --reset-offsets"
    )


def _loss(partition: TopicPartition, wanted: int, first: int, behind: int) -> str:
    name = f"{partition.topic}[{partition.partition}]"
    if wanted < first:
        return f"{first - wanted} records of {name} are no longer retained (offsets {wanted} to {first - 1})"
    return f"{name} ends at {behind}, before our offset {wanted} (a broker lost records, or the topic is a new one)"
