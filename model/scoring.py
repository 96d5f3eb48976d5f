"""The forward pass over a packed batch, and the log-probabilities of its edges.

One pass over meme and branches with one boolean mask: it beats a causal pass over the meme followed by a second one
over the branches, and it is the same code that trains. What transformers 5.23 would do silently wrong here: two-row
positions count as packed sequences, omitted ones take those of the last call; `inputs_embeds` without
`mm_encoder_outputs` drops the deepstack features; a float mask of -inf gives NaN on rows that see nothing; all logits
of a pass are gigabytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint
from transformers import DynamicCache, Qwen3VLForConditionalGeneration
from transformers.models.qwen3_vl.modeling_qwen3_vl import BaseModelOutputWithDeepstackFeatures

from .packing import Packed

__all__ = [
    "Pass",
    "Pictures",
    "RootKeysValues",
    "encode_pictures",
    "forward",
    "log_probabilities",
    "logits_of",
    "prefill_root",
    "score_edges",
]

RootKeysValues = tuple[tuple[Tensor, Tensor], ...]
"""Keys and values of the root in each layer, (1, heads, tokens, width) each."""

_LOGITS_AT_ONCE = 1 << 25
"""Float32 logits held at a time: 128 MiB."""


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """Encoded pictures: for each its features (tokens, width), and one such tensor for each deepstack layer."""

    features: tuple[Tensor, ...]
    deepstack: tuple[tuple[Tensor, ...], ...]

    def of(self, places: Sequence[int]) -> "Pictures | None":
        """Those at these places, in this order; None for no place."""
        if not places:
            return None
        return Pictures(
            tuple(self.features[place] for place in places),
            tuple(tuple(layer[place] for place in places) for layer in self.deepstack),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Pass:
    """What a forward pass leaves: `hidden` (memes, tokens, width) and, where it was asked for, the cache."""

    hidden: Tensor
    cache: DynamicCache | None


def encode_pictures(model: Qwen3VLForConditionalGeneration, patches: Tensor, grids: Tensor) -> Pictures:
    """Vision features of pictures. `patches` (patches of all, values of one), `grids` (pictures, 3) in patches."""
    out = model.model.get_image_features(patches, grids, return_dict=True)
    return Pictures(tuple(out.pooler_output), tuple(tuple(layer) for layer in out.deepstack_features))


def prefill_root(model: Qwen3VLForConditionalGeneration, root: Sequence[int]) -> RootKeysValues:
    """Keys and values of the static text, with gradient where it is on."""
    ids = torch.tensor([list(root)], device=model.device)
    cache = DynamicCache(config=model.config.text_config)
    positions = torch.arange(len(root), device=model.device).expand(3, 1, -1)
    model.model(input_ids=ids, position_ids=positions, past_key_values=cache, use_cache=True)
    return tuple((layer.keys, layer.values) for layer in cache.layers)


def forward(
    model: Qwen3VLForConditionalGeneration,
    packed: Packed,
    pictures: Pictures | None,
    root: RootKeysValues | None = None,
    *,
    keep_cache: bool = False,
) -> Pass:
    """Run a packed batch. `pictures` are those of its memes in order; `root` where the batch was packed against one."""
    batch = packed.ids.shape[0]
    cache = DynamicCache(config=model.config.text_config)
    for place, (keys, values) in enumerate(root or ()):
        cache.update(keys.expand(batch, -1, -1, -1), values.expand(batch, -1, -1, -1), place)
    caching = root is not None or keep_cache
    hidden = model.model(
        input_ids=packed.ids,
        position_ids=packed.positions,
        attention_mask=packed.mask,
        past_key_values=cache if caching else None,
        use_cache=caching,
        mm_encoder_outputs=_encoder_outputs(pictures),
    ).last_hidden_state
    return Pass(hidden, cache if keep_cache else None)


def _encoder_outputs(pictures: Pictures | None) -> dict[str, Any] | None:
    if pictures is None:
        return None
    features = BaseModelOutputWithDeepstackFeatures(
        pooler_output=pictures.features, deepstack_features=[list(layer) for layer in pictures.deepstack]
    )
    return {"image": features}


def log_probabilities(
    model: Qwen3VLForConditionalGeneration,
    packed: Packed,
    pictures: Pictures | None,
    root: RootKeysValues | None = None,
) -> Tensor:
    """Log-probabilities of a packed batch: (edges of all memes,), float32, with gradient where it is on."""
    return score_edges(model, forward(model, packed, pictures, root).hidden, packed)


def score_edges(model: Qwen3VLForConditionalGeneration, hidden: Tensor, packed: Packed) -> Tensor:
    """Log-probabilities (edges of all memes,) in float32 from hidden states (memes, tokens, width)."""
    states = hidden[packed.rows[:, 0], packed.rows[:, 1]]
    weight = model.lm_head.weight
    at_once = max(1, _LOGITS_AT_ONCE // weight.shape[0])
    scored = torch.zeros(len(packed.edge_rows), device=hidden.device)
    for start in range(0, len(states), at_once):
        chunk = states[start : start + at_once]
        places = packed.edge_rows - start
        inside = (places >= 0) & (places < len(chunk))
        arguments = (chunk, weight, places.clamp(0, len(chunk) - 1), packed.edge_tokens)
        if torch.is_grad_enabled() and len(states) > at_once:  # or all chunks' logits would wait for the backward pass
            found = checkpoint(_pick, *arguments, use_reentrant=False)
        else:
            found = _pick(*arguments)
        scored = torch.where(inside, found, scored)
    return scored


def _pick(states: Tensor, weight: Tensor, rows: Tensor, tokens: Tensor) -> Tensor:
    logits = logits_of(states, weight)
    return logits[rows, tokens] - logits.logsumexp(-1)[rows]


def logits_of(states: Tensor, weight: Tensor) -> Tensor:
    """Logits (rows, vocabulary) in float32, whatever the states (rows, width) are: bfloat16 rounds to tenths."""
    if states.is_cuda and states.dtype is torch.bfloat16 and not torch.is_grad_enabled():
        return torch.mm(states, weight.t(), out_dtype=torch.float32)
    return torch.nn.functional.linear(states.float(), weight.float())
