"""Decoding: every value becomes a post, a deletion, or a dead letter with a reason."""

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memelens.consumer.brokers.interface import Headers, Partition, Record
from memelens.consumer.errors import PoisonError
from memelens.consumer.messages import Post
from memelens.consumer.wire.decoding import DecodingLimits, Deletion, decode

LIMITS = DecodingLimits()
POST = {"post_id": "p-1", "caption": "a cat on a keyboard"}
STRUCTURED: Headers = (("content-type", b"application/cloudevents+json; charset=utf-8"),)
BINARY: Headers = (("ce_specversion", b"1.0"), ("ce_id", b"1"), ("content-type", b"application/json"))


def record(value: bytes | None, headers: Headers = (), key: bytes | None = None) -> Record:
    """A record of the input topic."""
    return Record(Partition("memes.posts", 0), 17, key, value, headers)


def event(**changes: Any) -> bytes:
    """A CloudEvent in structured mode around POST."""
    envelope = {"specversion": "1.0", "id": "1", "source": "/posts", "type": "post", "data": POST} | changes
    return json.dumps({name: value for name, value in envelope.items() if value is not None}).encode()


def poison(value: bytes | None, headers: Headers = (), limits: DecodingLimits = LIMITS) -> PoisonError:
    """Why a value is refused."""
    with pytest.raises(PoisonError) as caught:
        decode(record(value, headers), limits)
    return caught.value


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        (json.dumps(POST).encode(), ()),
        (b"\xef\xbb\xbf" + json.dumps(POST).encode(), ()),
        (json.dumps(POST | {"unknown": {"deep": [1, None]}}).encode(), ()),
        (json.dumps(POST).encode(), (("content-type", b"text/plain"),)),
        (event(), STRUCTURED),
        (event(datacontenttype="application/json", extension="x"), STRUCTURED),
        (event(data=None, data_base64=base64.b64encode(json.dumps(POST).encode()).decode()), STRUCTURED),
        (json.dumps(POST).encode(), BINARY),
        (json.dumps(POST).encode(), (("CE_SpecVersion", b"1.0"),)),
        (event(data_base64="e30="), (("Content-Type", b"Application/CloudEvents+JSON"),)),
        (json.dumps(POST).encode(), (("ce_specversion", b"1.0"), ("content-type", b"application/vnd.meme+json"))),
    ],
    ids=[
        *("plain", "bom", "unknown-fields", "odd-content-type", "structured", "more", "base64", "binary"),
        *("upper-case", "both-data", "own-json-type"),
    ],
)
def test_a_post_is_read_in_every_mode(value: bytes, headers: Headers) -> None:
    """Plain JSON and both CloudEvents modes give the same post."""
    assert decode(record(value, headers), LIMITS) == Post.model_validate(POST)


def test_a_null_value_deletes() -> None:
    """A tombstone names the post by its key; bytes that are no text don't stop it."""
    assert decode(record(None, key=b"p-1"), LIMITS) == Deletion(b"p-1", "p-1")
    assert decode(record(None, key=b"\xff"), LIMITS) == Deletion(b"\xff", "\ufffd")


