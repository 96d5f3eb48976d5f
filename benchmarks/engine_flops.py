"""Floating-point operations of a side, as torch counts them while it runs."""

from collections.abc import Callable, Sequence

import torch
from torch.utils.flop_counter import FlopCounterMode

__all__ = ["count_flop"]


def count_flop(side: Callable[[], object]) -> float:
    """Run a side once; its operations. Attention counts as if every token saw every other, masked or not."""
    with FlopCounterMode(display=False, custom_mapping=_ATTENTION_ON_CPU) as counter:
        side()
    return float(counter.get_total_flops())


def _attention(query: Sequence[int], key: Sequence[int], value: Sequence[int], *_: object, **__: object) -> int:
    batch, heads, tokens, width = query
    return 2 * batch * heads * tokens * key[2] * (width + value[3])


# torch counts the attention kernels of GPUs only.
_ATTENTION_ON_CPU = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention}  # noqa: SLF001  torch names it so
