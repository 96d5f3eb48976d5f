"""Reading any of the topics."""

import json

import pytest

from memelens.consumer.brokers.interface import Partition, Record
from memelens.consumer.clock import ManualClock
from memelens.consumer.errors import OperatorError
from memelens.consumer.tailing import as_json, content_of, start_time_ms


def record(value: bytes | None, timestamp_ms: int = 0) -> Record:
    """A record of any topic."""
    return Record(Partition("memes.dead-letter", 0), 1, b"k", value, (), timestamp_ms)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("90s", 1_699_999_910_000),
        ("15m", 1_699_999_100_000),
        ("2h", 1_699_992_800_000),
        ("1d", 1_699_913_600_000),
        ("2026-11-01T10:00:00Z", 1_793_527_200_000),
        ("2026-11-01T10:00:00", 1_793_527_200_000),
        ("2026-11-01T10:00:00+01:00", 1_793_523_600_000),
    ],
)
def test_times_are_read(text: str, milliseconds: int) -> None:
    """So long ago, or ISO 8601, UTC unless it says otherwise."""
    assert start_time_ms(text, ManualClock(1_700_000_000.0)) == milliseconds


@pytest.mark.parametrize("text", ["", "yesterday", "5w", "-1h", "99999999999999d", "9" * 400 + "s"])
def test_what_is_no_time_is_answered_with_the_forms(text: str) -> None:
    """However wrong, the answer is a sentence."""
    with pytest.raises(OperatorError, match="write beginning, end"):
        start_time_ms(text, ManualClock())


@pytest.mark.parametrize(
    "value", [b"[" * 100_000, b"\xff", b"[1]", b"", None], ids=["deep", "bytes", "list", "empty", "null"]
)
def test_what_is_no_object_is_shown_in_base64(value: bytes | None) -> None:
    """A dead letter may hold anything, JSON that is nested without end too."""
    assert content_of(record(value)) is None
    assert ("value_base64" in json.loads(as_json(record(value)))) == (value is not None)


def test_a_time_outside_the_calendar_is_shown_at_its_end() -> None:
    """Producers write what they want into a timestamp."""
    assert json.loads(as_json(record(b"{}", 10**17)))["timestamp"].startswith("9999-12-31")
    assert json.loads(as_json(record(b"{}", -(10**17))))["timestamp"].startswith("0001-01-01")
