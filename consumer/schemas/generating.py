"""Generates what is kept in this folder: a JSON Schema for each message and one AsyncAPI document.

A test compares the files with what is generated; after a change to the messages run
`python -m memelens.consumer.schemas.generating`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode

from ...taxonomy import Family
from ..messages import SCHEMA_VERSION, DeadLetterStub, Escalation, FamilyLabels, Flagged, Post, Verdict

__all__ = ["MESSAGES", "asyncapi", "documents", "json_schema"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SCHEMA_FORMAT = "application/schema+json;version=2020-12"


@dataclass(frozen=True, slots=True)
class _Topic:
    name: str
    message: str
    action: str
    description: str


MESSAGES: Mapping[str, type[BaseModel]] = {
    "post": Post,
    "verdict": Verdict,
    "family-labels": FamilyLabels,
    "flagged": Flagged,
    "escalation": Escalation,
    "dead-letter-stub": DeadLetterStub,
}
"""Messages by the name of their schema."""

_TOPICS = (
    _Topic(
        "memes.posts", "post", "receive", "Posts to judge; a record without a value deletes what is known of its key."
    ),
    _Topic("memes.verdicts", "verdict", "send", "Every verdict."),
    *(
        _Topic(f"memes.labels.{family}", "family-labels", "send", f"Labels and rationales of the {family} family.")
        for family in Family
    ),
    _Topic("memes.flagged", "flagged", "send", "What a person should look at."),
    _Topic("memes.escalations", "escalation", "send", "Matches of a screening list: references and hashes only."),
    _Topic(
        "memes.dead-letter",
        "dead-letter-stub",
        "send",
        "Records that can't be judged, byte for byte as they came, with the reason in headers; "
        "the stub stands for one that is too large for this topic.",
    ),
)


class _Plain(GenerateJsonSchema):
    """Pydantic's schemas without the titles that only repeat a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 - as the base class has it
        return False


def json_schema(message: str) -> dict[str, Any]:
    """JSON Schema (2020-12) of one of `MESSAGES`."""
    mode: JsonSchemaMode = "validation" if message == "post" else "serialization"
    schema = MESSAGES[message].model_json_schema(mode=mode, schema_generator=_Plain)
    return {"$schema": _DIALECT, "$id": f"urn:memelens:{message}:1", **schema}


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3.0 document of all topics under their usual names; payloads refer to the schema files beside it."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "MemeLens",
            "version": f"{SCHEMA_VERSION}.0.0",
            "description": "Meme posts in, verdicts on twenty moderation tasks out.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in _TOPICS},
        "operations": {f"{topic.action}.{topic.name}": _operation(topic) for topic in _TOPICS},
        "components": {
            "messages": {name: _message(name) for name in MESSAGES},
            "schemas": {"key": {"type": "string", "description": "The key of the post's record, else its post_id."}},
        },
    }


def documents() -> dict[str, str]:
    """Text of every file of this folder that is generated, by file name."""
    contents = {f"{name}.schema.json": json_schema(name) for name in MESSAGES} | {"asyncapi.json": asyncapi()}
    return {name: json.dumps(content, indent=2, ensure_ascii=False) + "\n" for name, content in contents.items()}


def _channel(topic: _Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": topic.description,
        "messages": {topic.message: {"$ref": f"#/components/messages/{topic.message}"}},
    }


def _operation(topic: _Topic) -> dict[str, Any]:
    channel = f"#/channels/{topic.name}"
    return {
        "action": topic.action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{topic.message}"}],
    }


def _message(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "summary": (MESSAGES[name].__doc__ or "").strip(),
        "contentType": "application/json",
        "payload": {"schemaFormat": _SCHEMA_FORMAT, "schema": {"$ref": f"./{name}.schema.json"}},
        "bindings": {"kafka": {"key": {"$ref": "#/components/schemas/key"}}},
    }


if __name__ == "__main__":
    for file_name, text in documents().items():
        Path(__file__).with_name(file_name).write_text(text, encoding="utf-8")
