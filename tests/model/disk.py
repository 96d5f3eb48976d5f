"""Tiny checkpoints and adapters as files, in the format in which real ones are released."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from safetensors import safe_open
from transformers import Qwen3VLForConditionalGeneration

from memelens.model.opening import EngineSpec

from .tiny import build_model, image_processor, tokenizer

BRIEF = {"name": "tiny", "prompt": "brief-1"}
LANGUAGE_LINEARS = r".*language_model.*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"


def spec(folder: Path, **values: Any) -> EngineSpec:
    """Settings for a checkpoint on the CPU in float32."""
    return EngineSpec(model=str(folder), device="cpu", dtype="float32").model_copy(update=values)


def write_checkpoint(
    folder: Path, manifest: Mapping[str, Any] | None = None, *, seed: int = 0, shard: str = "1GB"
) -> Path:
    """A folder as `save_pretrained` leaves it, with `memelens.json` beside the weights."""
    model = build_model(seed=seed)
    model.save_pretrained(folder, max_shard_size=shard)
    tokenizer().save_pretrained(folder)
    processor = image_processor()
    names = ("patch_size", "temporal_patch_size", "merge_size", "image_mean", "image_std")
    settings = {name: getattr(processor, name) for name in names}
    size = {"shortest_edge": 64 * 64, "longest_edge": 256 * 256}
    write(
        folder / "preprocessor_config.json", {**settings, "size": size, "image_processor_type": "Qwen2VLImageProcessor"}
    )
    write(folder / "memelens.json", BRIEF if manifest is None else manifest)
    return folder


def write(path: Path, content: object) -> None:
    """A JSON file."""
    path.write_text(json.dumps(content), encoding="utf-8")


def change(path: Path, **values: Any) -> None:
    """Set keys of a JSON file."""
    write(path, {**json.loads(path.read_text(encoding="utf-8")), **values})


def write_adapter(
    folder: Path, *, targets: str = LANGUAGE_LINEARS, base: Qwen3VLForConditionalGeneration | None = None
) -> Path:
    """A LoRA adapter as peft saves it, with weights that look trained."""
    generator = torch.Generator().manual_seed(7)
    adapted = get_peft_model(base or build_model(), LoraConfig(r=4, lora_alpha=8, target_modules=targets))
    with torch.no_grad():
        for name, value in adapted.named_parameters():
            if "lora_" in name:
                value.copy_(0.3 * torch.randn(value.shape, generator=generator))
    adapted.save_pretrained(folder)
    change(folder / "adapter_config.json", base_model_name_or_path="/where/it/lay/in/training")
    return folder


def merged_by_hand(adapter: Path) -> Qwen3VLForConditionalGeneration:
    """The base with `W + (alpha / r) B A` written into its weights, straight from the adapter's file."""
    model = build_model()
    weights = dict(model.named_parameters())
    with safe_open(adapter / "adapter_model.safetensors", "pt") as file, torch.no_grad():
        names = [name for name in file.keys() if name.endswith("lora_A.weight")]  # noqa: SIM118  no mapping
        assert names
        for name in names:
            up, down = file.get_tensor(name.replace("lora_A", "lora_B")), file.get_tensor(name)
            target = name.removeprefix("base_model.model.").replace(".lora_A.weight", ".weight")
            weights[target] += 2.0 * up @ down
    return model
