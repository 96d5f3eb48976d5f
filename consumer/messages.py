"""What is written on the topics: the post that comes in, and everything that goes out.

Inputs are read strictly (a number is no string) but ignore fields they don't know. Outputs may gain fields, tasks and
routes, and never lose or change one. docs/wire.md tells the whole story; `consumer/schemas/` holds the JSON Schemas.
"""

import base64
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from ..taxonomy import Family

__all__ = [
    "SCHEMA_VERSION",
    "ContentMessage",
    "DeadLetterStub",
    "Escalation",
    "Evidence",
    "FamilyLabels",
    "Flagged",
    "LabelVerdict",
    "ModelMessage",
    "PolicyMessage",
    "Post",
    "PostImage",
    "RationaleMessage",
    "Route",
    "Run",
    "SourceMessage",
    "Verdict",
]

SCHEMA_VERSION = 1
"""Version of every message here. A post with a higher one is refused, since it may mean something else."""

Evidence = Literal["trained", "transferred"]
"""Whether the model saw labelled rows of that task in that language."""
Route = Literal["allow", "review", "act", "escalate"]
Run = Literal["live", "replay", "redrive"]

_MOST_METADATA = 64
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_Probability = Annotated[float, Field(ge=0, le=1)]


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _given(field: str, **more: str) -> JsonDict:
    """JSON Schema for: this field is there and not null."""
    return {"required": [field], "properties": {field: {"not": {"type": "null"}, **more}}}


def _few(metadata: object) -> object:
    """Pydantic counts after it has checked every entry: the errors of a million wrong ones would take gigabytes."""
    if isinstance(metadata, dict) and len(metadata) > _MOST_METADATA:
        raise PydanticCustomError("too_long", "has too many entries")
    return metadata


def _whole(number: object) -> object:
    """JSON knows one kind of number, and JSON Schema calls 1.0 an integer: some producers write it so."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


class _Input(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, val_json_bytes="base64", use_attribute_docstrings=True)


class _Part(BaseModel):
    # What is written is always written whole, so the schemas require every field.
    model_config = ConfigDict(
        frozen=True, use_attribute_docstrings=True, json_schema_serialization_defaults_required=True
    )


class _Output(_Part):
    schema_version: Annotated[int, Field(ge=1)] = SCHEMA_VERSION
    """Version of this message; 1 until a field changes its meaning, which needs a new topic."""


class PostImage(_Input):
    """The picture of a post: `content`, or `uri` with an optional `sha256`."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [_given("content"), _given("uri")]})

    # Pydantic's own writer uses the URL-safe alphabet, which many strict readers refuse.
    content: (
        Annotated[
            bytes,
            PlainSerializer(_base64, when_used="json"),
            WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
        ]
        | None
    ) = None
    """The compressed file (JPEG, PNG, WEBP, GIF, …) in base64, with or without padding, either alphabet."""
    uri: Annotated[str, StringConstraints(min_length=1, max_length=4096)] | None = None
    """Where the file lies: `s3://bucket/key`, `https://…` or `file:…`, as far as the consumer may fetch it."""
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$")] | None = None
    """SHA-256 of the file, in hexadecimal; a picture that differs is not judged."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.content is None) == (self.uri is None):
            raise PydanticCustomError("image_source", "needs exactly one of content and uri")
        return self


class Post(_Input):
    """A meme post: at least one of `image`, `image_text` and `caption`."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [_given("image"), _given("image_text", pattern=r"\S"), _given("caption", pattern=r"\S")]
        }
    )

    schema_version: Annotated[int, Field(ge=1, le=SCHEMA_VERSION), BeforeValidator(_whole)] = SCHEMA_VERSION
    """Missing means 1."""
    post_id: Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]*$")]
    """The post's name where it comes from; without control characters."""
    tenant: Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")] = "default"
    """Whose post it is: part of the verdict's id, of cache keys and of every output."""
    revision: Annotated[int, Field(ge=0, lt=2**63), BeforeValidator(_whole)] | None = None
    """Counts edits of the same post; without it the record's timestamp tells revisions apart."""
    language: Annotated[str, StringConstraints(max_length=255)] | None = None
    """BCP-47 tag of the text; guessed where it is missing."""
    posted_at: datetime | None = None
    """When it was posted (RFC 3339; without an offset it is UTC)."""
    image: PostImage | None = None
    """The picture."""
    image_text: str | None = None
    """The text in the picture, where upstream read it."""
    caption: str | None = None
    """What the author wrote beside the picture."""
    metadata: Annotated[
        dict[Annotated[str, StringConstraints(max_length=128)], Annotated[str, StringConstraints(max_length=1024)]],
        Field(max_length=_MOST_METADATA),
        BeforeValidator(_few),
    ] = {}
    """Passed through to the verdict; at most 64 entries of 128 and 1,024 characters."""

    @model_validator(mode="after")
    def _something_to_judge(self) -> Self:
        if self.image is None and not (self.image_text or "").strip() and not (self.caption or "").strip():
            raise PydanticCustomError("nothing_to_judge", "needs at least one of image, image_text and caption")
        return self


