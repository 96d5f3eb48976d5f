"""How the threads learn that it is over."""

import subprocess
import sys

import pytest

from memelens.consumer.errors import OperatorError
from memelens.consumer.running.halting import Control, StoppedError

_INTERRUPTED = """
import signal, sys
from memelens.consumer.running.halting import Control

control = Control()
signal.signal(signal.SIGALRM, lambda *_: control.stop("a signal"))
for _ in range(300):
    control = Control()
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    control.wait_until_over()
    for _ in range(500):
        control.wait_until_over()
    signal.setitimer(signal.ITIMER_REAL, 0)
sys.exit(0)
"""


def test_a_signal_never_waits_for_the_thread_that_it_interrupts() -> None:
    """However unlucky the moment, a handler that stops returns: the main thread waits on the same locks."""
    # In a process of its own, which can be ended where the test fails.
    subprocess.run([sys.executable, "-c", _INTERRUPTED], timeout=60, check=True, capture_output=True)


def test_the_first_reason_to_halt_stays() -> None:
    """What a person reads is what went wrong first, and the process stays alive for them."""
    control = Control()
    control.halt(OperatorError("create the topic"))
    control.halt(OperatorError("a consequence"))
    assert control.halted == "create the topic"
    assert control.failure is None


def test_what_ends_by_itself_fails_instead() -> None:
    """Nobody watches a command's readiness."""
    control, error = Control(stays_alive=False), OperatorError("create the topic")
    control.halt(error)
    control.wait_until_over()
    assert control.failure is error


def test_after_the_end_nothing_is_waited_for() -> None:
    """Steps that wait in short turns learn it from `check`."""
    control = Control()
    control.check()
    control.ended.set()
    with pytest.raises(StoppedError):
        control.check()
