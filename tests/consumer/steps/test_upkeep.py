"""What is looked after from time to time."""

from threading import Event
from typing import TYPE_CHECKING

import pytest

from memelens.consumer.clock import ManualClock
from memelens.consumer.errors import BrokerUnavailableError, OperatorError
from memelens.consumer.running.halting import Control
from memelens.consumer.steps.upkeep import ProbeStep

if TYPE_CHECKING:
    from memelens.consumer.running.loops import Heartbeat


class Watched(ManualClock):
    """Looks at a step's heart while the step waits."""

    step: ProbeStep | None = None

    def __init__(self) -> None:
        super().__init__()
        self.idle: list[Heartbeat] = []

    def wait(self, event: Event, seconds: float) -> bool:
        if self.step is not None:
            self.idle.append(self.step.heart.last)
        return super().wait(event, seconds)


class Probe:
    """Notes when it is called and what the heart says then; raises what it is told to."""

    def __init__(self) -> None:
        self.clock = Watched()
        self.step = self.clock.step = ProbeStep(self.call, every_seconds=60, control=Control(), clock=self.clock)
        self.error: Exception | None = None
        self.calls: list[float] = []
        self.hearts: list[Heartbeat] = []
        self._start = self.clock.monotonic()

    def call(self) -> None:
        """As the pipeline calls it."""
        self.calls.append(self.clock.monotonic() - self._start)
        self.hearts.append(self.step.heart.last)
        if self.error is not None:
            raise self.error


@pytest.fixture
def probe() -> Probe:
    """On a clock that waiting advances."""
    return Probe()


def test_it_is_called_from_time_to_time(probe: Probe) -> None:
    """Every sixty seconds, and not at the start, which has probed already."""
    while len(probe.calls) < 3:
        probe.step.turn()
    assert probe.calls == [60, 120, 180]


def test_between_two_calls_nothing_is_waited_for(probe: Probe) -> None:
    """Its idling must not pass for a broker that doesn't answer: work that is stuck elsewhere would go unnoticed."""
    while not probe.calls:
        probe.step.turn()
    assert {beat.waiting_for for beat in probe.clock.idle} == {None}
    assert [beat.waiting_for for beat in probe.hearts] == ["broker"]


def test_no_answer_is_left_to_others_and_a_refusal_is_not(probe: Probe) -> None:
    """A broker that is away is asked again soon; what a person must mend comes through."""
    probe.error = BrokerUnavailableError("away")
    while len(probe.calls) < 3:
        probe.step.turn()
    assert probe.calls == [60, 65, 70]
    answered = [probe.step.answered]
    probe.error = None
    while len(probe.calls) < 5:
        probe.step.turn()
    assert probe.calls[3:] == [75, 135]
    assert [*answered, probe.step.answered] == [False, True]
    probe.error = OperatorError("the topic is missing")
    for _ in range(60):
        probe.step.turn()
    with pytest.raises(OperatorError, match="missing"):
        probe.step.turn()
