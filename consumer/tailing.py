"""Reading any of the topics for a person or a program."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from .brokers.interface import Broker, Record
from .clock import LAST_MS, Clock, utc_time
from .errors import OperatorError, SettingsError

__all__ = ["as_json", "content_of", "json_line", "start_time_ms", "starting_offsets", "tail"]

_ESCAPED = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), *range(0xD800, 0xE000))}
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def starting_offsets(broker: Broker, topic: str, start: str, clock: Clock) -> Mapping[int, int] | None:
    """Offsets to read a topic from. `start` is beginning (None), end, or a time as `start_time_ms` reads it.

    Raises:
        SettingsError: no such time.
        OperatorError: no such topic.
        BrokerUnavailableError: the broker doesn't answer.
    """
    time_ms = {"beginning": 0, "end": LAST_MS}.get(start)
    if time_ms is None:
        time_ms = start_time_ms(start, clock)
    if broker.describe_topics([topic]).get(topic) is None:
        raise OperatorError(f"there is no topic {topic!r} on {broker.url}; `memelens topics describe` lists ours")
    return broker.offsets_at(topic, time_ms) if time_ms else None


def tail(
    broker: Broker, topic: str, offsets: Mapping[int, int] | None, *, most: int | None, follow: bool
) -> Iterator[Record]:
    """Records from `offsets` on; for ever where it follows and `most` allows."""
    return islice(broker.read(topic, start=offsets, stop_at_end=not follow), most)


def start_time_ms(text: str, clock: Clock) -> int:
    """Milliseconds since the epoch of an ISO 8601 time (UTC without an offset), or of `90s`, `15m`, `2h`, `1d` ago.

    Raises:
        SettingsError: neither.
    """
    try:
        if ago := re.fullmatch(r"(\d+)([smhd])", text.strip()):
            return round((clock.time() - timedelta(**{_UNITS[ago[2]]: int(ago[1])}).total_seconds()) * 1000)
        time = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise SettingsError(
            f"--from {text!r}: write beginning, end, 2026-11-01T10:00:00Z, or 15m for a quarter of an hour ago"
        ) from error
    return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)


def content_of(record: Record) -> Mapping[str, Any] | None:
    """The JSON object in a record; None where it holds none (bytes, a tombstone, another kind of JSON)."""
    try:
        content = json.loads(record.value or b"")
    except (ValueError, RecursionError):  # UnicodeDecodeError too
        return None
    return content if isinstance(content, dict) else None


def as_json(record: Record) -> str:
    """One line: coordinates, key, headers, and the value as JSON, or in base64 where it is none."""
    line: dict[str, Any] = {
        "topic": record.partition.topic,
        "partition": record.partition.index,
        "offset": record.offset,
        "timestamp": utc_time(record.timestamp_ms).isoformat(timespec="milliseconds"),
        "key": None if record.key is None else record.key.decode("utf-8", "replace"),
        "headers": [[name, value.decode("utf-8", "replace")] for name, value in record.headers],
    }
    content = content_of(record)
    if content is not None or record.value is None:
        line["value"] = content
    else:
        line["value_base64"] = base64.b64encode(record.value).decode()
    return json_line(line)


def json_line(content: Mapping[str, Any]) -> str:
    """One line of JSON. Escaped are control characters, which a terminal would obey, and halves of surrogate pairs."""
    return json.dumps(content, ensure_ascii=False).translate(_ESCAPED)
