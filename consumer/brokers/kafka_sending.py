# ruff: noqa: ANN401 - the client has no types
"""Sending records and knowing of each what became of it."""

import time
from collections.abc import Sequence
from typing import Any

from kafka.errors import KafkaError

from .interface import OutputRecord
from .kafka_connection import KafkaConnection
from .kafka_limits import LARGEST_REQUEST_BYTES

__all__ = ["PRODUCER_SETTINGS", "delivery_seconds", "first_failure", "producer_options"]

PRODUCER_SETTINGS = {"linger_ms": 1, "batch_size": 2**18, "metrics_enabled": False}
"""What makes the client fast: larger batches, and no measurements that nobody reads."""


def delivery_seconds(connection: KafkaConnection) -> float:
    """How long a record may take, through a restart of the broker: below the minute a transaction may stay open."""
    return 2 * connection.request_seconds


def producer_options(connection: KafkaConnection) -> dict[str, Any]:
    """What every producer is made with."""
    return {
        **PRODUCER_SETTINGS,
        "acks": "all",
        "enable_idempotence": True,
        "max_request_size": LARGEST_REQUEST_BYTES,  # each topic's own limit is looked at before
        "delivery_timeout_ms": int(delivery_seconds(connection) * 1000),
        "max_block_ms": connection.request_ms,
    }


def first_failure(producer: Any, records: Sequence[OutputRecord], seconds: float) -> Exception | None:
    """Send all, wait for every one, and say what went wrong first; None where all are acknowledged.

    Every future is looked at: `flush` returns without a word where records have failed, and a transaction that lost
    some of its records can still be committed.
    """
    deadline = time.monotonic() + seconds
    send, nothing = producer.send, producer.NOTHING
    try:
        futures = [
            send(one.topic, nothing if one.key is one.value is None else one.value, one.key, list(one.headers))
            for one in records
        ]
        for future in futures:
            if not future.is_done:
                future.get(max(0.0, deadline - time.monotonic()))
            elif future.exception is not None:
                raise future.exception
    except KafkaError as error:
        failure: Exception = error
        return failure
    return None
