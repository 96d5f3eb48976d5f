"""Why a value is no post, in words a person understands and without a word of its content."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from ..errors import PoisonError
from ..messages import SCHEMA_VERSION, Post, PostImage

__all__ = ["explain"]

# Only these may stand in a reason: any other part of a path is a key that somebody chose.
_FIELDS = frozenset(Post.model_fields) | frozenset(PostImage.model_fields) | {"data", "data_base64", "specversion"}
_ENVELOPE = frozenset({"id", "source", "type"})
_MOST = 3

# By pydantic's error types (https://docs.pydantic.dev/latest/errors/validation_errors/), whose texts may quote input.
_SENTENCES = {
    "bytes_invalid_encoding": "is not valid base64",
    "bytes_type": "must be a string of base64",
    "datetime_from_date_parsing": "is not a date and time (RFC 3339)",
    "datetime_object_invalid": "is not a date and time (RFC 3339)",
    "datetime_parsing": "is not a date and time (RFC 3339)",
    "datetime_type": "must be a string with a date and time (RFC 3339)",
    "dict_type": "must be an object",
    "greater_than_equal": "is too small",
    "image_source": "needs exactly one of content and uri",
    "int_type": "must be a whole number",
    "less_than": "is too large",
    "literal_error": "has a value that is not supported",
    "missing": "is missing",
    "model_type": "must be an object",
    "string_pattern_mismatch": "has characters or a form that is not allowed",
    "string_too_long": "is too long",
    "string_too_short": "is empty",
    "string_type": "must be a string",
    "too_long": "has too many entries",
}


def explain(error: ValidationError, value: bytes) -> PoisonError:
    """The dead letter's kind and reason for a value that pydantic refused."""
    problems = error.errors(include_url=False, include_input=False)
    types = {problem["type"] for problem in problems}
    if "json_invalid" in types:
        return PoisonError("not-json", _not_json(value, problems[0]["ctx"]["error"]))
    if any(problem["loc"][-1:] == ("schema_version",) and problem["type"] == "less_than_equal" for problem in problems):
        reason = f"schema_version is newer than {SCHEMA_VERSION}: upgrade memelens, then redrive"
        return PoisonError("future-schema", reason)
    if "nothing_to_judge" in types:
        return PoisonError("nothing-to-judge", "needs at least one of image, image_text and caption")
    sentences = [f"{_path(problem['loc'])}: {_sentence(problem['type'])}" for problem in problems[:_MOST]]
    more = f"; and {len(problems) - _MOST} more" if len(problems) > _MOST else ""
    return PoisonError("not-a-post", "; ".join(sentences) + more)


def _not_json(value: bytes, detail: str) -> str:
    if not value.strip():
        return "the value is empty"
    if value.startswith(b"\x00"):
        return "not JSON: it starts with a zero byte, as records of a schema registry do; produce plain JSON"
    return f"not JSON: {detail}"


def _path(location: Sequence[Any]) -> str:
    parts = [str(part) if _public(part, depth) else "…" for depth, part in enumerate(location)]
    return ".".join(parts) or "the value"


def _public(part: object, depth: int) -> bool:
    return isinstance(part, int) or part in _FIELDS or (depth == 0 and part in _ENVELOPE)


def _sentence(kind: str) -> str:
    return _SENTENCES.get(kind, "is not what it should be")
