"""Muon for the matrices inside, AdamW for embeddings, gains and biases; one schedule for both.

Muon (Jordan et al. 2024; https://kellerjordan.github.io/posts/muon) halves the steps that the vision tower needs from
scratch; its updates are scaled to AdamW's, so that one learning rate does (Liu et al. 2025, arXiv 2502.16982).
"""

import math
from collections.abc import Iterable, Sequence

from torch import nn
from torch.optim import AdamW, Muon, Optimizer

__all__ = ["build_optimisers", "rate_at", "set_rate"]


_OUTER_SHARE = 0.25
"""AdamW's share of the learning rate: Muon's matrices bear more."""


def build_optimisers(parameters: Iterable[tuple[str, nn.Parameter]]) -> list[Optimizer]:
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


def rate_at(step: int, *, steps: int, warm_up: int, peak: float) -> float:
    """Learning rate of a step: linear warm-up, then half a cosine down to a fiftieth."""
    cosine = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps))
    return peak * min(1.0, (step + 1) / warm_up) * cosine


def set_rate(optimisers: Sequence[Optimizer], rate: float) -> None:
    """Set the learning rate of all, each group's by its share."""
    for optimiser in optimisers:
        for group in optimiser.param_groups:
            group["lr"] = rate * group.get("share", 1.0)
