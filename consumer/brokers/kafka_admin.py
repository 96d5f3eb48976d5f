# ruff: noqa: ANN401 - the client has no types
"""Topics of a Kafka cluster: what they are, what they take, making them."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import KafkaError, UnknownTopicOrPartitionError, for_code
from kafka.protocol.consumer import IsolationLevel
from kafka.structs import TopicPartition

from ..errors import OperatorError
from .interface import TopicDescription, TopicSpec
from .kafka_connection import KafkaConnection
from .kafka_errors import translated

__all__ = ["KafkaAdmin"]

_Result = TypeVar("_Result")
_ALREADY_EXISTS = 36
_LIMIT = "max.message.bytes"
_DEFAULT_LIMIT_BYTES = 1_048_588  # Kafka's own default, for where we may not ask


class KafkaAdmin:
    """One administrative client, made when it is needed. Safe to share between threads."""

    def __init__(self, connection: KafkaConnection) -> None:
        self._connection = connection
        self._guard = threading.Lock()
        self._client: Any = None

    def describe(self, names: Iterable[str]) -> dict[str, TopicDescription | None]:
        """What each topic is; None where it is missing. Raises BrokerUnavailableError, OperatorError."""
        wanted = sorted(set(names))
        return self._ask("describing topics", lambda client: _describe(client, wanted)) if wanted else {}

    def require(self, topic: str) -> TopicDescription:
        """What a topic is.

        Raises:
            OperatorError: it is missing.
            BrokerUnavailableError: nobody says.
        """
        found = self.describe([topic])[topic]
        if found is None:
            raise OperatorError(f"{self._connection.url} has no topic {topic!r}: make it with `memelens topics create`")
        return found

    def create(self, specs: Iterable[TopicSpec]) -> Sequence[str]:
        """Make the missing ones, and wait until they can be used; their names."""
        wanted = {spec.name: spec for spec in specs}
        return self._ask("creating topics", lambda client: self._create(client, wanted)) if wanted else []

    def offsets(self, topic: str, place: Any, *, committed: bool = False) -> dict[int, int]:
        """Offsets of all partitions at a place: an `OffsetSpec`, or a time in milliseconds (-1 where none is later).

        The latest is behind all records or, `committed`, before the first one of an open transaction.
        Raises BrokerUnavailableError, OperatorError.
        """
        isolation = IsolationLevel.READ_COMMITTED if committed else IsolationLevel.READ_UNCOMMITTED
        names = [TopicPartition(topic, index) for index in range(self.require(topic).partitions)]
        asked = dict.fromkeys(names, place)
        found = self._ask(
            f"looking up offsets of {topic!r}",
            lambda client: client.list_partition_offsets(asked, isolation),
        )
        return {one.partition: at.offset for one, at in found.items()}

    def close(self) -> None:
        """Idempotent."""
        with self._guard:
            self._drop()

    def _create(self, client: Any, wanted: Mapping[str, TopicSpec]) -> Sequence[str]:
        answer = client.create_topics({name: _request(spec) for name, spec in wanted.items()}, raise_errors=False)
        created = []
        for topic in answer["topics"]:
            if topic["error_code"] == 0:
                created.append(topic["name"])
            elif topic["error_code"] != _ALREADY_EXISTS:
                raise for_code(topic["error_code"])(f"{topic['name']}: {topic['error_message']}")
        client.wait_for_topics(created, timeout_ms=self._connection.request_ms)
        return created

    def _ask(self, doing: str, question: Callable[[Any], _Result]) -> _Result:
        with self._guard:
            if self._client is None:
                self._client = self._connection.connect(KafkaAdminClient)
            try:
                return question(self._client)
            except KafkaError as error:
                self._drop()
                raise translated(error, f"{doing} on {self._connection.url}") from error

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _request(spec: TopicSpec) -> dict[str, Any]:
    configs = {
        _LIMIT: spec.max_message_bytes,
        "retention.ms": spec.retention_ms,
        "cleanup.policy": "compact" if spec.compact else None,
    }
    return {
        "num_partitions": spec.partitions,
        "replication_factor": spec.replication,
        "configs": {name: str(value) for name, value in configs.items() if value is not None},
    }


def _describe(client: Any, names: Sequence[str]) -> dict[str, TopicDescription | None]:
    found = {topic["name"]: topic for topic in client.describe_topics(names) if _is_there(topic)}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name, {_LIMIT: None}) for name in found]
    limits = client.describe_configs(resources, config_filter="all").get("topic", {}) if found else {}
    return {
        name: TopicDescription(
            name=name,
            partitions=len(found[name]["partitions"]),
            replication=min(len(partition["replica_nodes"]) for partition in found[name]["partitions"]),
            # Nothing is said where describing configurations isn't allowed.
            max_message_bytes=int(limits.get(name, {}).get(_LIMIT, {}).get("value", _DEFAULT_LIMIT_BYTES)),
            records=_records(client, found[name]),
        )
        if name in found
        else None
        for name in names
    }


def _is_there(topic: Mapping[str, Any]) -> bool:
    error = for_code(topic["error_code"])
    if topic["error_code"] and error is not UnknownTopicOrPartitionError:
        raise error(f"topic {topic['name']}")
    return not topic["error_code"]


def _records(client: Any, topic: Mapping[str, Any]) -> int:
    partitions = [TopicPartition(topic["name"], one["partition_index"]) for one in topic["partitions"]]
    first, behind = (
        client.list_partition_offsets(dict.fromkeys(partitions, place))
        for place in (OffsetSpec.EARLIEST, OffsetSpec.LATEST)
    )
    return sum(behind[one].offset - first[one].offset for one in partitions)
