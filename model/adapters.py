"""A LoRA adapter on top of a checkpoint, merged into its weights when it is loaded."""

import json
from typing import Any

from peft import PeftConfig, get_peft_model, set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import Qwen3VLForConditionalGeneration

from .checkpoint_files import CheckpointFiles, check_whole
from .errors import CheckpointError, first_line

__all__ = ["apply_adapter"]


def apply_adapter(model: Qwen3VLForConditionalGeneration, files: CheckpointFiles) -> Qwen3VLForConditionalGeneration:
    """The model with the adapter merged in.

    Raises:
        CheckpointError: no LoRA adapter, made for another model, or with weights that fit nothing.
    """
    settings = files.json("adapter_config.json", remedy="give the folder that training wrote")
    path = files.folder / "adapter_config.json"
    if settings.get("peft_type") != "LORA":
        raise CheckpointError(f"{path}: a {settings.get('peft_type')} adapter; only LORA is served")
    weights = files.folder / "adapter_model.safetensors"
    if not weights.is_file():
        raise CheckpointError(f"{weights} is missing; adapters are served from safetensors only")
    check_whole(weights)
    try:
        config = PeftConfig.from_pretrained(str(files.folder))
        config.base_model_name_or_path = None  # where it lay in training; peft would warn that it lies elsewhere now
        adapted = get_peft_model(model, config)
        found: Any = set_peft_model_state_dict(adapted, load_file(weights))
    except (ValueError, RuntimeError, TypeError, KeyError, json.JSONDecodeError) as error:
        said = first_line(error)
        raise CheckpointError(f"{path} doesn't fit the model ({said}); give the base it was trained on") from error
    missing = sorted(name for name in found.missing_keys if "lora_" in name)
    unexpected = sorted(found.unexpected_keys)
    if missing or unexpected:
        first = (missing or unexpected)[0]
        said = f"{len(missing)} weights are missing, {len(unexpected)} fit nothing, the first is {first}"
        raise CheckpointError(f"{weights}: {said}; give the base it was trained on")
    merged: Qwen3VLForConditionalGeneration = adapted.merge_and_unload()
    return merged
