"""The third stage: the whole text tower learns to judge and to explain; the loop stays a loop.

The vision tower stays as it is, for the reason that `reading` gives.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import Qwen3VLForConditionalGeneration

from ...model.packing import pack
from ...model.scoring import encode_pictures, log_probabilities
from .dataset import DrawnMeme
from .encoding import EncodedMeme, Encoder
from .jitter import jitter
from .optimisers import Descent
from .seeing import Picture, values_of

__all__ = ["TrainingSettings", "loss_of", "train"]


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How long and how fast. A meme's rationales together weigh as much as `rationale_weight` labels."""

    steps: int = 900
    batch_size: int = 64
    learning_rate: float = 4e-3
    warm_up_steps: int = 30
    rationale_weight: float = 40.0
    seed: int = 1


def loss_of(model: Qwen3VLForConditionalGeneration, memes: Sequence[EncodedMeme], encoder: Encoder) -> Tensor:
    """Weighted mean of the negative log-probabilities of all scored tokens: labels, terminators, rationales."""
    tokens, trees = [one.tokens for one in memes], [one.tree for one in memes]
    packed = pack(tokens, trees, root=encoder.root, cached=False, ids=encoder.ids)
    with torch.no_grad():
        pictures = encode_pictures(model, *values_of([one.picture for one in memes]))
    found = log_probabilities(model, packed, pictures)
    weights = torch.tensor([weight for one in memes for weight in one.weights])
    return -(found * weights).sum() / weights.sum()


def train(
    model: Qwen3VLForConditionalGeneration,
    memes: Sequence[tuple[DrawnMeme, Picture]],
    encoder: Encoder,
    settings: TrainingSettings,
    on_step: Callable[[int, float], None],
) -> None:
    """Train the text tower in place on shaken pictures; `on_step` hears the loss of each step."""
    rng, text = random.Random(settings.seed), model.model.language_model
    descent = Descent(text.named_parameters(), settings)
    model.train()
    for step in range(settings.steps):
        batch = [encoder.encode(one, jitter(seen, rng), rng) for one, seen in rng.sample(memes, settings.batch_size)]
        loss = loss_of(model, batch, encoder)
        descent.step(step, loss)
        on_step(step, loss.item())
    model.eval()
