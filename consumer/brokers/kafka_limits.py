"""How large a record each topic takes, so that a larger one is refused before anything is sent."""

from collections.abc import Sequence

from ..errors import PoisonError
from .interface import OutputRecord
from .kafka_admin import KafkaAdmin

__all__ = ["LARGEST_REQUEST_BYTES", "TopicLimits", "size_bytes"]

LARGEST_REQUEST_BYTES = 64 * 2**20
"""Of one request, and so of one record; a broker takes requests of 100 MiB unless it is told otherwise."""

# A batch's own fields, and a record's lengths and deltas at their longest (Kafka's message format 2).
_BATCH_BYTES = 61 + 21
_HEADER_BYTES = 10  # two lengths


class TopicLimits:
    """Limits of the topics seen so far. Safe to share between threads.

    The client has one limit for all topics, and a record that only the broker refuses breaks an idempotent producer
    for good.
    """

    def __init__(self, admin: KafkaAdmin) -> None:
        self._admin = admin
        self._known: dict[str, int] = {}

    def refuse_too_large(self, records: Sequence[OutputRecord]) -> None:
        """Ask for what isn't known yet, and look at every record.

        Raises:
            PoisonError: a record is too large for its topic (kind `output-too-large`).
            OperatorError: a topic is missing.
            BrokerUnavailableError: nobody says how large records may be.
        """
        known = self._known
        for record in records:
            size = size_bytes(record)
            # A limit may have been raised since we asked: nothing is refused without asking again.
            if size > known.get(record.topic, 0) and size > (limit := self._ask(record.topic)):
                raise PoisonError(
                    "output-too-large", f"a record of {size} bytes is too large for {record.topic!r} ({limit})"
                )

    def forget(self) -> None:
        """Ask again: a record failed, and a topic may have changed or gone."""
        self._known = {}

    def _ask(self, topic: str) -> int:
        limit = min(self._admin.require(topic).max_message_bytes, LARGEST_REQUEST_BYTES)
        self._known[topic] = limit
        return limit


def size_bytes(record: OutputRecord) -> int:
    """At most so many bytes alone in a batch, as a broker measures it."""
    size = _BATCH_BYTES + len(record.key or b"") + len(record.value or b"")
    for name, value in record.headers:
        size += _HEADER_BYTES + len(name.encode()) + len(value)
    return size
