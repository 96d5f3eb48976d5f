"""Loading real files: what fits is served exactly, what doesn't is refused in one line that says what to do."""

import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from memelens.model.checkpoint import load_checkpoint
from memelens.model.engine import Meme, Scores
from memelens.model.errors import CheckpointError
from memelens.model.manifest import Layout, Manifest, PromptVersion
from memelens.model.opening import EngineSpec
from memelens.model.packed_engine import PackedEngine
from memelens.taxonomy import Language

from .disk import BRIEF, change, spec, write, write_adapter, write_checkpoint
from .tiny import checkpoint, picture

MEME = Meme("Two teapots", "at sea", Language.ENGLISH, picture((128, 96), seed=1))


Spoil = Callable[[Path], object]


def scores(engine: PackedEngine) -> tuple[float, ...]:
    """Scores of one meme."""
    (answer,) = engine.score([MEME])
    assert isinstance(answer, Scores)
    return answer.log_probabilities


def test_files_answer_as_the_model_that_was_saved(released: Path, tmp_path: Path) -> None:
    """One weight file or many shards: the scores of the model in memory."""
    manifest = Manifest(name="tiny", prompt=PromptVersion.BRIEF)
    expected = scores(PackedEngine(checkpoint(manifest), token_budget=4096, rationale_tokens=8))
    sharded = write_checkpoint(tmp_path / "sharded", shard="200KB")
    assert len(list(sharded.glob("*.safetensors"))) > 1
    for place in (released, sharded):
        assert scores(PackedEngine.open(spec(place))) == pytest.approx(expected, abs=1e-5)


def test_a_checkpoint_is_described(folder: Path) -> None:
    """Name, layout, evidence, rationale languages and calibration are those of its manifest."""
    write(
        folder / "memelens.json",
        {
            **BRIEF,
            "name": "teapots",
            "trained": {"hateful": ["ar"]},
            "rationale_languages": ["en"],
            "demonstration": True,
        }
        | {"calibration": {"sets": {"hateful": {"temperature": 2}}}},
    )
    found = PackedEngine.open(spec(folder)).description
    assert found.identity.name == "teapots"
    assert found.identity.layout == Layout.SHARED_PREFIX
    assert found.identity.adapter is None
    assert found.trained == {"hateful": {Language.ARABIC}}
    assert found.rationale_languages == {Language.ENGLISH}
    assert found.demonstration
    assert found.calibration.of("hateful", None).temperature == 2
    assert found.device == "cpu"


@pytest.mark.parametrize(("dtype", "expected"), [("auto", torch.float32), ("bfloat16", torch.bfloat16)])
def test_the_dtype_is_what_was_asked_for(released: Path, dtype: str, expected: torch.dtype) -> None:
    """On a CPU auto is float32."""
    assert load_checkpoint(spec(released, dtype=dtype)).model.dtype is expected


def test_a_checkpoint_without_a_manifest_is_a_base_model(folder: Path) -> None:
    """It is asked in the full prompt, its prior removed, and nothing of it is trained evidence."""
    (folder / "memelens.json").unlink()
    found = load_checkpoint(spec(folder)).manifest
    assert (found.name, found.prompt, found.remove_prior) == ("tiny", PromptVersion.FULL, True)
    assert not found.trained
    with_adapter = load_checkpoint(spec(folder, adapter=str(write_adapter(folder.parent / "adapter")))).manifest
    assert not with_adapter.remove_prior


def remove(*names: str) -> Spoil:
    """Deletes files."""

    def spoil(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return spoil


def setting(file: str, **values: Any) -> Spoil:
    """Sets keys of a JSON file."""
    return lambda folder: change(folder / file, **values)


def content(file: str, data: bytes) -> Spoil:
    """Overwrites a file."""
    return lambda folder: (folder / file).write_bytes(data)


def pickled(folder: Path) -> None:
    """Leaves weights in a format that can run code."""
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def truncated(folder: Path) -> None:
    """A copy that was interrupted."""
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


def weight_missing(folder: Path) -> None:
    """A file that is whole, but of another architecture by one weight."""
    path = folder / "model.safetensors"
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    name = next(name for name in header if name.endswith("q_proj.weight"))
    header[name.replace("q_proj", "z_proj")] = header.pop(name)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + length :])


