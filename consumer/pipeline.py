"""The orchestrator: starts the threads, waits for an end, and takes everything down in the right order."""

import structlog

from .errors import FencedError, OperatorError, told
from .parts import Parts, PipelineOptions, Services, Shared
from .running.halting import Control, StoppedError
from .running.liveness import PipelineState
from .running.loops import Loop
from .running.retrying import Retrying
from .tracking.flow import InFlight
from .tracking.lanes import Lanes
from .wiring import wire

__all__ = ["Pipeline"]

_JOIN_SECONDS = 5.0  # for all loops together
_log = structlog.get_logger(__name__)


class Pipeline:
    """Reads posts, publishes verdicts, commits offsets. docs/pipeline.md tells its threads, and what each failure does.

    `run` once; `stop` and `state` may be called from any thread, `stop` from a signal handler too.
    """

    def __init__(self, services: Services, options: PipelineOptions) -> None:
        self._services, self._options = services, options
        clock, metrics = services.clock, services.metrics
        control = Control(stays_alive=not options.polling.finite)
        in_flight = InFlight(options.flow)
        self._shared = Shared(
            control=control,
            in_flight=in_flight,
            lanes=Lanes(in_flight, on_drop=metrics.dropped.inc),
            retrying=Retrying(control.ended, clock, in_flight, options.retries, metrics.retried),
            starting=Retrying(control.stopping, clock, in_flight, options.retries, metrics.retried),
        )
        self._parts: Parts | None = None
        metrics.watch(lambda: self.state)

    def run(self) -> None:
        """Work until `stop`, or until the options say so; returns when everything is committed and closed.

        Where a person must act it stops consuming and waits for `stop`; `state.halted` says what to do.

        Raises:
            OperatorError: a person must act, and the pipeline was to end by itself.
            FencedError: another process took this one's place; nothing of ours was committed after it did.
            Exception: a defect; what wasn't acknowledged is read again at the next start.
        """
        control = self._shared.control
        try:
            self._parts = wire(self._services, self._options, self._shared)
        except StoppedError:
            return
        except FencedError:
            raise
        except OperatorError as error:
            control.halt(error)
            control.wait_until_over()
            if control.failure is not None:
                raise
            return
        loops = [Loop(step, control) for step in self._parts.steps]
        for loop in loops:
            loop.start()
        control.wait_until_over()
        self._drain()
        self._take_down(self._parts, loops)
        if control.failure is not None:
            raise control.failure

    def stop(self, reason: str = "asked to") -> None:
        """Admit nothing more, finish what is in flight, commit, end. Idempotent."""
        self._shared.control.stop(reason)

    @property
    def state(self) -> PipelineState:
        """One look at it."""
        shared, parts, now = self._shared, self._parts, self._services.clock.monotonic()
        oldest = shared.lanes.oldest()
        away = () if parts is None or parts.probing.answered else ("broker",)
        return PipelineState(
            now=now,
            joined=parts is not None and parts.polling.snapshot.joined,
            halted=shared.control.halted,
            failure=told(shared.control.failure) if shared.control.failure else None,
            stopping=shared.control.stopping.is_set(),
            loops={step.name: step.heart.last for step in parts.steps} if parts else {},
            retrying=shared.retrying.waiting + shared.starting.waiting + away,
            fetching=parts.fetching.active if parts else 0,
            oldest_seconds=None if oldest is None else now - oldest,
            in_flight_posts=shared.in_flight.posts,
            in_flight_bytes=shared.in_flight.bytes,
        )

    def _drain(self) -> None:
        """Wait for what is in flight, as long as that can help."""
        control, clock = self._shared.control, self._services.clock
        deadline = clock.monotonic() + self._options.drain_seconds
        while clock.monotonic() < deadline and not control.halted and control.failure is None:
            if self._shared.in_flight.wait_until_empty(0.1):
                return
        if posts := self._shared.in_flight.posts:
            _log.warning("stopping with work in flight", posts=posts)

    def _take_down(self, parts: Parts, loops: list[Loop]) -> None:
        self._shared.control.ended.set()
        self._shared.lanes.close()
        deadline = self._services.clock.monotonic() + _JOIN_SECONDS
        for loop in loops:
            loop.join(max(0.0, deadline - self._services.clock.monotonic()))
        parts.fetching.close()  # after the thread that submits to it
        parts.erasing.close()
        parts.delivery.close()
        parts.subscription.close()
