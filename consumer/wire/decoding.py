"""From a record to a post: plain JSON, or a CloudEvent in structured or binary mode."""

import re
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from ..brokers.interface import Record
from ..errors import PoisonError
from ..messages import Post
from .cloudevents import Mode, StructuredEvent, mode_of
from .unreadable import explain

__all__ = ["DecodingLimits", "Deletion", "decode"]

_Message = TypeVar("_Message", bound=BaseModel)

_MOST_ELEMENTS = 500_000  # a post with everything in it has some two hundred
# NULs and surrogates behind an even number of backslashes (behind an odd one the `u` is only a letter).
_LOW = rb"[dD][c-fC-F][0-9a-fA-F]{2}"
_HIGH = rb"[dD][89abAB][0-9a-fA-F]{2}"
_ESCAPE = re.compile(
    rb"(?<!\\)(?P<even>(?:\\\\)*)\\u(?:0000|" + _LOW + rb"|" + _HIGH + rb"(?P<low>\\u" + _LOW + rb")?)"
)


@dataclass(frozen=True, slots=True)
class DecodingLimits:
    """Sizes in bytes: of a record's value, and of the picture in it after base64."""

    max_value_bytes: int = 32 * 1024 * 1024
    max_image_bytes: int = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Deletion:
    """A record without a value: forget the post. `post_id` is the key as text."""

    key: bytes
    post_id: str


def decode(record: Record, limits: DecodingLimits) -> Post | Deletion:
    r"""What a record says.

    `\\u0000` and lone surrogates in JSON strings become U+FFFD, so that every text is valid UTF-8 without NULs; of a
    field that occurs twice the last one counts.

    Raises:
        PoisonError: `not-json`, `not-a-post`, `future-schema`, `nothing-to-judge` or `too-large`; the reason names
            fields and types, never content.
    """
    if record.value is None:
        return _deletion(record)
    if len(record.value) > limits.max_value_bytes:
        raise PoisonError("too-large", f"the value has {len(record.value)} bytes, {limits.max_value_bytes} are allowed")
    post = _structured(record.value) if mode_of(record.headers) is Mode.STRUCTURED else _parse(Post, record.value)
    if post.image is not None and len(post.image.content or b"") > limits.max_image_bytes:
        raise PoisonError("too-large", f"the picture is larger than {limits.max_image_bytes} bytes")
    return post


def _deletion(record: Record) -> Deletion:
    if not record.key:
        raise PoisonError("not-a-post", "neither value nor key: nobody can tell which post to forget")
    return Deletion(record.key, record.key.decode("utf-8", "replace"))


def _structured(value: bytes) -> Post:
    event = _parse(StructuredEvent, value)
    if event.data is not None:
        return event.data
    if event.data_base64 is None:
        raise PoisonError("not-a-post", "data: is missing from the CloudEvent")
    return _parse(Post, event.data_base64)


def _parse(kind: type[_Message], value: bytes) -> _Message:
    _refuse_heaps(value)
    if value.startswith(b"\xef\xbb\xbf"):
        value = value[3:]
    if b"\\u0000" in value:
        value = _ESCAPE.sub(_repaired, value)
    try:
        return kind.model_validate_json(value)
    except ValidationError as error:
        if not _mentions_surrogates(error, value):
            # Without its cause: pydantic's error holds the input, and whoever prints it would print the post.
            raise explain(error, value) from None
    try:
        return kind.model_validate_json(_ESCAPE.sub(_repaired, value))
    except ValidationError as error:
        raise explain(error, value) from None


def _refuse_heaps(value: bytes) -> None:
    """The parser keeps all elements at once, those of unknown fields too: 32 MB of `{},` would take a gigabyte."""
    if len(value) > _MOST_ELEMENTS and sum(map(value.count, (b"{", b"[", b","))) > _MOST_ELEMENTS:
        raise PoisonError("too-large", f"the value holds more than {_MOST_ELEMENTS} JSON elements")


def _mentions_surrogates(error: ValidationError, value: bytes) -> bool:
    return error.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid" and (
        b"\\ud" in value or b"\\uD" in value
    )


def _repaired(escape: re.Match[bytes]) -> bytes:
    return escape[0] if escape["low"] is not None else escape["even"] + rb"\ufffd"
