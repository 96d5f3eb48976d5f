"""The first stage: the vision tower learns to see before the whole model learns to judge.

Heads on the merged image tokens name the object and every attribute that a label looks at. They are thrown
away afterwards; what stays is a vision tower from whose tokens all of it can be read.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import Qwen3VLForConditionalGeneration

from .jitter import jitter
from .optimisers import Descent
from .scene import ATTRIBUTES, OBJECTS, Edit, Scene
from .seeing import Picture, values_of

__all__ = ["SIGHTS", "LookingSettings", "learn_to_look", "sights_of"]

SIGHTS = {
    "object": len(OBJECTS),
    "edit": len(Edit),
    "night": 2,
    "hat": 2,
    "glasses": 2,
    "sharp": 2,
    "living": 2,
    "lines": 2,
}
"""What the heads name, with the number of answers."""

_MERGED = 4
"""Patches in one token: two by two."""

_MEASURED = 400
"""Pictures from which the statistics of patches are taken."""

_LEAST_VARIANCE = 0.05
"""Added to each component's variance, so that noise isn't blown up."""


@dataclass(frozen=True, slots=True)
class LookingSettings:
    """How long the vision tower is trained alone."""

    steps: int = 1200
    batch_size: int = 64
    learning_rate: float = 7e-3
    warm_up_steps: int = 30
    seed: int = 1


def sights_of(scene: Scene) -> list[int]:
    """The right answers of the heads, in the order of `SIGHTS`."""
    places = [OBJECTS.index(scene.object)]
    return places + [ATTRIBUTES[name](scene) for name in list(SIGHTS)[len(places) :]]


class _Heads(nn.Module):
    """One answer for each sight, from the tokens that it looks at, at every depth that the model reads."""

    def __init__(self, width: int, depths: int) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(depths))
        self.glances = nn.Linear(width * depths, len(SIGHTS), bias=False)
        self.answers = nn.ModuleList(nn.Linear(width * depths, answers) for answers in SIGHTS.values())
        nn.init.zeros_(self.glances.weight)

    def forward(self, tokens: Sequence[Tensor], counts: Sequence[int]) -> list[Tensor]:
        """Logits (pictures, answers) of each sight from tokens (all pictures' tokens, width) of each depth."""
        together = torch.cat([norm(depth) for norm, depth in zip(self.norms, tokens, strict=True)], dim=-1)
        seen = torch.stack([self.glances(one).softmax(0).T @ one for one in torch.split(together, list(counts))])
        return [answer(seen[:, place]) for place, answer in enumerate(self.answers)]


def learn_to_look(
    model: Qwen3VLForConditionalGeneration,
    pictures: Sequence[tuple[Picture, Scene]],
    settings: LookingSettings,
    on_step: Callable[[int, float, float], None],
) -> None:
    """Train the vision tower in place; `on_step` hears the loss and the share of objects named rightly."""
    tower = model.model.visual
    heads = _Heads(tower.config.out_hidden_size, 1 + len(tower.config.deepstack_visual_indexes))
    rng = random.Random(settings.seed)
    _whiten(tower.patch_embed.proj, [picture for picture, _ in rng.sample(pictures, min(_MEASURED, len(pictures)))])
    named = [*tower.named_parameters(), *heads.named_parameters()]
    descent = Descent(named, settings)
    for step in range(settings.steps):
        batch = [(jitter(one, rng), scene) for one, scene in rng.sample(pictures, settings.batch_size)]
        loss, right = _loss(tower, heads, batch)
        descent.step(step, loss)
        on_step(step, loss.item(), right)


def _whiten(embedding: nn.Conv3d, pictures: Sequence[Picture]) -> None:
    """Start a patch embedding at the patches' principal components, all of the same strength.

    Neighbouring pixels are alike, so that fresh random filters all see the same: how bright a patch is.
    """
    patches, _ = values_of(pictures)
    mean = patches.mean(0)
    values, vectors = torch.linalg.eigh(torch.cov((patches - mean).T))
    kept = slice(-embedding.out_channels, None)
    filters = vectors[:, kept] * (values[kept] + _LEAST_VARIANCE).rsqrt()
    with torch.no_grad():
        embedding.weight.copy_(filters.T.reshape(embedding.weight.shape))
        if embedding.bias is not None:
            embedding.bias.copy_(-mean @ filters)


def _loss(tower: nn.Module, heads: _Heads, batch: Sequence[tuple[Picture, Scene]]) -> tuple[Tensor, float]:
    patches, grid = values_of([picture for picture, _ in batch])
    seen = tower(patches, grid_thw=grid)
    counts = (grid.prod(-1) // _MERGED).tolist()
    answers = heads([seen.pooler_output, *seen.deepstack_features], counts)
    gold = torch.tensor([sights_of(scene) for _, scene in batch])
    losses = [nn.functional.cross_entropy(one, gold[:, place]) for place, one in enumerate(answers)]
    right = (answers[0].argmax(-1) == gold[:, 0]).float().mean().item()
    return torch.stack(losses).sum(), right
