"""Writing to Kafka at least once."""

from collections.abc import Sequence
from typing import Any

from .interface import OutputRecord
from .kafka_clients import OwnedProducer
from .kafka_connection import KafkaConnection
from .kafka_errors import translated
from .kafka_limits import TopicLimits
from .kafka_sending import delivery_seconds, first_failure, producer_options

__all__ = ["KafkaPublisher"]

_CLOSE_SECONDS = 5.0


class KafkaPublisher:
    """`Publisher`; connects at the first record.

    What is outstanding is bounded by one call: the client has no bound of its own. A producer that lost a record is
    thrown away: it would fail, or hold, everything after it.
    """

    def __init__(self, connection: KafkaConnection, limits: TopicLimits) -> None:
        self._connection, self._limits = connection, limits
        self._producer: Any = None

    def publish(self, records: Sequence[OutputRecord]) -> None:
        if not records:
            return
        self._limits.refuse_too_large(records)
        if self._producer is None:
            self._producer = self._connection.connect(OwnedProducer, **producer_options(self._connection))
        # The client gives up first, so that nothing is sent after we did.
        failure = first_failure(self._producer, records, delivery_seconds(self._connection) + 5)
        if failure is not None:
            self._discard()
            raise translated(failure, f"publishing to {self._connection.url}") from failure

    def close(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.end(_CLOSE_SECONDS)

    def _discard(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:  # else it was closed meanwhile
            producer.discard()
        self._limits.forget()
