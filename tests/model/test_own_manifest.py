"""`engine.manifest`: a file of one's own that stands above the checkpoint's."""

from pathlib import Path

import pytest

from memelens.model.checkpoint import load_checkpoint
from memelens.model.errors import CheckpointError
from memelens.model.manifest import Layout, PromptVersion
from memelens.model.opening import EngineSpec
from memelens.taxonomy import Language

from .disk import BRIEF, spec, write


def test_a_manifest_of_ones_own_stands_above_the_checkpoints(released: Path, tmp_path: Path) -> None:
    """What the checkpoint would refuse is served as the named file says, and under a key of its own."""
    own = tmp_path / "mine.json"
    write(own, {**BRIEF, "name": "mine", "rationale_languages": ["en"], "max_pixels": 300_000})
    found = load_checkpoint(spec(released, manifest=str(own), max_pixels=200_000))
    assert found.manifest.name == "mine"
    assert found.manifest.rationale_languages == {Language.ENGLISH}
    assert found.identity.scores_key != load_checkpoint(spec(released)).identity.scores_key


def test_a_copy_of_the_released_model_can_be_named(released: Path) -> None:
    """Without its hub id nothing tells what it is: `released` does, and it is asked as it was trained."""
    found = load_checkpoint(spec(released, manifest="released"))
    assert found.manifest.layout is Layout.MEMELENS
    assert found.manifest.prompt is PromptVersion.RELEASED


@pytest.mark.parametrize("content", [None, b"\xff", b"{}"], ids=["missing", "no text", "no manifest"])
def test_a_manifest_of_ones_own_that_is_none(released: Path, tmp_path: Path, content: bytes | None) -> None:
    """The file is named."""
    own = tmp_path / "mine.json"
    if content is not None:
        own.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"mine\.json"):
        load_checkpoint(spec(released, manifest=str(own)))


@pytest.mark.parametrize("place", ["~no-such-user/mine.json", "/no/such/mine.json", "."])
def test_a_place_without_a_manifest_is_said(released: Path, place: str) -> None:
    """A user who doesn't exist, a file that doesn't, a folder."""
    with pytest.raises(CheckpointError, match=r"engine\.manifest .*name a file like memelens\.json") as caught:
        load_checkpoint(spec(released, manifest=place))
    assert "\n" not in str(caught.value)


def test_the_demonstration_is_not_passed_off_as_another_model() -> None:
    """Whoever sets the manifest and forgets the model would publish a toy's verdicts under a real model's name."""
    with pytest.raises(CheckpointError, match=r"describes QCRI/MemeLens-VLM, but the model is the demonstration"):
        load_checkpoint(EngineSpec(device="cpu", manifest="released"))
