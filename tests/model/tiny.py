"""A Qwen3-VL small enough for tests, with weights that are random but spread enough for every mistake to matter."""

import io
from collections.abc import Callable
from copy import deepcopy
from functools import cache

import numpy as np
import torch
from PIL import Image
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import (
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    Qwen2VLImageProcessorPil,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)

from memelens.model.checkpoint import Checkpoint
from memelens.model.engine import ModelIdentity
from memelens.model.manifest import Manifest, PromptVersion
from memelens.model.patch_projection import project_patches
from memelens.model.picture_patches import PatchMaker, PixelBounds
from memelens.model.prompt import Prompt
from memelens.model.shared_heads import share_heads
from memelens.model.sheets import sheets
from memelens.model.tokens import Vocabulary
from memelens.taxonomy import LABEL_SETS, Language, Task, TaskWording, Wording

CONTROL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
NOT_SPECIAL = ("<tool_call>", "</think>")
PATCH = 16
QWEN_PIECES = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def words(language: Language) -> Wording:
    """A made-up wording in which negations come last, so that one label is the beginning of another."""
    tasks = {task: TaskWording(name=f"{task}-{language}", question=f"{task}?", definition="Made up.") for task in Task}
    labels = {
        one.name: {
            label: f"{label.removeprefix('not-')} {language} not" if label.startswith("not-") else f"{label} {language}"
            for label in one.labels
        }
        for one in LABEL_SETS.values()
    }
    return Wording(tasks=tasks, labels=labels)


@cache
def tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level tokens in Qwen's manner, of which some are words of the prompts."""
    core = Tokenizer(models.BPE())
    core.normalizer = normalizers.NFC()
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN_PIECES), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    brief = sheets(Manifest(name="tiny", prompt=PromptVersion.BRIEF), None)
    core.train_from_iterator([f"{one.opening} {one.wording}\n" for one in brief[0].answers], trainer)
    made = PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token="<|im_end|>", pad_token="<|endoftext|>", clean_up_tokenization_spaces=False
    )
    made.add_special_tokens({"additional_special_tokens": list(CONTROL)})
    made.add_tokens(list(NOT_SPECIAL))
    return made


def build_model(*, seed: int = 0, spread: float = 0.15) -> Qwen3VLForConditionalGeneration:
    """Four layers of width 64, two deepstack levels, grouped heads."""
    torch.manual_seed(seed)
    vocabulary = tokenizer()
    named = ("<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>")
    image, video, start, end = vocabulary.convert_tokens_to_ids(list(named))
    config = Qwen3VLConfig(
        text_config={
            "vocab_size": len(vocabulary),
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_hidden_layers": 4,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "head_dim": 16,
            "max_position_embeddings": 4096,
            "tie_word_embeddings": True,
            "initializer_range": spread,
            "rope_parameters": {
                "rope_type": "default",
                "mrope_section": [3, 3, 2],
                "mrope_interleaved": True,
                "rope_theta": 1e4,
            },
            "bos_token_id": None,
            "eos_token_id": vocabulary.eos_token_id,
            "pad_token_id": vocabulary.pad_token_id,
        },
        vision_config={
            "depth": 3,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": 64,
            "patch_size": PATCH,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "deepstack_visual_indexes": [0, 1],
            "num_position_embeddings": 64,
            "initializer_range": spread,
        },
        image_token_id=image,
        video_token_id=video,
        vision_start_token_id=start,
        vision_end_token_id=end,
        tie_word_embeddings=True,
    )
    model = Qwen3VLForConditionalGeneration(config).eval()
    model.set_attn_implementation("sdpa")
    return model


def image_processor() -> Qwen2VLImageProcessorPil:
    """Pictures of 16 to 64 image tokens."""
    return Qwen2VLImageProcessorPil(
        patch_size=PATCH,
        temporal_patch_size=2,
        merge_size=2,
        size={"shortest_edge": 64 * 64, "longest_edge": 256 * 256},
        image_mean=[0.5, 0.5, 0.5],
        image_std=[0.5, 0.5, 0.5],
    )


def patches_of(grid: tuple[int, int], *, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Noise in the shape of a picture with so many rows and columns of image tokens: patches and grid (1, 3)."""
    height, width = (2 * side for side in grid)
    noise = torch.randn(height * width, 3 * 2 * PATCH * PATCH, generator=torch.Generator().manual_seed(seed))
    return noise, torch.tensor([[1, height, width]])


def checkpoint(
    manifest: Manifest,
    *,
    model: Qwen3VLForConditionalGeneration | None = None,
    of: Callable[[Language], Wording] = words,
    tokens: PreTrainedTokenizerBase | None = None,
) -> Checkpoint:
    """A checkpoint as loading makes it, from parts in memory; the model given stays as transformers made it."""
    served = deepcopy(model) if model is not None else build_model()
    project_patches(served)
    share_heads(served)
    vocabulary, processor = Vocabulary(tokens or tokenizer()), image_processor()
    settings = {name: getattr(processor, name) for name in ("patch_size", "merge_size", "image_mean", "image_std")}
    return Checkpoint(
        model=served,
        manifest=manifest,
        vocabulary=vocabulary,
        prompt=Prompt(vocabulary, manifest, of),
        patches=PatchMaker(settings, PixelBounds(64 * 64, 256 * 256)),
        identity=ModelIdentity("tiny", "0", None, manifest.layout.value, "0"),
    )


def picture(size: tuple[int, int], *, seed: int) -> bytes:
    """A PNG of coarse noise, (width, height) pixels."""
    noise = np.random.default_rng(seed).integers(0, 256, (size[1] // 8, size[0] // 8, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize(size, Image.Resampling.NEAREST).save(buffer, "PNG")
    return buffer.getvalue()
