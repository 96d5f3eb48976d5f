"""A trained model as the checkpoint folder that serving loads: weights in half precision, tokenizer, manifest."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import PreTrainedTokenizerFast, Qwen3VLForConditionalGeneration

from ...model.manifest import FILE, Manifest
from .architecture import processor_settings

__all__ = ["save_checkpoint", "write_manifest"]

_TIED = "lm_head.weight"


def save_checkpoint(
    folder: Path, model: Qwen3VLForConditionalGeneration, tokenizer: PreTrainedTokenizerFast, manifest: Manifest
) -> None:
    """Write the folder anew; what was in it is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    tokenizer.save_pretrained(folder)
    settings = json.dumps(processor_settings(), indent=1)
    (folder / "preprocessor_config.json").write_text(settings + "\n", encoding="utf-8")
    model.config.architectures = [type(model).__name__]
    model.config.dtype = torch.float16
    model.config.save_pretrained(folder)
    weights = {name: value.half().contiguous() for name, value in model.state_dict().items() if name != _TIED}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)  # it comes readable by its writer only
    write_manifest(folder, manifest)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write `memelens.json`, what is left at its default left out; sets in order, so that files can be compared."""
    content = manifest.model_dump(mode="json", exclude_defaults=True)
    content["rationale_languages"] = sorted(manifest.rationale_languages)
    content["trained"] = {task: sorted(languages) for task, languages in manifest.trained.items()}
    (folder / FILE).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
