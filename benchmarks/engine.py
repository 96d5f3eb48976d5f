"""The engine's speed on two CPU threads, and on a GPU where there is one: `python -m benchmarks.engine`.

Twenty tasks about one meme: packed, against (a) twenty generate calls, (b) one generate call with a batch of twenty and
(c) a prefix cache with twenty batched branches, each asked with a question for each task as one asks a released model.
Two figures no baseline can flatter: the cost of twenty tasks over one, and the share of the bound, one plain causal
forward over as many new tokens with the same picture. Rationales from the packed cache, several memes and tasks in one
decoding batch, against a generate call for each. All sides run on the same model. Prints one JSON object as the last
line.
"""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping

import torch

from .engine_flops import count_flop
from .engine_geometry import SMALL, Geometry, build_model
from .engine_gpu import measure_gpu
from .engine_sides import PackedSides, UsualSides
from .engine_workload import Workload
from .timing import Timings, interleave

__all__ = ["measure_cpu"]

_LEAST_ROUNDS = 5
_RATIOS = {
    "ratio_calls": ("calls", "packed"),
    "ratio_batch": ("batch", "packed"),
    "ratio_prefix": ("prefix_cache", "packed"),
    "cost_of_twenty": ("packed", "packed_one"),
    "share_of_bound": ("causal", "packed"),
    "ratio_rationales": ("rationales_calls", "rationales"),
    "ratio_rationales_with_prefix": ("rationales_calls", "rationales_with_prefix"),
    "ratio_rationales_batch": ("rationales_batch", "rationales_with_prefix"),
}

_Sides = Mapping[str, Callable[[], object]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each side runs, 5 or more")
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="one thread, and the processor's seconds in place of the clock's: beside other load two threads wait for"
        " each other, and the clock counts it",
    )
    options = parser.parse_args()
    if options.rounds < _LEAST_ROUNDS:
        parser.error(f"--rounds {options.rounds}: a median wants {_LEAST_ROUNDS} or more")
    torch.set_num_threads(1 if options.processor_time else 2)
    clock = time.process_time if options.processor_time else time.perf_counter
    found = {
        "benchmark": "engine",
        "machine": platform.machine(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "clock": clock.__name__,
        "rounds": options.rounds,
        "load_before": round(os.getloadavg()[0], 1),
    }
    print(json.dumps(found | measure_cpu(SMALL, options.rounds, clock) | {"gpu": measure_gpu()}))


@torch.inference_mode()
def measure_cpu(geometry: Geometry, rounds: int, clock: Callable[[], float] = time.perf_counter) -> dict[str, object]:
    """All ratios, as medians over the rounds and of the fastest ones, and what each side takes."""
    torch.manual_seed(0)
    model, workload = build_model(geometry), Workload(geometry)
    packed, usual = PackedSides(model, workload), UsualSides(model, workload)
    scoring, explaining = _scoring(packed, usual, workload), _explaining(packed, usual, workload)
    seconds: dict[str, list[float]] = {}
    described: dict[str, dict[str, float]] = {}
    for sides in (scoring, explaining):
        work = {name: count_flop(side) for name, side in sides.items()}  # which warms them up, too
        times = interleave(sides, rounds=rounds, warm_up=0, clock=clock)
        seconds |= times.seconds
        described |= {name: _described(name, flop, times) for name, flop in work.items()}
    times = Timings(seconds)
    return {
        "parameters_millions": round(sum(one.numel() for one in model.parameters()) / 1e6, 1),
        "image_tokens": geometry.image_tokens,
        "new_tokens": packed.new_tokens(workload.memes(1)[0], geometry.tasks),
        **{name: round(times.ratio(*sides), 3) for name, sides in _RATIOS.items()},
        "of_fastest_rounds": {name: round(times.best_ratio(*sides), 3) for name, sides in _RATIOS.items()},
        "sides": described,
    }


def _scoring(packed: PackedSides, usual: UsualSides, workload: Workload) -> _Sides:
    meme, tasks = workload.memes(1)[0], workload.geometry.tasks
    tokens = packed.new_tokens(meme, tasks)
    return {
        "packed": lambda: packed.score([meme], tasks),
        "packed_one": lambda: packed.score([meme], 1),
        "causal": lambda: usual.causal([meme], tokens),
        "prefix_cache": lambda: usual.prefix_cache(meme),
        "batch": lambda: usual.batch(meme),
        "calls": lambda: usual.calls(meme),
    }


def _explaining(packed: PackedSides, usual: UsualSides, workload: Workload) -> _Sides:
    geometry = workload.geometry
    memes, size = workload.memes(geometry.rationale_memes), (geometry.rationale_tasks, geometry.rationale)
    kept = packed.keep(memes)
    return {
        "rationales": lambda: packed.explain(kept, *size),
        "rationales_with_prefix": lambda: packed.explain(packed.keep(memes), *size),
        "rationales_calls": lambda: usual.explain(memes, *size),
        "rationales_batch": lambda: usual.explain_batch(memes, *size),
    }


def _described(name: str, flop: float, times: Timings) -> dict[str, float]:
    """Milliseconds, work and speed of a side."""
    seconds, fastest = times.median(name), times.fastest(name)
    found = {
        "ms": round(seconds * 1000, 1),
        "ms_fastest": round(fastest * 1000, 1),
        "gflop": round(flop / 1e9, 1),
        "gflop_per_second": round(flop / 1e9 / seconds, 1),
        "gflop_per_second_fastest": round(flop / 1e9 / fastest, 1),
    }
    print(f"{name}: {found}", file=sys.stderr)
    return found


if __name__ == "__main__":
    main()
