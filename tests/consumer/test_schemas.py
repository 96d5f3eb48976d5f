"""The schema files: they are what the code says, and they say what the code does."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memelens.consumer.brokers.interface import Partition, Record
from memelens.consumer.errors import PoisonError
from memelens.consumer.messages import (
    ContentMessage,
    FamilyLabels,
    Flagged,
    LabelVerdict,
    ModelMessage,
    PolicyMessage,
    RationaleMessage,
    SourceMessage,
    Verdict,
)
from memelens.consumer.schemas.generating import MESSAGES, asyncapi, documents, json_schema
from memelens.consumer.wire.decoding import DecodingLimits, decode
from memelens.taxonomy import TASKS, Family, family_of

NOW = datetime(2026, 11, 1, 10, 0, tzinfo=UTC)
POST_SCHEMA = jsonschema.Draft202012Validator(json_schema("post"))


@pytest.mark.parametrize("name", sorted(documents()))
def test_the_files_are_what_the_messages_say(name: str) -> None:
    """After a change to the messages: `python -m memelens.consumer.schemas.generating`."""
    kept = resources.files("memelens.consumer.schemas").joinpath(name).read_text(encoding="utf-8")
    assert kept == documents()[name]


def test_no_file_is_left_over() -> None:
    """What is no longer generated is no longer shipped."""
    kept = {file.name for file in resources.files("memelens.consumer.schemas").iterdir() if file.name.endswith(".json")}
    assert kept == set(documents())


@pytest.mark.parametrize("message", MESSAGES)
def test_every_schema_is_valid_and_explains_its_fields(message: str) -> None:
    """JSON Schema 2020-12, and each field of ours has a sentence."""
    schema = json_schema(message)
    jsonschema.Draft202012Validator.check_schema(schema)
    for part in [schema, *schema.get("$defs", {}).values()]:
        for field, content in part.get("properties", {}).items():
            assert content.get("description"), f"{part['title']}.{field}"


EXAMPLES: list[dict[str, Any]] = [
    {"post_id": "p", "caption": "hello"},
    {"post_id": "p", "image_text": "hello", "schema_version": 1, "tenant": "t", "revision": 0, "language": "tr"},
    {"post_id": "p", "image": {"content": "iVBORw0="}, "metadata": {"a": "b"}},
    {"post_id": "p", "image": {"uri": "s3://a/b", "sha256": "ab" * 32}, "posted_at": "2026-11-01T10:00:00Z"},
    {"post_id": "p", "caption": "hello", "image": None, "unknown": [1]},
    {"post_id": "p"},
    {"post_id": "p", "caption": None},
    {"post_id": "p", "caption": " \n"},
    {"post_id": "", "caption": "hello"},
    {"post_id": "a\u0007b", "caption": "hello"},
    {"post_id": 7, "caption": "hello"},
    {"caption": "hello"},
    {"post_id": "p", "caption": "hello", "schema_version": 2},
    {"post_id": "p", "caption": "hello", "revision": -1},
    {"post_id": "p", "caption": "hello", "revision": 3.0, "schema_version": 1.0},
    {"post_id": "p", "caption": "hello", "revision": 3.5},
    {"post_id": "p", "caption": "hello", "revision": 1e300},
    {"post_id": "p", "caption": "hello", "revision": True},
    {"post_id": "p", "caption": "hello", "metadata": {"a": 1}},
    {"post_id": "p", "caption": "hello", "metadata": {"a" * 129: "b"}},
    {"post_id": "p", "image": {}},
    {"post_id": "p", "image": {"uri": "x", "content": "iVBORw0="}},
    {"post_id": "p", "image": {"uri": "x", "sha256": "short"}},
]


def agree(post: dict[str, Any]) -> bool:
    """Whether schema and decoder say the same of a post."""
    try:
        decode(Record(Partition("memes.posts", 0), 0, None, json.dumps(post).encode()), DecodingLimits())
    except PoisonError:
        return not POST_SCHEMA.is_valid(post)
    return POST_SCHEMA.is_valid(post)


@pytest.mark.parametrize("post", EXAMPLES)
def test_schema_and_decoder_agree(post: dict[str, Any]) -> None:
    """A producer who validates with the schema is never surprised."""
    assert agree(post)


_names = st.sampled_from(
    ["post_id", "tenant", "revision", "language", "image", "image_text", "caption", "metadata", "x"]
)
_plain = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2**64)
    | st.integers(-2, 3).map(float)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="ascii", categories=["L", "N"]))
)
_values = (
    _plain | st.dictionaries(st.sampled_from(["uri", "sha256", "a"]), _plain, max_size=3) | st.lists(_plain, max_size=2)
)


@given(st.dictionaries(_names, _values).map(lambda some: {"post_id": "p", **some}))
def test_schema_and_decoder_agree_on_made_up_posts(post: dict[str, Any]) -> None:
    """The same for anything a generator can think of."""
    assert agree(post)


def references(node: Any) -> Iterator[str]:
    """All `$ref` of a document."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    """Inside the document or to a schema file beside it."""
    document = asyncapi()
    found = list(references(document))
    assert found
    for reference in found:
        if reference.startswith("./"):
            assert reference[2:] in documents()
            continue
        node: Any = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
        assert node


def label(task: str, *, flagged: bool) -> LabelVerdict:
    """An answer."""
    return LabelVerdict(
        family=Family.HARM,
        label_set=task,
        label="yes",
        probabilities={"no": 0.25, "yes": 0.75},
        score=0.75,
        flagged=flagged,
        abstained=False,
        evidence="trained",
    )


def judged(**more: Any) -> dict[str, Any]:
    """What all three kinds of verdict say."""
    return {
        "verdict_id": "v",
        "post_id": "p",
        "judged_at": NOW,
        "language": "ar",
        "language_supported": True,
        "source": SourceMessage(topic="memes.posts", partition=3, offset=17, timestamp=NOW),
        "content": ContentMessage(image_sha256="ab" * 32, text_sha256="cd" * 32),
        "labels": {task.value: label(task.value, flagged=True) for task in TASKS if family_of(task) is Family.HARM},
        "rationales": [RationaleMessage(task="hateful", label="yes", language="en", text="because")],
        "flagged": True,
        "model": ModelMessage(name="m", revision="r", layout="l", calibration="c"),
        "policy": PolicyMessage(name="default", digest="d"),
    } | more


@pytest.mark.parametrize(
    ("message", "value"),
    [
        ("verdict", Verdict(**judged(route="review", priority=0.5))),
        ("family-labels", FamilyLabels(**judged(family="harm"))),
        ("flagged", Flagged(**judged(route="act", priority=1.0, posted_at=NOW))),
    ],
)
def test_what_is_written_satisfies_its_schema(message: str, value: Verdict | FamilyLabels | Flagged) -> None:
    """Every field is written, also where it is empty, and readers that check get no surprise."""
    written = json.loads(value.model_dump_json())
    schema = json_schema(message)
    jsonschema.validate(written, schema, cls=jsonschema.Draft202012Validator)
    assert set(schema["required"]) == set(schema["properties"]) == set(written)
