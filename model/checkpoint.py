"""Loading a checkpoint: everything that can be checked is checked, and what is wrong is said in one line.

Safetensors only, no code of the checkpoint is run, dense Qwen3-VL Instruct models only.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoTokenizer, PreTrainedTokenizerBase, Qwen3VLConfig, Qwen3VLForConditionalGeneration
from transformers.utils import logging

from ..taxonomy import Language, published_cells
from .adapters import apply_adapter
from .checkpoint_files import DEMONSTRATION, CheckpointFiles, find_checkpoint, find_weights, local_path
from .engine import ModelIdentity
from .errors import CheckpointError, first_line
from .manifest import FILE, Layout, Manifest, PromptVersion
from .opening import EngineSpec
from .patch_projection import project_patches
from .picture_patches import PatchMaker, PixelBounds
from .prompt import MOST_TEXT_TOKENS, Plan, Prompt
from .shared_heads import share_heads
from .tokens import Vocabulary

__all__ = ["Checkpoint", "load_checkpoint"]

RELEASED = "QCRI/MemeLens-VLM"
_RELEASED_MANIFEST = "released"
"""Says of a local copy of that model what it is; by its hub id it is known anyway."""
_MOST_PIXELS = 1_003_520
"""What the released model was trained with: 980 image tokens."""
_SCORES_SCHEMA = 1
"""Raised when this project's own arithmetic changes scores."""
_REFUSED = {
    "qwen3_vl_moe": "a mixture of experts",
    "qwen2_5_vl": "a Qwen2.5-VL model",
    "qwen2_vl": "a Qwen2-VL model",
}


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A loaded model with everything that shapes what it is asked."""

    model: Qwen3VLForConditionalGeneration
    manifest: Manifest
    vocabulary: Vocabulary
    prompt: Prompt
    patches: PatchMaker
    identity: ModelIdentity


def load_checkpoint(spec: EngineSpec) -> Checkpoint:
    """Load model, tokenizer, image processor and manifest, and the adapter where there is one.

    Raises:
        CheckpointError: names the file or setting that is wrong, and the remedy.
    """
    files = find_checkpoint(spec.model)
    adapter = find_checkpoint(spec.adapter, what="adapter") if spec.adapter else None
    config = _read_config(files)
    manifest = _read_manifest(files, adapter, spec.manifest)
    _check_honest(spec, manifest)
    patches = PatchMaker(*_picture_settings(files, config, manifest, spec))
    tokenizer = _read_tokenizer(files, config)
    vocabulary = Vocabulary(tokenizer)
    prompt = Prompt(vocabulary, manifest)
    for language in (None, *Language):
        prompt.plans(language)
    model = _load_model(files, device := _device(spec), _dtype(spec, device))
    if adapter is not None:
        model = apply_adapter(model, adapter)
    project_patches(model)
    share_heads(model)
    model = _place(model.eval(), device)
    shaping = {
        "adapter": adapter and adapter.revision,
        "pictures": patches.settings,
        "dtype": str(model.dtype),
        "attention": "sdpa",
    }
    identity = ModelIdentity(
        name=manifest.name,
        revision=files.revision,
        adapter=f"{adapter.name}@{adapter.revision}" if adapter else None,
        layout=manifest.layout.value,
        scores_key=_scores_key(files.revision, manifest, prompt, shaping),
    )
    return Checkpoint(model, manifest, vocabulary, prompt, patches, identity)


def _read_config(files: CheckpointFiles) -> Qwen3VLConfig:
    path = files.folder / "config.json"
    content = files.json("config.json", remedy="give a folder with a Qwen3-VL checkpoint")
    kind = content.get("model_type")
    if "thinking" in files.name.casefold() or "thinking" in str(content.get("_name_or_path", "")).casefold():
        raise CheckpointError(f"model {files.name}: Thinking variants don't answer with a label; use the Instruct one")
    if kind != "qwen3_vl":
        said = _REFUSED.get(str(kind), f"of type {kind}")
        raise CheckpointError(f"{path}: this is {said}; give a dense Qwen3-VL Instruct model")
    if "quantization_config" in content:  # adapters couldn't be merged, and bounds on precision would mean nothing
        raise CheckpointError(f"{path}: quantised weights aren't served; give the model as it was before")
    try:
        return Qwen3VLConfig.from_dict(content)
    except Exception as error:  # transformers raises whatever a wrong value breaks
        raise CheckpointError(f"{path}: {first_line(error)}; copy it from the base model") from error


def _read_manifest(files: CheckpointFiles, adapter: CheckpointFiles | None, above: str | None) -> Manifest:
    """The one above all, else the adapter's own, else the checkpoint's, else what is known of one without any."""
    if above is not None:
        return _released_manifest() if above == _RELEASED_MANIFEST else _read_manifest_file(local_path(above))
    for one in (adapter, files):
        text = one.text(FILE) if one is not None else None
        if one is not None and text is not None:
            return Manifest.parse(text, file=str(one.folder / FILE))
    if files.name == RELEASED:
        return _released_manifest()
    return Manifest(name=files.name, remove_prior=adapter is None, max_pixels=_MOST_PIXELS)


def _check_honest(spec: EngineSpec, manifest: Manifest) -> None:
    """A toy's verdicts must not be published under another model's name, where somebody forgot to set the model."""
    if spec.manifest is not None and spec.model == DEMONSTRATION and not manifest.demonstration:
        described = f"engine.manifest {spec.manifest} describes {manifest.name}"
        raise CheckpointError(f"{described}, but the model is the demonstration; set model to what it describes")


def _read_manifest_file(path: Path) -> Manifest:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        remedy = "name a file like memelens.json"
        raise CheckpointError(f"engine.manifest {path} can't be read as UTF-8 text ({error}); {remedy}") from error
    return Manifest.parse(text, file=str(path))


def _released_manifest() -> Manifest:
    """Of QCRI/MemeLens-VLM, which has none: the 31 cells of its 38 training pairs (arXiv 2601.12539)."""
    return Manifest(
        name=RELEASED,
        layout=Layout.MEMELENS,
        prompt=PromptVersion.RELEASED,
        rationale_languages=frozenset({Language.ENGLISH}),
        max_pixels=_MOST_PIXELS,
        trained=published_cells(),
        licence="MIT",
    )


def _picture_settings(
    files: CheckpointFiles, config: Qwen3VLConfig, manifest: Manifest, spec: EngineSpec
) -> tuple[dict[str, Any], PixelBounds]:
    path = files.folder / "preprocessor_config.json"
    settings = files.json(path.name, remedy="copy it from the base model")
    size = settings.get("size") or {}
    if not isinstance(size, dict) or not all(_is_area(size.get(name)) for name in ("longest_edge", "shortest_edge")):
        raise CheckpointError(f"{path}: size is {size}, no longest_edge and shortest_edge; copy it from the base model")
    vision = config.vision_config
    made_for = {
        "patch_size": vision.patch_size,
        "temporal_patch_size": vision.temporal_patch_size,
        "merge_size": vision.spatial_merge_size,
    }
    for name, expected in made_for.items():
        if settings.get(name, expected) != expected:
            raise CheckpointError(f"{path}: {name} is {settings[name]}, config.json has {expected}; they must agree")
    cap = manifest.max_pixels or size.get("longest_edge") or _MOST_PIXELS
    if spec.max_pixels is not None and spec.max_pixels > cap:
        raise CheckpointError(
            f"engine.max_pixels {spec.max_pixels} is above the checkpoint's own cap; set {cap} or less"
        )
    most = spec.max_pixels or cap
    least = manifest.min_pixels or size.get("shortest_edge") or (vision.patch_size * vision.spatial_merge_size) ** 2
    return settings, PixelBounds(min(least, most), most)


def _is_area(value: object) -> bool:
    """Pixels, or nothing said."""
    return value is None or (isinstance(value, int) and value > 0)


def _read_tokenizer(files: CheckpointFiles, config: Qwen3VLConfig) -> PreTrainedTokenizerBase:
    path = files.folder / "tokenizer.json"
    if not path.is_file() and not (files.folder / "vocab.json").is_file():
        raise CheckpointError(f"{path} is missing; copy it from the base model")
    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            files.folder, local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # a tokenizer's parser raises whatever it stumbles over
        raise CheckpointError(f"{path} can't be read ({first_line(error)}); copy it from the base model") from error
    if len(tokenizer) > config.text_config.vocab_size:
        tokens = f"{len(tokenizer)} tokens, config.json has {config.text_config.vocab_size}"
        raise CheckpointError(f"{path}: {tokens}; copy it from the base model")
    image = tokenizer.get_added_vocab().get("<|image_pad|>")
    if image is not None and image != config.image_token_id:
        raise CheckpointError(f"{path}: <|image_pad|> is {image}, config.json has {config.image_token_id}")
    return tokenizer


def _device(spec: EngineSpec) -> torch.device:
    if spec.device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if spec.device.startswith("cuda") and not torch.cuda.is_available():
        raise CheckpointError(f"engine.device {spec.device}: this torch sees no GPU; set device to auto or cpu")
    return torch.device(spec.device)


def _dtype(spec: EngineSpec, device: torch.device) -> torch.dtype:
    if spec.dtype == "auto":
        return torch.bfloat16 if device.type == "cuda" else torch.float32
    return torch.bfloat16 if spec.dtype == "bfloat16" else torch.float32


def _load_model(files: CheckpointFiles, device: torch.device, dtype: torch.dtype) -> Qwen3VLForConditionalGeneration:
    weights = find_weights(files)
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        model, found = Qwen3VLForConditionalGeneration.from_pretrained(
            files.folder,
            dtype=dtype,
            attn_implementation="sdpa",
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
    except Exception as error:  # shapes that don't fit, a device without memory, a damaged file: all end here
        raise CheckpointError(f"{weights[0]} can't be loaded on {device} ({first_line(error)})") from error
    finally:
        if shown:
            logging.enable_progress_bar()
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        names = sorted(str(name) for name in found.get(kind) or ())
        if names:
            said = f"{len(names)} weights are {kind.removesuffix('_keys')}, the first is {names[0]}"
            raise CheckpointError(f"{weights[0]}: {said}; config.json and weights must belong together")
    return model


def _place(model: Qwen3VLForConditionalGeneration, device: torch.device) -> Qwen3VLForConditionalGeneration:
    try:
        return model.to(device)
    except (RuntimeError, AssertionError) as error:  # no memory, no such device, a torch without CUDA
        raise CheckpointError(
            f"the model can't be moved to {device} ({first_line(error)}); set engine.device"
        ) from error


def _scores_key(revision: str, manifest: Manifest, prompt: Prompt, shaping: dict[str, Any]) -> str:
    asked = manifest.model_dump(mode="json", exclude={"calibration", "trained", "licence", "demonstration", "name"})
    asked["rationale_languages"] = sorted(asked["rationale_languages"])
    everything = shaping | {
        "schema": _SCORES_SCHEMA,
        "revision": revision,
        "manifest": asked,
        "prompts": {str(language): _plans_digest(prompt.plans(language)) for language in (None, *Language)},
        "text_tokens": MOST_TEXT_TOKENS,
    }
    return hashlib.sha256(json.dumps(everything, sort_keys=True, default=str).encode()).hexdigest()


def _plans_digest(plans: tuple[Plan, ...]) -> str:
    content = [[plan.root, plan.sheet.lead, plan.sets, [one.path for one in plan.answers]] for plan in plans]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
