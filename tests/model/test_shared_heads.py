"""Attention with shared heads is transformers' own."""

import pytest
import torch
from transformers import DynamicCache

from memelens.model.shared_heads import share_heads

from .tiny import build_model


@torch.inference_mode()
@pytest.mark.parametrize("padded", [True, False], ids=["padded", "unpadded"])
def test_shared_heads_attend_as_repeated_ones(padded: bool) -> None:
    """Logits stay within 1e-5: of prompts with and without padding, and of several tokens after a cache."""
    plain, shared = build_model(), build_model()
    share_heads(shared)
    ids = torch.randint(20, 400, (2, 9), generator=torch.Generator().manual_seed(1))
    mask = torch.ones_like(ids)
    mask[0, :3] = 0 if padded else 1
    found = []
    for model in (plain, shared):
        cache = DynamicCache(config=model.config.text_config)
        model(input_ids=ids[:, :6], attention_mask=mask[:, :6], past_key_values=cache, use_cache=True)
        found.append(model(input_ids=ids[:, 6:], attention_mask=mask, past_key_values=cache, use_cache=True).logits)
    torch.testing.assert_close(found[1], found[0], atol=1e-5, rtol=1e-5)
    unmasked = plain(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[:, 6:]
    assert bool(((unmasked - found[0]).abs() > 1e-3).any()) == padded
