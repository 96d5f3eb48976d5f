"""The engine at 8 B in bfloat16 on a GPU: memes a second against the bound, and what the batch does to probabilities.

Random weights, made on the device. For each picture size: batch 1, then batches doubled until they bring less than
`_WORTHWHILE` more memes a second or the memory ends. The bound is one plain causal forward over as many new tokens with
the same pictures, in the same batch. Nothing is run that is known not to fit; what was skipped is said.
"""

import gc
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from .engine_flops import count_flop
from .engine_geometry import EIGHT_BILLION, Geometry, build_model, parameters
from .engine_sides import PackedSides, UsualSides
from .engine_workload import BenchmarkMeme, Workload
from .timing import interleave

__all__ = ["GRIDS", "measure_batches", "measure_changes", "measure_gpu", "measure_model"]

GRIDS = ((16, 16), (28, 35))
"""256 and 980 image tokens."""
_MOST_MEMES = 128
_ROUNDS = 5
_WORTHWHILE = 1.03
_COMPARED_MEMES = 32
_ROOM = 1.3
"""Memory that is asked for, in sizes of the weights."""


def measure_gpu() -> dict[str, Any]:
    """All figures of the first GPU, or why there are none."""
    if not torch.cuda.is_available():
        return {"skipped": "torch sees no CUDA device: the 8 B figures are not measured"}
    device = torch.device("cuda")
    free_bytes, _ = torch.cuda.mem_get_info(device)
    name = {"device": torch.cuda.get_device_name(device)}
    return name | measure_model(EIGHT_BILLION, device, torch.bfloat16, grids=GRIDS, free_bytes=free_bytes)


@torch.inference_mode()
def measure_model(
    geometry: Geometry,
    device: torch.device,
    dtype: torch.dtype,
    *,
    grids: tuple[tuple[int, int], ...],
    free_bytes: int,
) -> dict[str, Any]:
    """A geometry's figures with pictures of each grid, or why there are none."""
    count = parameters(geometry)
    needed = int(count * dtype.itemsize * _ROOM)
    if needed > free_bytes:
        return {"skipped": f"{needed / 1e9:.0f} GB are needed, {free_bytes / 1e9:.0f} GB are free on {device}"}
    torch.manual_seed(0)
    model = build_model(geometry, device=device, dtype=dtype)
    found: dict[str, Any] = {"parameters_billions": round(count / 1e9, 2), "dtype": str(dtype).removeprefix("torch.")}
    for grid in grids:
        workload = Workload(replace(geometry, grid=grid))
        packed, usual = PackedSides(model, workload), UsualSides(model, workload)
        found[f"{workload.geometry.image_tokens}_image_tokens"] = {
            "new_tokens": packed.new_tokens(workload.memes(1)[0], geometry.tasks),
            "batches": measure_batches(packed, usual, workload, most=_MOST_MEMES),
            "probability_changes": measure_changes(packed, workload, memes=_COMPARED_MEMES),
        }
    return found


def measure_batches(
    packed: PackedSides, usual: UsualSides, workload: Workload, *, most: int
) -> dict[str, dict[str, Any]]:
    """By the number of memes in a batch, up to the one that brings hardly more, or for which there is no memory."""
    found: dict[str, dict[str, Any]] = {}
    speed = 0.0
    for size in _doubled(most):
        try:
            found[str(size)] = _measure_batch(packed, usual, workload.memes(size))
        except torch.OutOfMemoryError:
            found[str(size)] = {"skipped": "out of memory"}
        if "skipped" in found[str(size)]:
            gc.collect()
            torch.cuda.empty_cache()
            break
        before, speed = speed, found[str(size)]["memes_per_second"]
        if speed < before * _WORTHWHILE:
            break
    return found


def _doubled(most: int) -> Iterator[int]:
    size = 1
    while size <= most:
        yield size
        size *= 2


def _measure_batch(packed: PackedSides, usual: UsualSides, memes: list[BenchmarkMeme]) -> dict[str, Any]:
    tasks = packed.tasks
    tokens = packed.new_tokens(memes[0], tasks)

    def score() -> None:
        packed.score(memes, tasks).cpu()  # which waits for the device

    def bound() -> None:
        usual.causal(memes, tokens).cpu()

    work = count_flop(score)
    times = interleave({"packed": score, "causal": bound}, rounds=_ROUNDS)
    seconds = times.median("packed")
    return {
        "memes_per_second": round(len(memes) / seconds, 2),
        "bound_memes_per_second": round(len(memes) / times.median("causal"), 2),
        "share_of_bound": round(times.ratio("causal", "packed"), 3),
        "tflop_per_second": round(work / seconds / 1e12, 3),
    }


def measure_changes(packed: PackedSides, workload: Workload, *, memes: int) -> dict[str, Any]:
    """How far probabilities in larger batches are from those of memes that are scored alone.

    Random weights find labels about as likely as each other, so the count of flips is above that of a trained model.
    """
    chosen = workload.memes(memes)
    alone = _probabilities(packed, workload.geometry, chosen, 1)
    found: dict[str, Any] = {"memes": memes, "predictions": memes * workload.geometry.tasks}
    for size in (4, memes):
        other = _probabilities(packed, workload.geometry, chosen, size)
        changes = (other - alone).abs().flatten()
        found[f"batch_{size}"] = {
            "change_p99": round(float(changes.quantile(0.99)), 6),
            "change_most": round(float(changes.max()), 6),
            "flips": int((other.argmax(-1) != alone.argmax(-1)).sum()),
        }
    return found


def _probabilities(packed: PackedSides, geometry: Geometry, memes: list[BenchmarkMeme], size: int) -> Tensor:
    """(memes, tasks, labels), scored in batches of a size."""
    batches = [memes[start : start + size] for start in range(0, len(memes), size)]
    scores = torch.cat([packed.score(batch, geometry.tasks).cpu() for batch in batches])
    return scores.view(len(memes), geometry.tasks, geometry.labels).softmax(-1)
