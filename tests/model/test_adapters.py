"""LoRA adapters: merged when they are loaded, exact, and refused where they were made for another base."""

import shutil
from pathlib import Path

import pytest
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

from memelens.model.checkpoint import load_checkpoint
from memelens.model.engine import Meme, Scores
from memelens.model.errors import CheckpointError
from memelens.model.manifest import Manifest, PromptVersion
from memelens.model.packed_engine import PackedEngine
from memelens.taxonomy import Language

from .disk import LANGUAGE_LINEARS, change, merged_by_hand, spec, write, write_adapter, write_checkpoint
from .tiny import build_model, checkpoint, picture

MEME = Meme("Two teapots", "at sea", Language.ENGLISH, picture((128, 96), seed=1))
EVERYWHERE = r".*(language_model.*(q_proj|down_proj)|visual.*(qkv|linear_fc1|linear_fc2|attn\.proj))"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint under the adapters."""
    return write_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter on the language model's linears."""
    return write_adapter(tmp_path_factory.mktemp("adapters") / "judge")


@pytest.fixture
def copy(adapter: Path, tmp_path: Path) -> Path:
    """An adapter that a test may spoil."""
    return Path(shutil.copytree(adapter, tmp_path / "judge"))


def scores(engine: PackedEngine) -> tuple[float, ...]:
    """Scores of one meme."""
    (answer,) = engine.score([MEME])
    assert isinstance(answer, Scores)
    return answer.log_probabilities


@pytest.mark.parametrize("targets", [LANGUAGE_LINEARS, EVERYWHERE], ids=["language-model", "vision-too"])
def test_an_adapter_is_its_merged_weights(base: Path, tmp_path: Path, targets: str) -> None:
    """Scores are those of W + BA, also where the adapter reaches into the vision tower; the base's are others."""
    adapter = write_adapter(tmp_path / "adapter", targets=targets)
    expected = checkpoint(Manifest(name="t", prompt=PromptVersion.BRIEF), model=merged_by_hand(adapter))
    merged = scores(PackedEngine(expected, token_budget=4096, rationale_tokens=8))
    found = scores(PackedEngine.open(spec(base, adapter=str(adapter))))
    assert found == pytest.approx(merged, abs=1e-4)
    plain = scores(PackedEngine.open(spec(base)))
    assert max(abs(one - other) for one, other in zip(found, plain, strict=True)) > 0.1


def test_an_adapter_is_part_of_the_identity(base: Path, adapter: Path) -> None:
    """Name and revision are published."""
    identity = load_checkpoint(spec(base, adapter=str(adapter))).identity
    assert identity.adapter is not None
    assert identity.adapter.startswith("judge@")
    assert load_checkpoint(spec(base)).identity.adapter is None


def test_an_adapters_own_manifest_goes_first(base: Path, copy: Path) -> None:
    """What was trained says how it wants to be asked, whatever the base was trained for."""
    write(copy / "memelens.json", {"name": "judge", "prompt": "full-1", "rationale_languages": ["en"]})
    found = load_checkpoint(spec(base, adapter=str(copy))).manifest
    assert (found.name, found.prompt) == ("judge", PromptVersion.FULL)


def other_base() -> Qwen3VLForConditionalGeneration:
    """A wider model."""
    config = Qwen3VLConfig.from_dict(build_model().config.to_dict())
    config.text_config.intermediate_size = 96
    return Qwen3VLForConditionalGeneration(config)


def test_an_adapter_of_another_base_is_refused(base: Path, tmp_path: Path) -> None:
    """Weights of another shape are named by the library's first line."""
    adapter = write_adapter(tmp_path / "adapter", base=other_base())
    with pytest.raises(CheckpointError, match="give the base it was trained on") as caught:
        load_checkpoint(spec(base, adapter=str(adapter)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("file", "values", "says"),
    [
        ("adapter_config.json", {"peft_type": "IA3"}, "a IA3 adapter; only LORA is served"),
        ("adapter_config.json", {"target_modules": ["no_such_linear"]}, "give the base it was trained on"),
        ("adapter_config.json", {"target_modules": r".*language_model.*q_proj"}, "fit nothing"),
        ("adapter_config.json", {"target_modules": EVERYWHERE}, "weights are missing"),
        ("adapter_config.json", {"r": 8}, "give the base it was trained on"),
        ("adapter_config.json", {"r": "many"}, "give the base it was trained on"),
    ],
    ids=["kind", "targets", "fewer", "more", "rank", "senseless"],
)
def test_an_adapter_that_does_not_fit_is_refused(
    base: Path, copy: Path, file: str, values: dict[str, object], says: str
) -> None:
    """Nothing of an adapter is silently left out."""
    change(copy / file, **values)
    with pytest.raises(CheckpointError, match=says) as caught:
        load_checkpoint(spec(base, adapter=str(copy)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("gone", "says"),
    [
        (
            "adapter_model.safetensors",
            r"adapter_model\.safetensors is missing; adapters are served from safetensors only",
        ),
        ("adapter_config.json", r"adapter_config\.json is missing; give the folder that training wrote"),
    ],
)
def test_files_that_are_missing_are_named(base: Path, copy: Path, gone: str, says: str) -> None:
    """Weights or settings."""
    (copy / gone).unlink()
    with pytest.raises(CheckpointError, match=says):
        load_checkpoint(spec(base, adapter=str(copy)))


def test_a_truncated_adapter_is_refused(base: Path, copy: Path) -> None:
    """As weights are."""
    path = copy / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="download it again"):
        load_checkpoint(spec(base, adapter=str(copy)))