def shard_missing(folder: Path) -> None:
    """An index that names a file that isn't there."""
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    write(folder / "model.safetensors.index.json", index)


def index(weights: object) -> Spoil:
    """An index in place of the weights."""

    def spoil(folder: Path) -> None:
        (folder / "model.safetensors").unlink()
        write(folder / "model.safetensors.index.json", {"weight_map": weights})

    return spoil


def merging_tokenizer(folder: Path) -> None:
    """A tokenizer that joins a colon and the blank after it."""
    path = folder / "tokenizer.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    last = "".join(data["model"]["merges"].pop())
    data["model"]["vocab"][":Ġ"] = data["model"]["vocab"].pop(last)
    data["model"]["merges"].insert(0, [":", "Ġ"])
    data["pre_tokenizer"] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    write(path, data)


REFUSED = {
    "no-config": (remove("config.json"), r"config\.json is missing; give a folder with a Qwen3-VL checkpoint"),
    "config-no-json": (content("config.json", b"{"), r"config\.json is no JSON"),
    "config-list": (content("config.json", b"[]"), r"config\.json is no JSON object"),
    "config-binary": (content("config.json", b"\xff\xfe"), r"config\.json is no JSON"),
    "config-senseless": (setting("config.json", text_config=3), r"config\.json: "),
    "mixture": (setting("config.json", model_type="qwen3_vl_moe"), "a mixture of experts; give a dense"),
    "older": (setting("config.json", model_type="qwen2_5_vl"), "a Qwen2.5-VL model; give a dense"),
    "other": (setting("config.json", model_type="llava"), "of type llava; give a dense Qwen3-VL"),
    "quantised": (setting("config.json", quantization_config={"quant_method": "fp8"}), "quantised"),
    "thinking": (setting("config.json", _name_or_path="Qwen/Qwen3-VL-8B-Thinking"), "use the Instruct one"),
    "no-weights": (remove("model.safetensors"), r"has no model\.safetensors; copy the weights there"),
    "pickle": (pickled, r"only pytorch_model\.bin, which could run code; convert it to safetensors"),
    "truncated": (truncated, "download it again"),
    "no-safetensors": (content("model.safetensors", b"PK\x03\x04 and so on"), "truncated or no safetensors file"),
    "empty-weights": (content("model.safetensors", b""), "truncated or no safetensors file"),
    "weight-missing": (weight_missing, "config.json and weights must belong together"),
    "index-list": (index([]), r"index\.json names no weights; download it again"),
    "index-empty": (index({}), r"index\.json names no weights; download it again"),
    "index-numbers": (index({"a": 3}), r"index\.json names no weights; download it again"),
    "shard-missing": (shard_missing, r"model-00002-of-00002\.safetensors is missing; the index names it"),
    "deeper-config": (
        lambda folder: change(
            folder / "config.json",
            text_config={**json.loads((folder / "config.json").read_text())["text_config"], "num_hidden_layers": 5},
        ),
        "weights are missing, the first is .*layers.4",
    ),
    "wider-config": (
        lambda folder: change(
            folder / "config.json",
            text_config={**json.loads((folder / "config.json").read_text())["text_config"], "intermediate_size": 96},
        ),
        r"model\.safetensors",
    ),
    "small-vocabulary": (
        lambda folder: change(
            folder / "config.json",
            text_config={**json.loads((folder / "config.json").read_text())["text_config"], "vocab_size": 300},
        ),
        r"507 tokens, config\.json has 300",
    ),
    "image-token": (setting("config.json", image_token_id=3), r"<\|image_pad\|> is \d+, config\.json has 3"),
    "no-tokenizer": (remove("tokenizer.json", "tokenizer_config.json"), r"tokenizer\.json is missing; copy it"),
    "damaged-tokenizer": (content("tokenizer.json", b"{}"), r"tokenizer\.json can't be read"),
    "merging-tokenizer": (merging_tokenizer, "isn't tokenised as its beginning is"),
    "no-processor": (remove("preprocessor_config.json"), r"preprocessor_config\.json is missing"),
    "processor-lacks": (content("preprocessor_config.json", b"{}"), r"lacks patch_size, merge_size"),
    "processor-contradicts": (
        setting("preprocessor_config.json", patch_size=14),
        r"patch_size is 14, config\.json has 16; they must agree",
    ),
    "processor-time": (
        setting("preprocessor_config.json", temporal_patch_size=1),
        r"temporal_patch_size is 1, config\.json has 2; they must agree",
    ),
    "processor-words": (setting("preprocessor_config.json", size={"longest_edge": "big"}), "no longest_edge and"),
    "processor-less": (setting("preprocessor_config.json", size={"shortest_edge": -3}), "no longest_edge and"),
    "processor-size": (setting("preprocessor_config.json", size=3), "size is 3, no longest_edge"),
    "layout": (setting("memelens.json", layout="memelens"), "can't be asked with prompt brief-1"),
    "prompt": (setting("memelens.json", prompt="brief-9"), r"memelens\.json: prompt: Input should be"),
    "manifest-latin": (content("memelens.json", b'{"name": "Caf\xe9"}'), r"memelens\.json can't be read as UTF-8"),
    "manifest": (content("memelens.json", b"name: tiny"), r"memelens\.json: Invalid JSON"),
}


