"""Whether the pipeline lives and is ready, from one look at it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .loops import Heartbeat

__all__ = ["LivenessLimits", "PipelineState", "alive", "ready"]


@dataclass(frozen=True, slots=True)
class LivenessLimits:
    """A loop may stand still, and work may be in flight, for so long."""

    loop_seconds: float = 60.0
    work_seconds: float = 900.0


@dataclass(frozen=True, slots=True)
class PipelineState:
    """The pipeline at one moment; `now` and the heartbeats are monotonic seconds.

    `retrying` are steps that wait for a dependency to come back, and the broker where the last probe got no answer;
    `fetching` counts pictures that a host is asked for.
    `oldest_seconds` is the age of the oldest work in flight, None where there is none.
    """

    now: float
    joined: bool = False
    halted: str | None = None
    failure: str | None = None
    stopping: bool = False
    loops: Mapping[str, Heartbeat] = field(default_factory=dict)
    retrying: tuple[str, ...] = ()
    fetching: int = 0
    oldest_seconds: float | None = None
    in_flight_posts: int = 0
    in_flight_bytes: int = 0


def alive(state: PipelineState, limits: LivenessLimits) -> str | None:
    """None, or why the process should be killed. Waiting, paused, idle and halted are alive."""
    if state.failure:
        return state.failure
    if state.halted:
        return None
    waits = bool(state.retrying or state.fetching)
    for name, beat in state.loops.items():
        waits = waits or beat.waiting_for is not None
        if beat.waiting_for is None and name not in state.retrying and state.now - beat.at > limits.loop_seconds:
            return f"the {name} loop has stood still for {state.now - beat.at:.0f} s"
    if not waits and (state.oldest_seconds or 0) > limits.work_seconds:
        return f"a post has been in flight for {state.oldest_seconds:.0f} s though nothing is waited for"
    return None


def ready(state: PipelineState) -> str | None:
    """None, or why no posts are judged now."""
    if state.failure:
        return state.failure
    if state.halted:
        return f"halted: {state.halted}"
    if state.stopping:
        return "stopping"
    if not state.joined:
        return "the group isn't joined"
    return f"waiting for {', '.join(state.retrying)}" if state.retrying else None
