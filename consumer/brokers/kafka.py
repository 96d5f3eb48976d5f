"""The Kafka broker: `kafka://host:port,…` through kafka-python. Decisions and measurements: docs/brokers.md."""

from collections.abc import Iterable, Mapping, Sequence

from kafka import KafkaAdminClient

from ..settings import KafkaSettings
from .interface import Record, Revocation, StartAt, TopicDescription, TopicSpec
from .kafka_admin import KafkaAdmin
from .kafka_connection import KafkaConnection, require_checksums
from .kafka_limits import TopicLimits
from .kafka_logging import calm_client_log
from .kafka_publisher import KafkaPublisher
from .kafka_reading import TopicReader, offsets_at
from .kafka_sending import PRODUCER_SETTINGS
from .kafka_subscription import KafkaSubscription
from .kafka_transactions import KafkaTransactionalPublisher

__all__ = ["PRODUCER_SETTINGS", "KafkaBroker"]


class KafkaBroker:
    """`Broker` on a Kafka cluster; connects when something is asked of it."""

    def __init__(self, url: str, settings: KafkaSettings) -> None:
        """Raises OperatorError where the client isn't installed whole."""
        require_checksums()
        calm_client_log()
        self._connection = KafkaConnection(url, settings)
        self._admin = KafkaAdmin(self._connection)
        self._limits = TopicLimits(self._admin)

    @property
    def url(self) -> str:
        return self._connection.url

    def check(self, timeout_seconds: float) -> None:
        # A connection of its own: those that are open aren't asked for the password again.
        self._connection.connect(KafkaAdminClient, timeout_seconds=timeout_seconds).close()

    def subscribe(self, topic: str, group: str, *, start_at: StartAt, on_revoked: Revocation) -> KafkaSubscription:
        return KafkaSubscription(self._connection, self._admin, topic, group, start_at=start_at, on_revoked=on_revoked)

    def publisher(self) -> KafkaPublisher:
        return KafkaPublisher(self._connection, self._limits)

    def transactional_publisher(self, transactional_id: str) -> KafkaTransactionalPublisher:
        return KafkaTransactionalPublisher(self._connection, self._limits, transactional_id)

    def read(self, topic: str, *, start: Mapping[int, int] | None = None, stop_at_end: bool = True) -> Iterable[Record]:
        return TopicReader(self._connection, self._admin, topic, start=start, stop_at_end=stop_at_end)

    def offsets_at(self, topic: str, timestamp_ms: int) -> Mapping[int, int]:
        return offsets_at(self._admin, topic, timestamp_ms)

    def describe_topics(self, names: Iterable[str]) -> Mapping[str, TopicDescription | None]:
        return self._admin.describe(names)

    def create_topics(self, specs: Iterable[TopicSpec]) -> Sequence[str]:
        return self._admin.create(specs)

    def close(self) -> None:
        self._admin.close()