@pytest.mark.parametrize(("spoil", "says"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_served_is_refused(folder: Path, spoil: Spoil, says: str) -> None:
    """One line that names the file and the remedy."""
    spoil(folder)
    with pytest.raises(CheckpointError, match=says) as caught:
        load_checkpoint(spec(folder))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


def test_a_folder_in_place_of_a_file_is_said(folder: Path) -> None:
    """What can't be read for another reason than being absent is told apart."""
    (folder / "config.json").unlink()
    (folder / "config.json").mkdir()
    with pytest.raises(CheckpointError, match=r"config\.json can't be read"):
        load_checkpoint(spec(folder))


@pytest.mark.parametrize("name", ["Qwen3-VL-8B-Thinking", "qwen3-vl-4b-thinking-fp8"])
def test_thinking_variants_are_known_by_their_name(released: Path, tmp_path: Path, name: str) -> None:
    """Their configuration is that of the Instruct ones."""
    with pytest.raises(CheckpointError, match=f"{name}: Thinking variants don't answer with a label"):
        load_checkpoint(spec(Path(shutil.copytree(released, tmp_path / name))))


@pytest.mark.parametrize(
    "place", ["/no/such/folder", "./none", "~/no-such-folder", "~no-such-user/x", "a folder", "a/b/c"]
)
def test_a_place_that_is_none_is_said(place: str) -> None:
    """Neither a folder nor a hub id."""
    with pytest.raises(CheckpointError, match="no such folder, and no hub id like org/name"):
        load_checkpoint(EngineSpec.model_construct(model=place, adapter=None))


def test_an_adapter_that_is_nowhere_is_called_an_adapter(released: Path) -> None:
    """Not a model: the setting to mend is another one."""
    with pytest.raises(CheckpointError, match="adapter '/no/such/folder': no such folder"):
        load_checkpoint(spec(released, adapter="/no/such/folder"))


def test_settings_that_do_not_fit_are_refused(released: Path) -> None:
    """More pixels than the checkpoint takes, a GPU that isn't there."""
    with pytest.raises(CheckpointError, match=r"above the checkpoint's own cap; set 65536 or less"):
        load_checkpoint(spec(released, max_pixels=65_537))
    assert load_checkpoint(spec(released, max_pixels=5000)).patches.settings["size"]["longest_edge"] == 5000
    if not torch.cuda.is_available():
        with pytest.raises(CheckpointError, match="this torch sees no GPU; set device to auto or cpu"):
            load_checkpoint(spec(released, device="cuda:0"))
