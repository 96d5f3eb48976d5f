"""Training from scratch: memes become packed sequences, and the loop over them stays a loop."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from accelerate import Accelerator
from torch import Tensor
from transformers import Qwen3VLForConditionalGeneration

from .batching import Batch
from .optimisers import build_optimisers, rate_at, set_rate

__all__ = ["TrainingSettings", "loss_of", "train"]


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How long and how fast. `rationale_weight` is λ of the loss: the mean over a rationale's tokens counts so much."""

    steps: int = 1000
    batch_size: int = 64
    learning_rate: float = 4e-3
    warm_up_steps: int = 50
    rationale_weight: float = 5.0


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
    optimisers = [accelerator.prepare(one) for one in build_optimisers(model.named_parameters())]
    model.train()
    for step in range(settings.steps):
        rate = rate_at(step, steps=settings.steps, warm_up=settings.warm_up_steps, peak=settings.learning_rate)
        set_rate(optimisers, rate)
        loss = loss_of(model, draw_batch(step))
        for optimiser in optimisers:
            optimiser.zero_grad()
        accelerator.backward(loss)
        accelerator.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
        on_step(step, loss.item())
    model.eval()
