"""Muon for the matrices inside, AdamW for embeddings, gains and biases; one schedule for both.

Muon (Jordan et al. 2024; https://kellerjordan.github.io/posts/muon) halves the steps that the vision tower needs from
scratch; its updates are scaled to AdamW's, so that one learning rate does (Liu et al. 2025, arXiv 2502.16982).
"""

import math
from collections.abc import Iterable
from typing import Protocol

from accelerate import Accelerator
from torch import Tensor, nn
from torch.optim import AdamW, Muon, Optimizer

__all__ = ["Descent", "Schedule"]


_OUTER_SHARE = 0.25
"""AdamW's share of the learning rate: Muon's matrices bear more."""


def _build_optimisers(parameters: Iterable[tuple[str, nn.Parameter]]) -> list[Optimizer]:
    """The two optimisers of these named parameters; a tied parameter belongs to the first name it has.

    The patch embedding is left as it is: `looking` starts it at the principal components of the pictures.
    """
    inner: list[nn.Parameter] = []
    outer: list[nn.Parameter] = []
    for name, parameter in parameters:
        if "patch_embed" not in name:
            (inner if parameter.ndim == 2 and "embed" not in name else outer).append(parameter)
    return [
        Muon(inner, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        AdamW([{"params": outer, "share": _OUTER_SHARE}], betas=(0.9, 0.98), weight_decay=0.05),
    ]


class Schedule(Protocol):
    """What a stage's settings say of its steps; `learning_rate` is the highest."""

    @property
    def steps(self) -> int: ...
    @property
    def warm_up_steps(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...


def _rate_at(step: int, schedule: Schedule) -> float:
    """Learning rate of a step: linear warm-up, then half a cosine down to a fiftieth."""
    cosine = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / schedule.steps))
    return schedule.learning_rate * min(1.0, (step + 1) / schedule.warm_up_steps) * cosine


class Descent:
    """Parameters on their way down, one step after the other."""

    def __init__(self, named: Iterable[tuple[str, nn.Parameter]], schedule: Schedule) -> None:
        kept = list(named)
        self._parameters, self._schedule = [parameter for _, parameter in kept], schedule
        self._accelerator = Accelerator(cpu=True)
        self._optimisers = [self._accelerator.prepare(one) for one in _build_optimisers(kept)]

    def step(self, step: int, loss: Tensor) -> None:
        """Follow the gradient of a loss, at the rate of this step."""
        rate = _rate_at(step, self._schedule)
        for optimiser in self._optimisers:
            optimiser.zero_grad()
            for group in optimiser.param_groups:
                group["lr"] = rate * group.get("share", 1.0)
        self._accelerator.backward(loss)
        self._accelerator.clip_grad_norm_(self._parameters, 1.0)
        for optimiser in self._optimisers:
            optimiser.step()
