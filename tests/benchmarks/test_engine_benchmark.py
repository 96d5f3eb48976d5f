"""The engine's benchmark at a tiny size: its sides do what they say, and the GPU's part runs on any device."""

import json
from collections.abc import Iterator

import pytest
import torch
from benchmarks.engine import measure_cpu
from benchmarks.engine_flops import count_flop
from benchmarks.engine_geometry import EIGHT_BILLION, Geometry, build_model, parameters
from benchmarks.engine_gpu import GRIDS, measure_batches, measure_gpu, measure_model
from benchmarks.engine_sides import PackedSides, UsualSides
from benchmarks.engine_workload import BenchmarkMeme, Workload

TINY = Geometry(
    vocabulary=4096,
    width=32,
    layers=2,
    head_width=16,
    heads=2,
    key_value_heads=1,
    hidden=48,
    vision_width=16,
    vision_layers=2,
    vision_heads=2,
    vision_hidden=24,
    vision_positions=16,
    deepstack=(0,),
    grid=(2, 3),
    tasks=3,
    static=8,
    text=5,
    question=4,
    rationale=3,
    rationale_memes=2,
    rationale_tasks=2,
)
CPU = torch.device("cpu")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Threads of a tiny model wait for one another longer than they compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_every_ratio_is_measured() -> None:
    """The JSON object holds each ratio that the documentation names, positive, and work and speed of each side."""
    found = json.loads(json.dumps(measure_cpu(TINY, 1)))
    names = {"ratio_calls", "ratio_batch", "ratio_prefix", "cost_of_twenty", "share_of_bound", "ratio_rationales"}
    assert names <= found.keys()
    assert all(found[name] > 0 for name in names)
    assert found["sides"].keys() >= {"packed", "packed_one", "causal", "prefix_cache", "batch", "calls"}
    assert all(side["gflop_per_second"] >= 0 for side in found["sides"].values())


@torch.inference_mode()
def test_usual_sides_answer_alike() -> None:
    """Calls, one batch and the prefix cache are three ways to the same tokens, as many as were asked for."""
    torch.manual_seed(0)
    workload = Workload(TINY)
    usual, memes = UsualSides(build_model(TINY), workload), workload.memes(2)
    answers = usual.calls(memes[0])
    assert answers == usual.batch(memes[0]) == usual.prefix_cache(memes[0])
    assert [len(answer) for answer in answers] == [TINY.answer] * TINY.tasks
    assert usual.explain(memes, 2, 3) == usual.explain_batch(memes, 2, 3)


@torch.inference_mode()
def test_attention_counts_as_work() -> None:
    """The work of a side holds its attention, which torch doesn't count on CPUs by itself."""
    query = torch.randn(2, 3, 5, 16)
    key = torch.randn(2, 3, 7, 16)
    attend = torch.nn.functional.scaled_dot_product_attention
    assert count_flop(lambda: attend(query, key, key)) == 2 * 2 * 3 * 5 * 7 * (16 + 16)


def test_gpu_part_runs_on_any_device() -> None:
    """Speed, bound and changes of probability for each picture size, in float32 the same in every batch."""
    found = measure_model(TINY, CPU, torch.float32, grids=((2, 3), (3, 3)), free_bytes=1 << 30)
    assert {"6_image_tokens", "9_image_tokens"} <= found.keys()
    small = found["6_image_tokens"]
    assert small["new_tokens"] == 6 + 2 + TINY.text + TINY.header + 5 * TINY.tasks
    assert list(small["batches"])[:2] == ["1", "2"]
    assert small["batches"]["1"]["memes_per_second"] > 0
    assert small["probability_changes"]["batch_32"]["change_most"] < 1e-4
    assert small["probability_changes"]["batch_32"]["flips"] == 0


def test_what_does_not_fit_is_not_built() -> None:
    """The 8 B configuration on a device with 8 GB free is skipped with a sentence that names both sizes."""
    found = measure_model(EIGHT_BILLION, CPU, torch.bfloat16, grids=GRIDS, free_bytes=8_000_000_000)
    assert found == {"skipped": "23 GB are needed, 8 GB are free on cpu"}
    assert 8.5e9 < parameters(EIGHT_BILLION) < 9e9


@torch.inference_mode()
def test_batches_end_where_memory_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch for which there is no memory is named, the figures of those before it stay."""
    model, workload = build_model(TINY), Workload(TINY)
    packed, usual = PackedSides(model, workload), UsualSides(model, workload)
    scored = packed.score

    def score(memes: list[BenchmarkMeme], tasks: int) -> torch.Tensor:
        if len(memes) > 1:
            raise torch.OutOfMemoryError
        return scored(memes, tasks)

    monkeypatch.setattr(packed, "score", score)
    found = measure_batches(packed, usual, workload, most=8)
    assert list(found) == ["1", "2"]
    assert found["2"] == {"skipped": "out of memory"}


def test_no_gpu_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without CUDA the benchmark says that the GPU's figures are not measured."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert measure_gpu() == {"skipped": "torch sees no CUDA device: the 8 B figures are not measured"}
