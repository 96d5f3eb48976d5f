"""`memelens.json`: what contradicts itself is refused in one line that names the key."""

import json

import pytest

from memelens.model.errors import CheckpointError
from memelens.model.manifest import LabelLanguage, Layout, Manifest, PromptVersion, Terminator
from memelens.taxonomy import TASKS, Language, Task, served_set


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"layout": "memelens"}, "layout memelens can't be asked with prompt full-1"),
        ({"prompt": "released-1"}, "layout shared-prefix can't be asked with prompt released-1"),
        ({"prompt": "full-2"}, "prompt: Input should be 'full-1', 'brief-1' or 'released-1'"),
        ({"prompt": "brief-1", "label_language": "native"}, "set label_language to en"),
        ({"terminator": "end-of-turn", "rationale_languages": ["en"]}, "set terminator to newline"),
        (
            {"layout": "memelens", "prompt": "released-1", "rationale_languages": ["en", "ar"]},
            "explains in English only",
        ),
        ({"rationale_languages": ["xx"]}, "rationale_languages"),
        ({"min_pixels": 10, "max_pixels": 5}, "min_pixels 10 is above max_pixels 5"),
        ({"max_pixels": 0}, "max_pixels"),
        ({"schema_version": 2}, "schema_version: Input should be 1"),
        ({"layuot": "memelens"}, "layuot: Extra inputs are not permitted"),
        ({"name": ""}, "name"),
        ({"trained": {"hatefull": ["en"]}}, "trained.hatefull"),
        ({"serve": {"humour": "humor"}}, "did you mean 'humor'"),
        ({"serve": {"humor/xx": "humor"}}, "unknown language 'xx'"),
        ({"serve": {"humor": "humor-binry"}}, "did you mean 'humor-binary'"),
        ({"serve": {"humor": "hateful"}}, "serve.humor: label set hateful answers hateful, not humor"),
        ({"calibration": {"sets": {"hatefull": {}}}}, "did you mean 'hateful'"),
        ({"calibration": {"sets": {"hateful/xx": {}}}}, "unknown language 'xx'"),
        ({"calibration": {"sets": {"hateful": {"bias": [1]}}}}, "calibration.hateful: 1 biases for the 2 labels"),
        ({"calibration": {"sets": {"hateful": {"temperature": 0}}}}, "temperature"),
    ],
)
def test_a_manifest_that_cannot_be_meant_is_refused(content: dict[str, object], says: str) -> None:
    """One line with the file, the key and what would be right."""
    with pytest.raises(CheckpointError) as caught:
        Manifest.parse(json.dumps({"name": "t", **content}), file="/there/memelens.json")
    assert says in str(caught.value)
    assert str(caught.value).startswith("/there/memelens.json: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", b"\xff\xfe", '"name"', "null"], ids=repr)
def test_what_is_no_json_object_is_refused(text: str | bytes) -> None:
    """A damaged file is named."""
    with pytest.raises(CheckpointError, match=r"memelens\.json: ") as caught:
        Manifest.parse(text, file="memelens.json")
    assert "\n" not in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    """Two wrong keys cost one try."""
    with pytest.raises(CheckpointError, match=r"layuot.*prompt|prompt.*layuot"):
        Manifest.parse('{"name": "t", "layuot": 1, "prompt": "full-0"}', file="memelens.json")


def test_defaults_are_those_of_a_checkpoint_trained_here() -> None:
    """A name is enough."""
    manifest = Manifest.parse('{"name": "t"}', file="memelens.json")
    assert manifest.layout is Layout.SHARED_PREFIX
    assert manifest.prompt is PromptVersion.FULL
    assert manifest.label_language is LabelLanguage.ENGLISH
    assert manifest.terminator is Terminator.NEWLINE
    assert not manifest.rationale_languages
    assert Manifest.parse(manifest.model_dump_json(), file="again") == manifest


@pytest.mark.parametrize("language", [*Language, None], ids=str)
def test_twenty_sets_are_asked_in_every_language(language: Language | None) -> None:
    """The taxonomy's, unless the checkpoint serves another set for a task, or for a task in a language."""
    plain = Manifest(name="t").asked_sets(language)
    assert plain == tuple(served_set(task, language) for task in TASKS)
    other = Manifest(name="t", serve={"humor": "humor-binary", "sarcasm/ar": "sarcasm"}).asked_sets(language)
    names = {one.task: one.name for one in other}
    assert names[Task.HUMOR] == "humor-binary"
    arabic = language in {Language.ARABIC, Language.BENGALI}  # Bengali by the taxonomy
    assert names[Task.SARCASM] == ("sarcasm" if arabic else "sarcasm-degree")


def test_extended_tasks_are_asked_where_they_were_trained() -> None:
    """Never otherwise."""
    manifest = Manifest(name="t", trained={Task.EMOTION: frozenset({Language.ENGLISH})})
    assert manifest.tasks == (*TASKS, Task.EMOTION)
    assert manifest.asked_sets(Language.ROMANIAN)[-1].name == "emotion-ro"
