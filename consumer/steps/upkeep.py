"""What is looked after from time to time: how far behind we are, whether broker and topics are what we need."""

from collections.abc import Callable

import structlog

from ..brokers.interface import GroupSnapshot, Subscription
from ..clock import Clock
from ..errors import RetryLaterError
from ..metrics import Metrics
from ..running.halting import Control
from ..running.loops import Heart
from ..tracking.lanes import Lanes

__all__ = ["LagWatch", "ProbeStep"]

_IDLE_SECONDS = 1.0
_AGAIN_SECONDS = 5.0  # after a probe that nobody answered
_log = structlog.get_logger(__name__)


class LagWatch:
    """Measures the lag of the partitions held. The publishing thread only, which may ask the subscription."""

    def __init__(  # noqa: PLR0913 - explicit dependencies
        self,
        subscription: Subscription,
        snapshot: Callable[[], GroupSnapshot],
        *,
        every_seconds: float,
        lanes: Lanes,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._subscription, self._snapshot, self._every_seconds = subscription, snapshot, every_seconds
        self._lanes, self._clock, self._metrics = lanes, clock, metrics
        self._next = clock.monotonic() + every_seconds

    def look(self) -> None:
        """Measure where it is time to; a broker that doesn't answer is asked again the next time."""
        if self._clock.monotonic() < self._next:
            return
        self._next = self._clock.monotonic() + self._every_seconds
        held = self._snapshot().assignment
        try:
            ends = self._subscription.end_offsets(held)
            done = {**self._subscription.committed(held), **self._lanes.watermarks()}
        except RetryLaterError as error:
            _log.info("lag unknown", reason=str(error))
            return
        self._metrics.lags({one: end - done[one] for one, end in ends.items() if one in done})


class ProbeStep:
    """Calls a probe from time to time: a missing topic looks like an empty one, a wrong password like a dead broker.

    What the probe raises as an OperatorError halts the pipeline. That nobody answers is the other steps' business, but
    where they have nothing to do, nobody else finds out: until somebody answers again, the pipeline isn't ready.
    """

    name = "probe"

    def __init__(self, probe: Callable[[], object], *, every_seconds: float, control: Control, clock: Clock) -> None:
        self._probe, self._every_seconds, self._control, self._clock = probe, every_seconds, control, clock
        self._next = clock.monotonic() + every_seconds
        self.answered = True
        self.heart = Heart(clock)

    def turn(self) -> None:
        left = self._next - self._clock.monotonic()
        if left > 0:  # in short waits: one that is idle neither stands still nor waits for the broker
            self._clock.wait(self._control.ended, min(left, _IDLE_SECONDS))
            return
        with self.heart.waiting_for("broker"):
            try:
                self._probe()
            except RetryLaterError as error:
                _log.info("probe without answer", reason=str(error))
                self.answered = False
            else:
                self.answered = True
        soon = self._every_seconds if self.answered else min(self._every_seconds, _AGAIN_SECONDS)
        self._next = self._clock.monotonic() + soon
