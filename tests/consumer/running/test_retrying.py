"""Trying again."""

import threading

import pytest

from memelens.consumer.clock import ManualClock
from memelens.consumer.errors import BrokerUnavailableError, OperatorError
from memelens.consumer.running.halting import StoppedError
from memelens.consumer.running.retrying import Retrying, RetryLimits
from memelens.consumer.tracking.flow import FlowLimits, InFlight


class Dependency:
    """Fails so many times, and notes when and in what state it was asked."""

    def __init__(self, clock: ManualClock, failures: list[Exception]) -> None:
        self.clock, self.failures = clock, failures
        self.asked: list[float] = []

    def answer(self) -> str:
        self.asked.append(self.clock.monotonic())
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


@pytest.fixture
def clock() -> ManualClock:
    """Waiting advances it."""
    return ManualClock(0.0)


def retrying(clock: ManualClock, ended: threading.Event, told: list[str]) -> Retrying:
    """Waits of one second to four."""
    return Retrying(ended, clock, InFlight(FlowLimits()), RetryLimits(1.0, 4.0), told.append)


def test_waits_grow_up_to_the_longest(clock: ManualClock) -> None:
    """Each wait is between a half and the whole of its bound, which doubles up to the longest."""
    dependency = Dependency(clock, [BrokerUnavailableError("down")] * 6)
    told: list[str] = []
    assert retrying(clock, threading.Event(), told).call("step", dependency.answer, BrokerUnavailableError) == "answer"
    waits = [after - before for before, after in zip(dependency.asked, dependency.asked[1:], strict=False)]
    bounds = [1, 2, 4, 4, 4, 4]
    assert all(bound / 2 <= wait <= bound for wait, bound in zip(waits, bounds, strict=True))
    assert told == ["step"] * 6


def test_other_errors_come_through(clock: ManualClock) -> None:
    """What doesn't pass by itself isn't tried again."""
    dependency = Dependency(clock, [OperatorError("act")])
    with pytest.raises(OperatorError):
        retrying(clock, threading.Event(), []).call("step", dependency.answer, BrokerUnavailableError)
    assert len(dependency.asked) == 1


def test_the_end_interrupts_the_wait(clock: ManualClock) -> None:
    """A pipeline that ends waits for nobody."""
    ended = threading.Event()
    ended.set()
    dependency = Dependency(clock, [BrokerUnavailableError("down")] * 2)
    with pytest.raises(StoppedError):
        retrying(clock, ended, []).call("step", dependency.answer, BrokerUnavailableError)
    assert len(dependency.asked) == 1


def test_an_outage_lasts_from_the_first_failure_to_the_next_success(clock: ManualClock) -> None:
    """Meanwhile nothing is polled and the step is named, during the attempts too: readiness must not flap."""
    in_flight = InFlight(FlowLimits())
    trying = Retrying(threading.Event(), clock, in_flight, RetryLimits(), lambda _: None)
    seen: list[tuple[tuple[str, ...], bool]] = []
    failures = 2

    def operation() -> None:
        seen.append((trying.waiting, in_flight.room() > 0))
        if len(seen) <= failures:
            raise BrokerUnavailableError("down")

    trying.call("step", operation, BrokerUnavailableError)
    assert seen == [((), True), (("step",), False), (("step",), False)]
    assert (trying.waiting, in_flight.room() > 0) == ((), True)
