"""Sizes of the models and of what they are asked in the engine's benchmark. Fixed, so that runs compare."""

from dataclasses import dataclass

import torch
from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

from memelens.model.packing import SpecialIds
from memelens.model.patch_projection import project_patches
from memelens.model.shared_heads import share_heads

__all__ = [
    "EIGHT_BILLION",
    "IDS",
    "SMALL",
    "STOP",
    "VISION_END",
    "VISION_START",
    "Geometry",
    "build_model",
    "parameters",
]

STOP, VISION_START, VISION_END, _VIDEO = 1, 12, 13, 11
IDS = SpecialIds(image=10, padding=0)


@dataclass(frozen=True, slots=True)
class Geometry:
    """A model, and what it is asked; in tokens where nothing else is said.

    The packed side has `static` text (questions and definitions of all tasks) before the meme, `header` after it (end
    of the user's turn, the assistant's header) and a branch of `opening` tokens for each task. The usual ways ask one
    question of `question` tokens after the meme, under a system prompt of `system` tokens, and generate `answer` tokens
    ("Label", ":", the label, its end), as one asks the released model; they are spared the header.
    """

    vocabulary: int = 8192
    width: int = 512
    layers: int = 8
    head_width: int = 64
    heads: int = 8
    key_value_heads: int = 4
    hidden: int = 1536
    vision_width: int = 256
    vision_layers: int = 4
    vision_heads: int = 4
    vision_hidden: int = 768
    vision_positions: int = 1024
    deepstack: tuple[int, ...] = (1, 2)
    grid: tuple[int, int] = (14, 14)
    """Rows and columns of a picture's tokens; each stands for four patches."""
    tasks: int = 20
    labels: int = 2
    label: int = 2
    """With the terminator."""
    opening: int = 3
    static: int = 400
    text: int = 40
    header: int = 6
    system: int = 12
    question: int = 28
    answer: int = 4
    rationale: int = 32
    rationale_memes: int = 4
    """Number of memes with rationales."""
    rationale_tasks: int = 4
    """Number of rationales of each of them."""

    @property
    def image_tokens(self) -> int:
        """Of one picture."""
        return self.grid[0] * self.grid[1]


SMALL = Geometry()
"""About 42 M parameters, 196 image tokens."""

EIGHT_BILLION = Geometry(
    vocabulary=151_936,
    width=4096,
    layers=36,
    head_width=128,
    heads=32,
    key_value_heads=8,
    hidden=12_288,
    vision_width=1152,
    vision_layers=27,
    vision_heads=16,
    vision_hidden=4304,
    vision_positions=2304,
    deepstack=(8, 16, 24),
    grid=(16, 16),
)
"""Qwen3-VL-8B, 256 image tokens."""


def build_model(
    geometry: Geometry, *, device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32
) -> Qwen3VLForConditionalGeneration:
    """Random weights, made on the device in the dtype; ready to serve, as loading a checkpoint leaves a model."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            model = Qwen3VLForConditionalGeneration(_config(geometry)).eval()
    finally:
        torch.set_default_dtype(before)
    project_patches(model)
    share_heads(model)
    return model


def parameters(geometry: Geometry) -> int:
    """How many a model of this geometry has."""
    return sum(one.numel() for one in build_model(geometry, device="meta").parameters())


def _config(geometry: Geometry) -> Qwen3VLConfig:
    half = geometry.head_width // 2
    side = half * 5 // 16
    return Qwen3VLConfig(
        text_config={
            "vocab_size": geometry.vocabulary,
            "hidden_size": geometry.width,
            "intermediate_size": geometry.hidden,
            "num_hidden_layers": geometry.layers,
            "num_attention_heads": geometry.heads,
            "num_key_value_heads": geometry.key_value_heads,
            "head_dim": geometry.head_width,
            "max_position_embeddings": 8192,
            "rope_parameters": {
                "rope_type": "default",
                "mrope_section": [half - 2 * side, side, side],
                "mrope_interleaved": True,
                "rope_theta": 5e6,
            },
        },
        vision_config={
            "depth": geometry.vision_layers,
            "hidden_size": geometry.vision_width,
            "intermediate_size": geometry.vision_hidden,
            "num_heads": geometry.vision_heads,
            "out_hidden_size": geometry.width,
            "patch_size": 16,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "deepstack_visual_indexes": list(geometry.deepstack),
            "num_position_embeddings": geometry.vision_positions,
        },
        image_token_id=IDS.image,
        video_token_id=_VIDEO,
        vision_start_token_id=VISION_START,
        vision_end_token_id=VISION_END,
    )
