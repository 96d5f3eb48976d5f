"""The last step, where it meets a rebalance."""

import threading
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry
from tests.consumer.pipeline.faulty_broker import FaultyBroker, FaultyPublisher, FaultySubscription

from memelens.consumer.brokers.interface import GroupSnapshot, OutputRecord, Partition, Record
from memelens.consumer.clock import ManualClock
from memelens.consumer.metrics import Metrics
from memelens.consumer.running.retrying import Retrying, RetryLimits
from memelens.consumer.steps.publish import AtLeastOnce, CommitLimits
from memelens.consumer.steps.refusing import DeadLetterOptions, Refusing
from memelens.consumer.tracking.flow import FlowLimits, InFlight
from memelens.consumer.tracking.lanes import Lanes

if TYPE_CHECKING:
    from collections.abc import Callable

ONE = Partition("posts", 0)
SNAPSHOT = GroupSnapshot(1, "me", frozenset({ONE, Partition("posts", 1)}))


def at_least_once(broker: FaultyBroker, lanes: Lanes, snapshot: "Callable[[], GroupSnapshot]") -> AtLeastOnce:
    """Delivery to a broker in memory; nothing waits for commits to be due."""
    clock = ManualClock()
    return AtLeastOnce(
        FaultyPublisher(broker),
        FaultySubscription(broker, "posts", lambda _partitions, _lost: {}),
        snapshot,
        limits=CommitLimits(max_posts=1),
        lanes=lanes,
        retrying=Retrying(threading.Event(), clock, InFlight(FlowLimits()), RetryLimits(), lambda _: None),
        refusing=Refusing(DeadLetterOptions("dead", "group", "test", 10_000), clock),
        clock=clock,
        metrics=Metrics(CollectorRegistry()),
    )


def test_a_partition_given_up_before_the_commit_is_not_committed() -> None:
    """Its watermark is for its next owner to move: the broker itself would take an old one, and go back."""
    broker, lanes = FaultyBroker(), Lanes(InFlight(FlowLimits()))
    taken: list[Partition] = []

    def snapshot() -> GroupSnapshot:
        lanes.revoke(taken)
        return SNAPSHOT

    delivery = at_least_once(broker, lanes, snapshot)
    for offset in (0, 1):
        tickets = lanes.admit([Record(ONE, offset, b"k", b"{}")], SNAPSHOT, 0.0)
        tickets[0].outputs = (OutputRecord("verdicts", b"k", b"{}"),)
        lanes.enter(tickets)
        assert delivery.deliver(lanes.leave(tickets)) == tickets
        delivery.settle()
        taken.append(ONE)
    assert broker.commits == [{ONE: 1}]
    assert len(broker.read("verdicts")) == 2
