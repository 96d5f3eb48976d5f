"""CloudEvents 1.0 on Kafka: which mode a record is in, and the envelope of the structured one.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
"""

from enum import Enum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ..brokers.interface import Headers
from ..errors import PoisonError
from ..messages import Post
from .headers import last_header

__all__ = ["Mode", "StructuredEvent", "mode_of"]

_STRUCTURED = "application/cloudevents"


class Mode(Enum):
    """How a record carries its post."""

    PLAIN = "plain"
    STRUCTURED = "structured"
    BINARY = "binary"


class StructuredEvent(BaseModel):
    """The envelope of a post in structured mode; attributes and extensions that aren't used here are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, val_json_bytes="base64")

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    data: Post | None = None
    data_base64: bytes | None = None


def mode_of(headers: Headers) -> Mode:
    """Mode of a record by its headers; what is no CloudEvent is plain, whatever its content type.

    Raises:
        PoisonError: `not-a-post`, where the headers announce an event that can't hold one post in JSON.
    """
    if not headers:
        return Mode.PLAIN
    content_type = _media_type(last_header(headers, "content-type"))
    if content_type.startswith(_STRUCTURED):
        if content_type != f"{_STRUCTURED}+json":
            raise PoisonError(
                "not-a-post", "content-type announces CloudEvents in a batch or not in JSON: send each alone"
            )
        return Mode.STRUCTURED
    version = last_header(headers, "ce_specversion")
    if version is None:
        return Mode.PLAIN
    if version != b"1.0":
        raise PoisonError("not-a-post", "ce_specversion: must be 1.0")
    if content_type and not content_type.endswith(("/json", "+json")):
        raise PoisonError("not-a-post", "content-type of the CloudEvent must be application/json")
    return Mode.BINARY


def _media_type(value: bytes | None) -> str:
    """Media type without parameters, in lower case; empty where there is none."""
    return (value or b"").decode("latin-1").partition(";")[0].strip().casefold()
