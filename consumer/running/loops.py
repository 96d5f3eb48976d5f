"""The threads: each turns one step over and over, and tells when it turned last."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import structlog

from ..clock import Clock
from ..errors import FencedError, OperatorError
from .halting import Control, StoppedError

__all__ = ["Heart", "Heartbeat", "Loop", "Step"]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When a loop turned last (monotonic seconds), and the dependency it waits for now, with a deadline of its own."""

    at: float
    waiting_for: str | None = None


class Heart:
    """Heartbeats of one loop; beaten by its thread, read by any."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.last = Heartbeat(clock.monotonic())

    def beat(self) -> None:
        """The loop turns."""
        self.last = Heartbeat(self._clock.monotonic())

    @contextmanager
    def waiting_for(self, dependency: str) -> Iterator[None]:
        """A call that may take long for good reasons: standing still inside is no sign of death."""
        self.last = Heartbeat(self._clock.monotonic(), dependency)
        try:
            yield
        finally:
            self.beat()


class Step(Protocol):
    """One step of a post's way, turned by a thread of its own."""

    name: str
    heart: Heart

    def turn(self) -> None:
        """Take what has arrived, work on it and hand it on; waits briefly where nothing has. Handing on never waits.

        Raises:
            OperatorError: a person must act; the loop ends, nothing is lost.
            FencedError: the process must end.
            StoppedError: the pipeline ended meanwhile.
        """
        ...


class Loop:
    """The thread of a step. What goes wrong in it is told to `control`, never swallowed."""

    def __init__(self, step: Step, control: Control) -> None:
        self._step, self._control = step, control
        self._thread = threading.Thread(target=self._run, name=f"memelens-{step.name}", daemon=True)

    def start(self) -> None:
        """Begin to turn."""
        self._thread.start()

    def join(self, timeout_seconds: float) -> None:
        """Wait until it has ended, or say that it doesn't."""
        self._thread.join(timeout_seconds)
        if self._thread.is_alive():
            _log.warning("a step doesn't end", step=self._step.name)

    def _run(self) -> None:
        try:
            while not self._control.ended.is_set():
                self._step.heart.beat()
                self._step.turn()
        except StoppedError:
            pass
        except FencedError as error:
            self._control.fail(error)
        except OperatorError as error:
            self._control.halt(error)
        except Exception as error:  # noqa: BLE001 - a defect: told to whoever called `Pipeline.run`, which ends with it
            _log.error("step failed", step=self._step.name, error=type(error).__name__)
            self._control.fail(error)
