"""Masked attention on the CPU that lets query heads share keys and values where they lie.

transformers repeats keys and values for every query head as soon as there is a mask, since the kernels of GPUs want
it. The CPU's kernel doesn't, and in decoding the copies take longer than the products.
"""

from typing import Any

from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, Qwen3VLForConditionalGeneration
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

__all__ = ["share_heads"]

_NAME = "sdpa-shared-heads"


def share_heads(model: Qwen3VLForConditionalGeneration) -> None:
    """Let a model attend so. On other devices it attends as before."""
    AttentionInterface.register(_NAME, _attend)
    AttentionMaskInterface.register(_NAME, sdpa_mask)  # without it two-dimensional masks would be lost silently
    model.set_attn_implementation(_NAME)


def _attend(  # noqa: PLR0913, PLR0917  transformers' signature
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **others: Any,  # noqa: ANN401  whatever transformers passes on
) -> tuple[Tensor, None]:
    """Attention of queries (batch, heads, tokens, width) over fewer key-value heads: (batch, tokens, heads, width)."""
    if attention_mask is None or query.device.type != "cpu":
        found: tuple[Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **others
        )
        return found
    attended = scaled_dot_product_attention(
        query, key, value, attn_mask=attention_mask, dropout_p=dropout, scale=scaling, enable_gqa=True
    )
    return attended.transpose(1, 2).contiguous(), None