class SourceMessage(_Part):
    """The record that the post was read from."""

    topic: str
    """Topic of the post."""
    partition: int
    """Partition in it."""
    offset: int
    """Offset in that."""
    timestamp: datetime
    """Time of the record, as the broker has it (RFC 3339, UTC)."""


class ContentMessage(_Part):
    """What was judged, by hash."""

    image_sha256: _Sha256 | None = None
    """Of the original bytes of the picture; null without one."""
    text_sha256: _Sha256 | None = None
    """Of image text and caption, as far as they were judged (normalised to NFC and capped)."""
    image_uri: str | None = None
    """Where the picture was fetched from; null for an inline one."""


class LabelVerdict(_Part):
    """The answer to one task."""

    family: Family
    """What the task asks about."""
    label_set: str
    """Name of the label set that it was answered with."""
    label: str
    """The most probable label."""
    probabilities: dict[str, _Probability]
    """Calibrated probability of every label of the set; they sum to 1 unless several may hold at once."""
    score: _Probability
    """Sum over the labels that flag (the largest of them where several may hold)."""
    flagged: bool
    """Whether the score reaches the policy's threshold for this task and language; may disagree with `label`."""
    abstained: bool
    """The most probable label leads the next by less than the policy's margin; says nothing about `flagged`."""
    evidence: Evidence
    """`trained` where the model saw labelled rows of that task in that language."""


class RationaleMessage(_Part):
    """Why a label was given, in one language."""

    task: str
    """Task that it explains."""
    label: str
    """Label that it explains."""
    language: str
    """Language it is written in."""
    text: str
    """Written by the model: to be read by a person, never to be acted on by a program."""


class ModelMessage(_Part):
    """The model that judged."""

    name: str
    """Repository or name of the checkpoint."""
    revision: str
    """Commit or content digest of the checkpoint."""
    adapter: str | None = None
    """Revision of the LoRA adapter on it."""
    layout: str
    """How memes and questions are laid out for it."""
    calibration: str
    """Digest of the calibration."""
    demonstration: bool = False
    """The toy model of the package judged: it knows nothing of the real world."""


class PolicyMessage(_Part):
    """The policy that turned scores into a verdict."""

    name: str
    """Its name."""
    digest: str
    """Hash of its content."""


class _Judged(_Output):
    verdict_id: str
    """The same for a redelivered post, another one where post, content, model or policy changed."""
    post_id: str
    """The post's own id."""
    tenant: str = "default"
    """Whose post it is."""
    judged_at: datetime
    """When (RFC 3339, UTC)."""
    run: Run = "live"
    """Whether it was judged as it came, in a replay, or from a redriven dead letter."""
    supersedes: str | None = None
    """Verdict that this one replaces, where it is known."""
    language: str
    """Primary language subtag; `und` where nothing could be guessed."""
    language_supported: bool
    """Whether it is one of the nine that the model was trained in."""
    language_guessed: bool = False
    """The post didn't say it."""
    source: SourceMessage
    """Where the post was read."""
    content: ContentMessage
    """What was judged."""
    labels: dict[str, LabelVerdict]
    """By task."""
    rationales: list[RationaleMessage] = []
    """Why, as far as the policy asks for it."""
    flagged: bool
    """Any of the labels is flagged."""
    model: ModelMessage
    """Who judged."""
    policy: PolicyMessage
    """By which rules."""
    cached: bool = False
    """The scores came from the cache."""


class Verdict(_Judged):
    """Everything that is said about a post: `labels` holds all twenty tasks."""

    route: Route
    """What the policy wants done with the post."""
    priority: _Probability
    """Largest weight times score over the flagged tasks; 0 where none is."""
    metadata: dict[str, str] = {}
    """The post's own."""


class FamilyLabels(_Judged):
    """The labels of one family; `flagged` and `rationales` are about these only."""

    family: Family
    """Whose labels these are."""


class Flagged(_Judged):
    """What a person should look at. `labels` holds the flagged tasks: none where only a rule of the policy sent it."""

    route: Route
    """What the policy wants done with the post."""
    priority: _Probability
    """Largest weight times score over the flagged tasks."""
    posted_at: datetime | None = None
    """When it was posted."""
    metadata: dict[str, str] = {}
    """The post's own."""


class Escalation(_Output):
    """A match of a screening list: a reference and hashes, never content."""

    escalation_id: str
    """The same for a redelivered post."""
    post_id: str
    """The post's own id."""
    tenant: str = "default"
    """Whose post it is."""
    matched_at: datetime
    """When (RFC 3339, UTC)."""
    source: SourceMessage
    """Where the post was read."""
    content: ContentMessage
    """What matched, by hash."""
    list_name: str
    """Name of the list."""
    list_digest: str
    """Hash of the list as it was."""


class DeadLetterStub(_Output):
    """Stands for a record that its dead-letter topic couldn't take whole."""

    topic: str
    """Topic of the record."""
    partition: int
    """Partition in it."""
    offset: int
    """Offset in that."""
    key_bytes: int | None
    """Length of its key; null without one."""
    key_sha256: _Sha256 | None
    """Of the key."""
    value_bytes: int
    """Length of its value."""
    value_sha256: _Sha256
    """Of the value."""
    headers_bytes: int
    """Length of its headers, names and values."""
