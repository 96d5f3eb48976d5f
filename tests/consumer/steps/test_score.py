"""What lies between looking up and scoring."""

import threading
import time

from memelens.consumer.clock import SystemClock
from memelens.consumer.running.retrying import Retrying, RetryLimits
from memelens.consumer.steps.batching import BatchLimits
from memelens.consumer.steps.engine_turns import EngineTurns
from memelens.consumer.steps.score import BatchQueue
from memelens.consumer.tracking.flow import FlowLimits, InFlight
from memelens.model.fake import FakeEngine


def batch_queue() -> BatchQueue:
    """An empty one."""
    clock = SystemClock()
    retrying = Retrying(threading.Event(), clock, InFlight(FlowLimits()), RetryLimits(), lambda _: None)
    return BatchQueue(BatchLimits(), EngineTurns(FakeEngine(), retrying), clock)


def test_a_run_of_cache_hits_does_not_keep_the_scoring_thread() -> None:
    """Whoever takes comes back within moments even while others put nothing all the time: its heart must beat."""
    queue, over = batch_queue(), threading.Event()

    def hits() -> None:
        while not over.wait(0.01):
            queue.put([])

    thread = threading.Thread(target=hits, daemon=True)
    thread.start()
    # On a thread, so that a queue that keeps it fails the test and doesn't stop it.
    started, answers = time.monotonic(), list[object]()
    taking = threading.Thread(target=lambda: answers.append(queue.take()), daemon=True)
    taking.start()
    taking.join(5)
    over.set()
    thread.join()
    assert answers == [None]
    assert time.monotonic() - started < 5
