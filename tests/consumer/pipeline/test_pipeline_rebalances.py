"""Partitions that come and go while posts of them are on their way."""

from memelens.consumer.brokers.interface import Partition
from memelens.consumer.errors import BrokerUnavailableError
from memelens.consumer.steps.poll import PollLimits
from memelens.consumer.tracking.flow import FlowLimits

from .trials import Bench, wait_for

NAMES = [f"p{number}" for number in range(120)]
BOTH = frozenset({Partition("posts", 0), Partition("posts", 1)})


def test_a_rebalance_at_the_bound_keeps_the_bound(bench: Bench) -> None:
    """Partitions that are given up and taken back between two polls stay paused while nothing more may be polled."""
    bench.broker.faults.gate.clear()
    bench.send_posts(NAMES)
    trial = bench.trial(flow=FlowLimits(max_posts=20), polling=PollLimits(max_records=10), revocation_seconds=0.05)
    wait_for(lambda: bench.broker.subscription and bench.broker.subscription.paused == BOTH, "the pause")
    subscription = bench.broker.subscription
    assert subscription is not None
    for generation in (2, 3, 4):
        subscription.rebalance(BOTH, eager=True)
        wait_for(lambda wanted=generation: subscription.generation == wanted, "the rebalance")  # type: ignore[misc]
        wait_for(lambda: subscription.paused == BOTH, "the pause")
    beat = trial.pipeline.state.loops["poll"].at
    wait_for(lambda: trial.pipeline.state.loops["poll"].at > beat + 0.3, "some more polls")
    assert subscription.polled <= 20 + 3
    bench.broker.faults.gate.set()
    wait_for(bench.settled, "the commit")


def test_what_was_lost_during_an_outage_is_not_published_after_it(bench: Bench) -> None:
    """Publishing that is tried again leaves out partitions given up meanwhile: their new owner may be further."""
    faults = bench.broker.faults
    faults.before_publish += [BrokerUnavailableError("down")] * 1000
    bench.send_posts(NAMES)
    trial = bench.trial()
    wait_for(lambda: trial.value("retries_total", step="publish") >= 1, "the first failure")
    subscription = bench.broker.subscription
    assert subscription is not None
    subscription.rebalance(frozenset(), lost=True)
    wait_for(lambda: not subscription.held, "the loss")
    faults.before_publish.clear()
    wait_for(lambda: trial.pipeline.state.in_flight_posts == 0, "nothing in flight")
    trial.stop()
    assert bench.broker.read("memes.verdicts") == []
    assert bench.broker.committed == {}
    assert trial.value("dropped_total") == trial.value("polled_total") > 0


def test_revocation_waits_for_work_in_flight(bench: Bench, delivery: str) -> None:
    """A partition is given up with its watermark behind what was judged, so its next owner repeats nothing."""
    bench.send_posts(NAMES)
    trial = bench.trial("fake://?latency_ms=5", delivery=delivery)
    wait_for(lambda: bench.broker.read("memes.verdicts"), "the first verdict")
    assert bench.broker.subscription is not None
    bench.broker.subscription.rebalance(frozenset({Partition("posts", 0)}))
    wait_for(lambda: bench.broker.subscription and len(bench.broker.subscription.held) == 1, "the rebalance")
    bench.broker.subscription.rebalance(frozenset({Partition("posts", 0), Partition("posts", 1)}))
    wait_for(bench.settled, "the commit")
    trial.stop()
    assert sorted(bench.broker.posts("memes.verdicts")) == sorted(NAMES)


def test_a_lost_partition_is_forgotten(bench: Bench, delivery: str) -> None:
    """What was in flight for it is neither committed nor, in transactions, published."""
    bench.broker.faults.gate.clear()
    bench.send_posts(NAMES)
    trial = bench.trial(delivery=delivery)
    wait_for(lambda: bench.broker.subscription and bench.broker.subscription.polled == len(NAMES), "the poll")
    assert bench.broker.subscription is not None
    bench.broker.subscription.rebalance(frozenset(), lost=True)
    wait_for(lambda: bench.broker.subscription and not bench.broker.subscription.held, "the loss")
    bench.broker.faults.gate.set()
    wait_for(lambda: trial.pipeline.state.in_flight_posts == 0, "nothing in flight")
    trial.stop()
    assert bench.broker.committed == {}
    if delivery == "exactly-once":
        assert bench.broker.read("memes.verdicts") == []
