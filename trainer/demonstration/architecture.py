"""The demonstration model's shape: Qwen3-VL, small enough to be shipped in a package."""

from typing import Any

from transformers import PreTrainedTokenizerFast, Qwen3VLConfig, Qwen3VLForConditionalGeneration

__all__ = ["PICTURE_SIDE", "VOCABULARY", "build_model", "processor_settings"]

VOCABULARY = 4096
PICTURE_SIDE = 96
"""Pixels to which pictures are reduced, keeping their shape: the area is this number's square."""

_PATCH = 16
_WIDTH = 192
_SPREAD = 0.07
"""Standard deviation of fresh weights: the usual 0.02 is meant for models twenty times as wide."""


def build_model(tokenizer: PreTrainedTokenizerFast) -> Qwen3VLForConditionalGeneration:
    """A freshly initialised model of about 3.5 M parameters."""
    vision = {
        "depth": 4,
        "hidden_size": 96,
        "intermediate_size": 288,
        "num_heads": 4,
        "out_hidden_size": _WIDTH,
        "patch_size": _PATCH,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
        "deepstack_visual_indexes": [2],
        "num_position_embeddings": (PICTURE_SIDE // _PATCH) ** 2,
        "initializer_range": _SPREAD,
    }
    text = {
        "vocab_size": VOCABULARY,
        "hidden_size": _WIDTH,
        "intermediate_size": 384,
        "num_hidden_layers": 4,
        "num_attention_heads": 6,
        "num_key_value_heads": 2,
        "head_dim": 32,
        "max_position_embeddings": 4096,
        "tie_word_embeddings": True,
        "initializer_range": _SPREAD,
        "rope_parameters": {
            "rope_type": "default",
            "mrope_section": [6, 5, 5],
            "mrope_interleaved": True,
            "rope_theta": 1e4,
        },
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    ids = dict(
        zip(
            ("image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id"),
            tokenizer.convert_tokens_to_ids(["<|image_pad|>", "<|video_pad|>", "<|vision_start|>", "<|vision_end|>"]),
            strict=True,
        )
    )
    return Qwen3VLForConditionalGeneration(
        Qwen3VLConfig(text_config=text, vision_config=vision, tie_word_embeddings=True, **ids)
    )


def processor_settings() -> dict[str, Any]:
    """Content of `preprocessor_config.json`: the size bounds are areas in pixels."""
    return {
        "image_processor_type": "Qwen2VLImageProcessor",
        "patch_size": _PATCH,
        "temporal_patch_size": 2,
        "merge_size": 2,
        "size": {"shortest_edge": (PICTURE_SIDE // 2) ** 2, "longest_edge": PICTURE_SIDE**2},
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
        "do_convert_rgb": True,
    }
