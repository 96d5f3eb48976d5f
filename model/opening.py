"""From a settings value to an engine."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from .engine import Engine
from .fake import FakeEngine, FakeOptions
from .supervisor import Death, SupervisedEngine, WorkerLimits

__all__ = ["EngineSpec", "open_engine"]


class EngineSpec(BaseModel):
    """Which model, and how it runs. Plain and picklable: it is what crosses into the worker process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Annotated[str, Field(min_length=1)] = "demonstration"
    """`demonstration`, a local directory, a hub id `org/name[@revision]`, or `fake://?…`."""
    adapter: str | None = None
    """LoRA adapter on top of it: a local directory or a hub id."""
    manifest: str | None = None
    """A `memelens.json` that stands above the checkpoint's own, or `released`: see `checkpoint`."""
    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d+)?)$")] = "auto"
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """auto: bfloat16 on CUDA, float32 on a CPU."""
    max_pixels: Annotated[int, Field(ge=1024)] | None = None
    """Pixels that a picture is scaled down to; None is the checkpoint's own cap."""
    token_budget: Annotated[int, Field(ge=256)] = 16384
    """New tokens in one forward pass; halved for good when the device runs out of memory."""
    rationale_tokens: Annotated[int, Field(ge=1)] = 96
    """Length at which a rationale is cut."""
    process: Literal["auto", "thread", "process"] = "auto"
    """Where it runs; auto: a process of its own, but a thread for the demonstration and fake models."""

    @property
    def in_own_process(self) -> bool:
        """Whether a worker process is started for it."""
        embedded = self.model == "demonstration" or self.model.startswith("fake:")
        return not embedded if self.process == "auto" else self.process == "process"


def open_engine(
    spec: EngineSpec, limits: WorkerLimits | None = None, on_death: Callable[[Death], None] = lambda _: None
) -> Engine:
    """Load the model; returns when it is ready. `limits` and `on_death` concern a worker process only.

    Raises:
        CheckpointError: the model can't be served as it is.
        EngineUnavailableError: its process died, or wasn't ready in time.
    """
    if spec.in_own_process:
        return SupervisedEngine(partial(_open_here, spec), limits, on_death)
    return _open_here(spec)


def _open_here(spec: EngineSpec) -> Engine:
    if spec.model.startswith("fake:"):
        return FakeEngine(FakeOptions.from_url(spec.model))
    from .packed_engine import PackedEngine  # noqa: PLC0415  loads torch, which fake:// and settings must not

    return PackedEngine.open(spec)
