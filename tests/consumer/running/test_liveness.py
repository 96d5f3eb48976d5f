"""Whether a pipeline lives and is ready."""

from dataclasses import replace

import pytest

from memelens.consumer.running.liveness import LivenessLimits, PipelineState, alive, ready
from memelens.consumer.running.loops import Heartbeat

LIMITS = LivenessLimits(loop_seconds=60, work_seconds=900)
WELL = PipelineState(now=1000.0, joined=True, loops={"poll": Heartbeat(999.0), "score": Heartbeat(999.5)})


@pytest.mark.parametrize(
    "state",
    [
        WELL,
        replace(WELL, joined=False),
        replace(WELL, halted="create the topic", loops={"poll": Heartbeat(1.0)}),
        replace(WELL, loops={"score": Heartbeat(1.0, "engine")}, oldest_seconds=5000.0),
        replace(WELL, loops={"publish": Heartbeat(1.0)}, retrying=("publish",), oldest_seconds=5000.0),
        replace(WELL, fetching=16, oldest_seconds=5000.0),
        replace(WELL, oldest_seconds=899.0),
    ],
    ids=["well", "joining", "halted", "in the engine", "broker down", "hosts that hang", "long work"],
)
def test_waiting_and_halted_are_alive(state: PipelineState) -> None:
    """Nothing that a restart wouldn't cure kills the process."""
    assert alive(state, LIMITS) is None


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (replace(WELL, loops={"judge": Heartbeat(900.0)}), "the judge loop has stood still for 100 s"),
        (replace(WELL, oldest_seconds=901.0), "a post has been in flight for 901 s though nothing is waited for"),
        (replace(WELL, failure="boom"), "boom"),
    ],
    ids=["a loop", "a post", "a defect"],
)
def test_what_stands_still_is_dead(state: PipelineState, reason: str) -> None:
    """A loop that stopped turning, or work that nobody does, is told with its name and age."""
    assert alive(state, LIMITS) == reason


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (WELL, None),
        (replace(WELL, joined=False), "the group isn't joined"),
        (replace(WELL, stopping=True), "stopping"),
        (replace(WELL, halted="create the topic"), "halted: create the topic"),
        (replace(WELL, retrying=("publish",)), "waiting for publish"),
        (replace(WELL, failure="boom"), "boom"),
    ],
    ids=["well", "joining", "stopping", "halted", "waiting", "failed"],
)
def test_ready_says_why_not(state: PipelineState, reason: str | None) -> None:
    """Ready is joined and free to work, everything else has a reason."""
    assert ready(state) == reason
