"""Training from scratch: memes become packed sequences, and the loop over them stays a loop."""

import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from accelerate import Accelerator
from torch import Tensor
from transformers import Qwen3VLForConditionalGeneration

EncodedMeme = object

__all__ = ["Batch", "TrainingSettings", "collate", "loss_of", "train"]


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How long and how fast. `rationale_weight` is λ of the loss: the mean over a rationale's tokens counts so much."""

    steps: int = 1800
    batch_size: int = 64
    learning_rate: float = 1.5e-3
    warm_up_steps: int = 100
    weight_decay: float = 0.02
    rationale_weight: float = 0.5
    seed: int = 0

    def rate_at(self, step: int) -> float:
        """Learning rate of a step: linear warm-up, then half a cosine down to a hundredth."""
        progress = step / self.steps
        cosine = 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * progress))
        return self.learning_rate * min(1.0, (step + 1) / self.warm_up_steps) * cosine


@dataclass(frozen=True, slots=True)
class Batch:
    """Packed sequences, padded on the right.

    `ids` (memes, tokens); `positions` (3, memes, tokens); `mask` (memes, 1, tokens, tokens), true where a row sees a
    column; `patches` (patches of all pictures, values of one) with `grid` (pictures, 3). A scored token is in `rows`
    (scored, 2: meme and place of the row that predicts it), `targets` and `weights` (scored,).
    """

    ids: Tensor
    positions: Tensor
    mask: Tensor
    patches: Tensor
    grid: Tensor
    rows: Tensor
    targets: Tensor
    weights: Tensor


def collate(
    memes: Sequence[EncodedMeme],
    position_of: Callable[[Tensor, Tensor], Tensor],
    pad: int,
    settings: TrainingSettings,
    rng: random.Random,
) -> Batch:
    """One batch of these memes; `rng` picks one rationale of each."""


def loss_of(model: Qwen3VLForConditionalGeneration, batch: Batch) -> Tensor:
    """Weighted mean of the negative log-probabilities of the scored tokens."""
    hidden = model.model(
        input_ids=batch.ids,
        position_ids=batch.positions,
        attention_mask=batch.mask,
        pixel_values=batch.patches,
        image_grid_thw=batch.grid,
        use_cache=False,
    ).last_hidden_state
    logits = model.lm_head(hidden[batch.rows[:, 0], batch.rows[:, 1]])
    losses = torch.nn.functional.cross_entropy(logits.float(), batch.targets, reduction="none")
    return (losses * batch.weights).sum() / batch.weights.sum()


def train(
    model: Qwen3VLForConditionalGeneration,
    draw_batch: Callable[[int], Batch],
    settings: TrainingSettings,
    on_step: Callable[[int, float], None],
) -> None:
    """Train the model in place; `draw_batch` gives the batch of a step, `on_step` hears its loss."""
    accelerator = Accelerator(cpu=True)
    optimiser = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.95), weight_decay=settings.weight_decay)
    model, optimiser = accelerator.prepare(model, optimiser)
    model.train()
    for step in range(settings.steps):
        for group in optimiser.param_groups:
            group["lr"] = settings.rate_at(step)
        loss = loss_of(model, draw_batch(step))
        optimiser.zero_grad()
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        on_step(step, loss.item())
    model.eval()
