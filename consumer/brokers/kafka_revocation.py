# ruff: noqa: ANN401 - the client has no types
"""Partitions that come and go: what is told to whom, on which thread."""

import threading
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any

import structlog
from kafka import AsyncConsumerRebalanceListener
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata, TopicPartition

from ..errors import RetryLaterError
from .interface import GroupSnapshot, Partition, Revocation

__all__ = ["Holdings", "RebalanceListener", "kafka_offsets", "kafka_partition"]

_log = structlog.get_logger(__name__)


def kafka_partition(partition: Partition) -> TopicPartition:
    """The client's name of a partition."""
    return TopicPartition(*partition)


def kafka_offsets(offsets: Mapping[Partition, int]) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """Offsets to commit, in the client's words."""
    return {kafka_partition(one): OffsetAndMetadata(offset, "", -1) for one, offset in offsets.items()}


class Holdings:
    """What a member has given up and not got back, shared by its threads and by the snapshots it hands out."""

    def __init__(self) -> None:
        self.committing = threading.Lock()
        """Held over a commit: nothing is given up in the middle of one."""
        self._given_up: frozenset[Partition] = frozenset()

    def give_up(self, partitions: Collection[Partition]) -> None:
        """Refuse offsets of these from now on."""
        with self.committing:
            self._given_up |= frozenset(partitions)

    def get(self, partitions: Collection[Partition]) -> None:
        """Take offsets of these again."""
        self._given_up -= frozenset(partitions)

    def refuse_stale(self, offsets: Iterable[Partition], snapshot: GroupSnapshot) -> None:
        """Raises RetryLaterError for offsets that a broker would accept and shouldn't: it looks at no assignment."""
        if not snapshot.joined:
            raise RetryLaterError("offsets are refused: they were polled outside of the group")
        if gone := frozenset(offsets) - (snapshot.assignment - self._given_up):
            names = ", ".join(f"{one.topic}[{one.index}]" for one in sorted(gone))
            raise RetryLaterError(f"offsets are refused: {names} went to another member")


class RebalanceListener(AsyncConsumerRebalanceListener):  # type: ignore[misc] # the client has no types
    """Runs on the client's network thread; what blocks runs beside it, so that heartbeats go on."""

    def __init__(
        self, consumer: Any, holdings: Holdings, on_revoked: Revocation, paused: Collection[Partition]
    ) -> None:
        """`paused` is looked at whenever partitions come: a client forgets it with the partition."""
        self._consumer, self._holdings, self._on_revoked, self._paused = consumer, holdings, on_revoked, paused
        self.failure: Exception | None = None
        """What the callback raised. From here it would make every later poll of the client fail."""

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        offsets = await self._consumer.beside_the_loop(partial(self._give_up, _ours(revoked), lost=False))
        if not offsets:
            return
        try:
            await self._consumer.commit_async(kafka_offsets(offsets))
        except KafkaError as error:
            _log.warning("last commit of revoked partitions failed, their posts repeat", reason=str(error))

    async def on_partitions_lost(self, lost: Collection[TopicPartition]) -> None:
        await self._consumer.beside_the_loop(partial(self._give_up, _ours(lost), lost=True))

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._holdings.get(_ours(assigned))
        self._consumer.pause(*[one for one in assigned if Partition(*one) in self._paused])

    def _give_up(self, partitions: frozenset[Partition], *, lost: bool) -> Mapping[Partition, int]:
        if not partitions:
            return {}  # before the first join
        self._holdings.give_up(partitions)
        try:
            watermarks = self._on_revoked(partitions, lost)
        except Exception as error:  # noqa: BLE001 - raised from the next poll
            self.failure = error
            return {}
        return {} if lost else watermarks


def _ours(partitions: Iterable[TopicPartition]) -> frozenset[Partition]:
    return frozenset(Partition(*one) for one in partitions)
