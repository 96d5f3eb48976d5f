"""Records that can't be judged, kept byte for byte with the reason.

The header names of coordinates and exception are Kafka Connect's, so that its tools understand these topics.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from ..brokers.interface import Headers, OutputRecord, Record
from ..messages import DeadLetterStub
from .headers import last_header

__all__ = ["dead_letter"]

_CONNECT, _OWN = "__connect.errors.", "memelens.error."
_COORDINATES = ("topic", "partition", "offset")
_LONGEST_REASON = 1000  # characters
_LONGEST_COORDINATE_BYTES = 249  # of a topic's name in Kafka; numbers and times are shorter
_LARGEST_KEY_BYTES = 1024  # of a stub; the broker's own limit holds for key and value together
_RECORD_OVERHEAD_BYTES, _HEADER_OVERHEAD_BYTES = 128, 10  # of Kafka's record batch, rounded up


def dead_letter(  # noqa: PLR0913 - one argument for each header that it writes
    record: Record,
    *,
    kind: str,
    reason: str,
    exception_class: str,
    topic: str,
    group: str,
    version: str,
    first_failed_at: datetime,
    attempts: int,
    max_bytes: int,
) -> OutputRecord:
    """The dead letter of a record: key, value and headers as they were, and error headers behind them.

    A record that was a dead letter before (redriven, failed again) keeps the coordinates and the time of its first
    failure, and its attempts add up. One that is larger than `max_bytes` leaves a `DeadLetterStub` in JSON instead,
    with its key where that is short. `first_failed_at` is aware; `reason` never holds content.
    """
    earlier = _earlier(record.headers)
    errors = {
        f"{_CONNECT}topic": record.partition.topic,
        f"{_CONNECT}partition": str(record.partition.index),
        f"{_CONNECT}offset": str(record.offset),
        f"{_OWN}first-failed-at": first_failed_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        **earlier,
        f"{_CONNECT}exception.class.name": exception_class,
        f"{_CONNECT}exception.message": reason[:_LONGEST_REASON],
        f"{_OWN}kind": kind,
        f"{_OWN}attempts": str(attempts + _number(earlier.get(f"{_OWN}attempts"))),
        f"{_OWN}consumer-group": group,
        f"{_OWN}version": version,
    }
    added = tuple((name, value.encode()) for name, value in errors.items())
    kept = tuple(header for header in record.headers if not earlier or header[0] not in errors)
    letter = OutputRecord(topic, record.key, record.value, kept + added)
    return letter if _size(letter.key, letter.value, letter.headers) <= max_bytes else _stub(record, topic, added)


def _earlier(headers: Headers) -> dict[str, str]:
    """First coordinates, time and attempts of a record that was our dead letter before; empty for any other.

    Anybody can write such headers: what is longer than any of ours is not ours, and has no place in a stub.
    """
    names = [*(f"{_CONNECT}{name}" for name in _COORDINATES), f"{_OWN}first-failed-at", f"{_OWN}attempts"]
    values = {name: last_header(headers, name) for name in names}
    if any(value is None or len(value) > _LONGEST_COORDINATE_BYTES for value in values.values()):
        return {}
    return {name: (value or b"").decode("utf-8", "replace") for name, value in values.items()}


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _size(key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes]]) -> int:
    extra = sum(len(name.encode()) + len(content) + _HEADER_OVERHEAD_BYTES for name, content in headers)
    return len(key or b"") + len(value or b"") + extra + _RECORD_OVERHEAD_BYTES


def _stub(record: Record, topic: str, added: Headers) -> OutputRecord:
    key, value = record.key, record.value or b""
    stub = DeadLetterStub(
        topic=record.partition.topic,
        partition=record.partition.index,
        offset=record.offset,
        key_bytes=None if key is None else len(key),
        key_sha256=None if key is None else hashlib.sha256(key).hexdigest(),
        value_bytes=len(value),
        value_sha256=hashlib.sha256(value).hexdigest(),
        headers_bytes=sum(len(name.encode()) + len(content) for name, content in record.headers),
    )
    short = key if key is None or len(key) <= _LARGEST_KEY_BYTES else None
    return OutputRecord(topic, short, stub.model_dump_json().encode(), (("content-type", b"application/json"), *added))
