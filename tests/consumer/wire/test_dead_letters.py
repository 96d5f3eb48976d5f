"""Dead letters: nothing of the record is lost, and the reason stands beside it."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from memelens.consumer.brokers.interface import Headers, OutputRecord, Partition, Record
from memelens.consumer.messages import DeadLetterStub
from memelens.consumer.wire.dead_letters import dead_letter

NOW = datetime(2026, 11, 1, 10, 0, tzinfo=UTC)


def letter(record: Record, **changes: Any) -> OutputRecord:
    """The dead letter of a record."""
    arguments: dict[str, Any] = {
        "kind": "not-json",
        "reason": "not JSON: EOF",
        "exception_class": "PoisonError",
        "topic": "memes.dead-letter",
        "group": "memelens",
        "version": "0.1.0",
        "first_failed_at": NOW,
        "attempts": 1,
        "max_bytes": 100_000,
    }
    return dead_letter(record, **(arguments | changes))


def redriven(out: OutputRecord, offset: int) -> Record:
    """The same bytes, sent to the input topic again."""
    return Record(Partition("memes.posts", 5), offset, out.key, out.value, out.headers)


@given(
    key=st.none() | st.binary(max_size=50),
    value=st.none() | st.binary(max_size=200),
    headers=st.lists(st.tuples(st.text(max_size=10), st.binary(max_size=20)), max_size=5).map(tuple),
)
def test_the_record_stays_as_it_was(key: bytes | None, value: bytes | None, headers: Headers) -> None:
    """Key, value and headers, byte for byte and in order; ours stand behind them."""
    out = letter(Record(Partition("memes.posts", 3), 17, key, value, headers))
    assert (out.topic, out.key, out.value) == ("memes.dead-letter", key, value)
    assert out.headers[: len(headers)] == headers
    assert dict(out.headers[len(headers) :]) == {
        "__connect.errors.topic": b"memes.posts",
        "__connect.errors.partition": b"3",
        "__connect.errors.offset": b"17",
        "__connect.errors.exception.class.name": b"PoisonError",
        "__connect.errors.exception.message": b"not JSON: EOF",
        "memelens.error.kind": b"not-json",
        "memelens.error.first-failed-at": b"2026-11-01T10:00:00.000+00:00",
        "memelens.error.attempts": b"1",
        "memelens.error.consumer-group": b"memelens",
        "memelens.error.version": b"0.1.0",
    }


def test_a_redriven_record_keeps_its_first_coordinates() -> None:
    """Failed again, it says where and when it failed first, why it failed now, and how often; nothing piles up."""
    first = letter(Record(Partition("memes.posts", 3), 17, b"k", b"{", (("traceparent", b"t"),)))
    later = NOW.replace(day=9)
    second = letter(redriven(first, 99), kind="unavailable", first_failed_at=later, attempts=2)
    third = letter(redriven(second, 100), first_failed_at=later)
    assert len(third.headers) == len(first.headers)
    headers = dict(second.headers)
    assert headers["__connect.errors.partition"] == b"3"
    assert headers["__connect.errors.offset"] == b"17"
    assert headers["memelens.error.first-failed-at"] == b"2026-11-01T10:00:00.000+00:00"
    assert headers["memelens.error.kind"] == b"unavailable"
    assert headers["memelens.error.attempts"] == b"3"
    assert dict(third.headers)["memelens.error.attempts"] == b"4"
    assert headers["traceparent"] == b"t"


def test_another_programs_dead_letter_is_no_redrive_of_ours() -> None:
    """Error headers that Kafka Connect left stay, and ours come last, where readers look."""
    foreign = (("__connect.errors.topic", b"elsewhere"), ("__connect.errors.offset", b"1"))
    out = letter(Record(Partition("memes.posts", 0), 5, None, b"{", foreign))
    assert out.headers[:2] == foreign
    assert dict(out.headers)["__connect.errors.topic"] == b"memes.posts"


def test_made_up_coordinates_are_no_redrive_of_ours() -> None:
    """Error headers that are longer than any of ours stay where they are, and can't make a stub too large."""
    ours = letter(Record(Partition("memes.posts", 3), 17, b"k", b"{"))
    spoofed = tuple((name, b"9" * 200_000 if "first" in name else value) for name, value in ours.headers)
    record = Record(Partition("memes.posts", 5), 99, b"k", b"{", spoofed)
    whole, stub = letter(record, max_bytes=1_000_000), letter(record)
    assert whole.headers[: len(spoofed)] == spoofed
    for out in (whole, stub):
        assert dict(out.headers)["__connect.errors.offset"] == b"99"
    assert sum(len(name) + len(value) for name, value in stub.headers) < 1000


def test_what_the_topic_cannot_take_leaves_a_stub() -> None:
    """Coordinates, lengths and hashes remain; a huge key and huge headers can't make the stub too large either."""
    record = Record(Partition("memes.posts", 3), 17, b"k" * 5000, b"v" * 200_000, (("x", b"h" * 200_000),))
    out = letter(record)
    assert out.value is not None
    stub = DeadLetterStub.model_validate_json(out.value)
    assert (stub.topic, stub.partition, stub.offset) == ("memes.posts", 3, 17)
    assert (stub.key_bytes, stub.value_bytes, stub.headers_bytes) == (5000, 200_000, 200_001)
    assert stub.value_sha256 == hashlib.sha256(b"v" * 200_000).hexdigest()
    assert out.key is None
    assert dict(out.headers)["memelens.error.kind"] == b"not-json"
    assert letter(Record(Partition("memes.posts", 3), 17, b"k", b"v" * 200_000)).key == b"k"


def test_the_largest_letter_that_fits_is_kept_whole() -> None:
    """The bound covers value, headers and what the broker adds: 64 KiB above the input's own limit always suffice."""
    record = Record(Partition("memes.posts", 3), 17, b"k", b"v" * 1_000_000, tuple((f"h{n}", b"x") for n in range(50)))
    assert letter(record, max_bytes=1_000_000 + 65_536).value == record.value
    assert letter(record, max_bytes=1_000_000 + 1_000).value != record.value


def test_a_stub_tells_no_key_from_an_empty_one() -> None:
    """As the record did."""
    stubs = [letter(Record(Partition("t", 0), 0, key, b"v" * 200_000)) for key in (None, b"")]
    read = [DeadLetterStub.model_validate_json(one.value or b"") for one in stubs]
    assert [(stub.key, one.key_bytes) for stub, one in zip(stubs, read, strict=True)] == [(None, None), (b"", 0)]
    assert [one.key_sha256 for one in read] == [None, hashlib.sha256(b"").hexdigest()]


def test_long_reasons_are_cut() -> None:
    """A reason can't make a dead letter too large."""
    out = letter(Record(Partition("t", 0), 0, None, b"{"), reason="ä" * 5000)
    assert len(dict(out.headers)["__connect.errors.exception.message"].decode()) == 1000
