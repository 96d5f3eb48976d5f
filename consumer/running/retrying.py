"""Trying again what may succeed later: bounded exponential backoff with jitter."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TypeVar

import structlog

from ..clock import Clock
from ..tracking.flow import InFlight
from .halting import StoppedError

__all__ = ["RetryLimits", "Retrying"]

_Result = TypeVar("_Result")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RetryLimits:
    """The wait before the second attempt is doubled up to the longest; up to half of each is taken off at random."""

    first_seconds: float = 0.2
    longest_seconds: float = 15.0


class Retrying:
    """Calls something until it succeeds or `ended` is set; nothing is polled from its first failure on.

    Safe to share between threads.
    """

    def __init__(
        self, ended: Event, clock: Clock, in_flight: InFlight, limits: RetryLimits, on_retry: Callable[[str], None]
    ) -> None:
        """`on_retry` is told the step after each failure."""
        self._ended, self._clock, self._in_flight = ended, clock, in_flight
        self._limits, self._on_retry = limits, on_retry
        self._waiting: list[str] = []

    @property
    def waiting(self) -> tuple[str, ...]:
        """Steps whose dependency didn't answer and hasn't since."""
        return tuple(self._waiting)

    def call(
        self, step: str, operation: Callable[[], _Result], errors: type[Exception] | tuple[type[Exception], ...]
    ) -> _Result:
        """Result of `operation`, after any number of these errors.

        Raises:
            StoppedError: the pipeline ended first.
        """
        try:
            return operation()
        except errors as error:
            self._failed(step, error)
        self._waiting.append(step)
        try:
            with self._in_flight.held():
                return self._call_again(step, operation, errors)
        finally:
            self._waiting.remove(step)

    def _call_again(
        self, step: str, operation: Callable[[], _Result], errors: type[Exception] | tuple[type[Exception], ...]
    ) -> _Result:
        delay = self._limits.first_seconds
        while not self._clock.wait(self._ended, delay * random.uniform(0.5, 1)):
            try:
                return operation()
            except errors as error:
                self._failed(step, error)
            delay = min(2 * delay, self._limits.longest_seconds)
        raise StoppedError

    def _failed(self, step: str, error: Exception) -> None:
        _log.warning("will try again", step=step, error=type(error).__name__, reason=str(error))
        self._on_retry(step)
