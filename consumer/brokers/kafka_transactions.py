"""Writing records and offsets to Kafka in one transaction."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from kafka.errors import AuthorizationError, KafkaError

from ..errors import BrokerUnavailableError, OperatorError, RetryLaterError, UnknownOutcomeError
from .interface import GroupSnapshot, OutputRecord, Partition
from .kafka_clients import OwnedProducer
from .kafka_connection import KafkaConnection
from .kafka_errors import FENCED, MEMBERSHIP_CHANGED, translated
from .kafka_limits import TopicLimits
from .kafka_revocation import kafka_offsets
from .kafka_sending import delivery_seconds, first_failure, producer_options
from .kafka_subscription import KafkaMembership

__all__ = ["KafkaTransactionalPublisher"]

_TRANSACTION_SECONDS = 60.0
_CLOSE_SECONDS = 5.0
# A transaction must wait for the markers of the one before, and learns that by asking again: at the client's 100 ms,
# each takes 110 ms, with this 12.
_RETRY_MS = 5
_log = structlog.get_logger(__name__)


class KafkaTransactionalPublisher:
    """`TransactionalPublisher`.

    An error of a transactional call says nothing of what the broker did (it may have committed), and leaves the
    producer broken: after any but a refusal of stale offsets, only a new one with the same id finds out.
    """

    def __init__(self, connection: KafkaConnection, limits: TopicLimits, transactional_id: str) -> None:
        """Fences any other with the same id. Raises BrokerUnavailableError, OperatorError."""
        self._connection, self._limits, self._id = connection, limits, transactional_id
        self._producer: Any = None
        self.reset()

    def publish(
        self, records: Sequence[OutputRecord], offsets: Mapping[Partition, int], snapshot: GroupSnapshot
    ) -> None:
        if self._producer is None:
            raise UnknownOutcomeError(f"{self._doing}: the transaction before had an unknown outcome: reset first")
        membership = _membership(offsets, snapshot)
        self._refuse_too_large(records)
        started = time.monotonic()
        try:
            self._write(records, offsets, membership)
        except KafkaError as error:
            raise self._failed(error, time.monotonic() - started) from error

    def reset(self) -> None:
        self._discard()
        options = {
            **producer_options(self._connection),
            "transactional_id": self._id,
            "transaction_timeout_ms": int(_TRANSACTION_SECONDS * 1000),
            "retry_backoff_ms": _RETRY_MS,
        }
        producer = self._connection.connect(OwnedProducer, **options)
        try:
            producer.init_transactions()
        except KafkaError as error:
            producer.discard()
            raise translated(error, self._doing) from error
        self._producer = producer

    def close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.end(_CLOSE_SECONDS)

    @property
    def _doing(self) -> str:
        return f"transaction of {self._id!r} on {self._connection.url}"

    @property
    def _call_seconds(self) -> float:
        """Deadline of one transactional call: longer than one request takes, since the client itself has none."""
        return 1.5 * self._connection.request_seconds

    def _refuse_too_large(self, records: Sequence[OutputRecord]) -> None:
        try:
            self._limits.refuse_too_large(records)
        except BrokerUnavailableError as error:
            self._discard()
            raise _unknown(error) from error

    def _write(self, records: Sequence[OutputRecord], offsets: Mapping[Partition, int], membership: object) -> None:
        producer = self._producer
        producer.begin_transaction()
        failure = first_failure(producer, records, delivery_seconds(self._connection) + 5)
        if failure is not None:
            raise failure
        if offsets:
            producer.send_offsets_within(self._call_seconds, kafka_offsets(offsets), membership)
        producer.commit_within(self._call_seconds)

    def _failed(self, error: Exception, open_seconds: float) -> Exception:
        """What to raise. Fenced means another process, unless the broker itself gave the transaction up as too old."""
        known = translated(error, self._doing)
        if isinstance(error, FENCED) and open_seconds < _TRANSACTION_SECONDS:
            self._discard()
            return known
        if isinstance(error, (*MEMBERSHIP_CHANGED, AuthorizationError)) and self._rolled_back():
            return known
        self._discard()
        return known if isinstance(known, OperatorError) and not isinstance(error, FENCED) else _unknown(known)

    def _rolled_back(self) -> bool:
        try:
            self._producer.abort_within(self._call_seconds)
        except KafkaError as error:
            _log.warning("rolling back failed", reason=str(error))
            return False
        return True

    def _discard(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.discard()
            self._limits.forget()


def _membership(offsets: Mapping[Partition, int], snapshot: GroupSnapshot) -> object:
    """The client's view of the membership that the records were polled under; raises RetryLaterError where it ended."""
    token = snapshot.token
    if not isinstance(token, KafkaMembership):
        raise RetryLaterError("offsets are refused: they weren't polled from this broker")
    token.holdings.refuse_stale(offsets, snapshot)
    return token.metadata


def _unknown(error: Exception) -> UnknownOutcomeError:
    return UnknownOutcomeError(str(error))