@pytest.mark.parametrize(
    ("value", "headers", "kind", "words"),
    [
        (None, (), "not-a-post", "neither value nor key"),
        (b"", (), "not-json", "empty"),
        (b" \n", (), "not-json", "empty"),
        (b"{", (), "not-json", "EOF"),
        (b"\x00\x00\x00\x00\x07{}", (), "not-json", "schema registry"),
        (b"\xff\xfe{", (), "not-json", "not JSON"),
        (b'{"post_id": "p", "caption": "\xff"}', (), "not-json", "unicode"),
        (b'{"a":' * 5000, (), "not-json", "recursion"),
        (b"[" * 100_000, (), "not-json", "recursion"),
        (b"[]", (), "not-a-post", "the value: must be an object"),
        (b"{}", (), "not-a-post", "post_id: is missing"),
        (b'{"post_id": 7, "caption": "x"}', (), "not-a-post", "post_id: must be a string"),
        (b'{"post_id": "", "caption": "x"}', (), "not-a-post", "post_id: is empty"),
        (b'{"post_id": "%s", "caption": "x"}' % (b"p" * 300), (), "not-a-post", "post_id: is too long"),
        (b'{"post_id": "p"}', (), "nothing-to-judge", "image, image_text and caption"),
        (b'{"post_id": "p", "caption": " \\n"}', (), "nothing-to-judge", "image, image_text and caption"),
        (b'{"post_id": "p", "schema_version": 2}', (), "future-schema", "newer than 1"),
        (b'{"post_id": "p", "schema_version": 99, "caption": {"new": "shape"}}', (), "future-schema", "newer than 1"),
        (
            b'{"post_id": "p", "caption": "x", "schema_version": 1.5}',
            (),
            "not-a-post",
            "schema_version: must be a whole",
        ),
        (b'{"post_id": "p", "caption": "x", "schema_version": %s}' % (b"9" * 5000), (), "not-json", "number"),
        (b'{"post_id": "p", "caption": "x", "revision": 1e400}', (), "not-a-post", "revision"),
        (b'{"post_id": "p", "caption": "x", "posted_at": "yesterday"}', (), "not-a-post", "posted_at: is not a date"),
        (b'{"post_id": "p", "caption": "x", "metadata": {"k": 1}}', (), "not-a-post", "metadata.…: must be a string"),
        (json.dumps(POST | {"metadata": {str(n): "" for n in range(65)}}).encode(), (), "not-a-post", "too many"),
        (b'{"post_id": "p", "image": {}}', (), "not-a-post", "image: needs exactly one"),
        (b'{"post_id": "p", "image": {"content": "", "uri": "x"}}', (), "not-a-post", "image: needs exactly one"),
        (b'{"post_id": "p", "image": {"content": "a b="}}', (), "not-a-post", "image.content: is not valid base64"),
        (b'{"post_id": "p", "image": {"uri": "x", "sha256": "12"}}', (), "not-a-post", "image.sha256: has characters"),
        (event(data=None), STRUCTURED, "not-a-post", "data: is missing"),
        (event(specversion="0.3"), STRUCTURED, "not-a-post", "specversion"),
        (event(data=POST | {"id": 1, "metadata": {"id": 1}}), STRUCTURED, "not-a-post", "data.metadata.…: must be"),
        (
            b'{"tenant": 1, "revision": "1", "language": 1, "caption": 1, "image": 1}',
            (),
            "not-a-post",
            "revision: must be a whole number; and 3 more",
        ),
        (event(data={"post_id": "p"}), STRUCTURED, "nothing-to-judge", "caption"),
        (event(data="text"), STRUCTURED, "not-a-post", "data: must be an object"),
        (event(data={"post_id": "p", "schema_version": 2}), STRUCTURED, "future-schema", "newer"),
        (event(), (("content-type", b"application/cloudevents-batch+json"),), "not-a-post", "batch"),
        (event(), (("content-type", b"application/cloudevents+avro"),), "not-a-post", "not in JSON"),
        (json.dumps(POST).encode(), (("ce_specversion", b"2.0"),), "not-a-post", "ce_specversion"),
        (
            json.dumps(POST).encode(),
            (("ce_specversion", b"1.0"), ("content-type", b"application/avro")),
            "not-a-post",
            "application/json",
        ),
    ],
)
def test_what_is_no_post_says_why(value: bytes | None, headers: Headers, kind: str, words: str) -> None:
    """Each refusal has the kind that docs/wire.md lists and a sentence that names the field."""
    error = poison(value, headers)
    assert error.kind == kind
    assert words in str(error)


def test_sizes_are_checked_before_anything_is_read() -> None:
    """A value over the bound isn't even looked at, and an inline picture has a bound of its own."""
    assert poison(b"{" * 11, limits=DecodingLimits(max_value_bytes=10)).kind == "too-large"
    picture = json.dumps({"post_id": "p", "image": {"content": base64.b64encode(b"x" * 11).decode()}}).encode()
    assert poison(picture, limits=DecodingLimits(max_image_bytes=10)).kind == "too-large"
    assert isinstance(decode(record(picture), DecodingLimits(max_image_bytes=11)), Post)


@pytest.mark.parametrize(
    ("escaped", "text"),
    [
        (r"a\u0000b", "a\ufffdb"),
        (r"a\ud83db", "a\ufffdb"),
        (r"a\udE00b", "a\ufffdb"),
        (r"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\\u0000 \\ud800", r"\u0000 \ud800"),
        (r"\\\u0000", "\\\ufffd"),
        (r"\u0000\n\ud800\t", "\ufffd\n\ufffd\t"),
    ],
)
def test_nuls_and_lone_surrogates_become_replacement_characters(escaped: str, text: str) -> None:
    """A text can always be encoded as UTF-8 and holds no NUL; whole pairs and escaped backslashes stay as they are."""
    post = decode(record(b'{"post_id": "p", "caption": "x", "image_text": "%s"}' % escaped.encode()), LIMITS)
    assert isinstance(post, Post)
    assert post.image_text == text


def test_the_last_of_two_equal_keys_counts() -> None:
    """As in every common JSON reader."""
    post = decode(record(b'{"post_id": "a", "caption": "first", "caption": "second", "post_id": "b"}'), LIMITS)
    assert isinstance(post, Post)
    assert (post.post_id, post.caption) == ("b", "second")


SECRET = "zorblaxian"
_leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from([SECRET, "\x00", "p" * 300, "1.0"])
_values = st.recursive(
    _leaves | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_names = st.sampled_from([*Post.model_fields, "content", "uri", "sha256", "specversion", "data", "data_base64", SECRET])
_objects = st.dictionaries(_names, _values | st.dictionaries(_names, _leaves, max_size=3), max_size=4)
_json = (_objects | st.fixed_dictionaries({"post_id": st.text(max_size=3)}, optional={"caption": _values})).map(
    lambda value: json.dumps(value).encode()
)
_seeds = st.sampled_from(
    [json.dumps(POST | {"caption": SECRET + " \\u00e9 \ud83d"}).encode(), event(data=POST | {"metadata": {SECRET: 1}})]
)


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    """JSON with some bytes cut, doubled or overwritten."""
    value = bytearray(draw(_json | _seeds))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(value)))
        match draw(st.sampled_from(["cut", "insert", "overwrite", "truncate"])):
            case "cut":
                del value[at : at + draw(st.integers(1, 8))]
            case "insert":
                value[at:at] = draw(
                    st.sampled_from([b"\\ud800", b"\\u0000", b"\xff", b"[", b'"', b"9" * 400, b"NaN", b"\\"])
                )
            case "overwrite":
                value[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case "truncate":
                del value[at:]
    return bytes(value)


def test_a_million_mistakes_are_one() -> None:
    """One record can't take the process's memory: entries are counted before each of them is looked at."""
    metadata = b",".join(b'"k%d":%d' % (number, number) for number in range(100_000))
    error = poison(b'{"post_id":"p","caption":"x","metadata":{%b}}' % metadata)
    assert (error.kind, str(error)) == ("not-a-post", "metadata: has too many entries")


@pytest.mark.parametrize("headers", [(), STRUCTURED], ids=["plain", "structured"])
def test_a_heap_of_elements_is_refused_before_it_is_parsed(headers: Headers) -> None:
    """A field that nobody reads can't take the process's memory either; a picture of the same size can come."""
    heap = b",".join([b"{}"] * 300_000)
    error = poison(b'{"post_id":"p","caption":"x","unknown":[%b]}' % heap, headers)
    assert (error.kind, str(error)) == ("too-large", "the value holds more than 500000 JSON elements")
    picture = base64.b64encode(b"\xff" * 1_000_000)
    assert isinstance(decode(record(b'{"post_id":"p","image":{"content":"%b"}}' % picture), LIMITS), Post)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(
    value=st.one_of(_mutated(), _json, st.binary(max_size=200), st.none()),
    headers=st.sampled_from([(), STRUCTURED, BINARY, (("content-type", b"\xff;"), ("ce_specversion", b"\xff"))]),
    key=st.none() | st.binary(max_size=4),
)
def test_nothing_else_ever_comes_out(value: bytes | None, headers: Headers, key: bytes | None) -> None:
    """Ten thousand damaged and made-up values: a post in clean UTF-8, a deletion, or a reason without content."""
    outcome = _outcome(record(value, headers, key))
    if isinstance(outcome, PoisonError):
        assert SECRET not in str(outcome)
        assert outcome.__cause__ is None
        assert outcome.__suppress_context__ or outcome.__context__ is None
    elif isinstance(outcome, Post):
        assert "\0" not in f"{outcome.post_id}{outcome.image_text}{outcome.caption}"
        assert Post.model_validate_json(outcome.model_dump_json().encode()) == outcome
    else:
        assert isinstance(outcome, Deletion)


def _outcome(one: Record) -> Post | Deletion | PoisonError:
    try:
        return decode(one, LIMITS)
    except PoisonError as error:
        return error
