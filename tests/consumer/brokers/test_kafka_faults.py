"""A real Kafka that is stopped, killed or frozen in the middle: the promised error in time, and then on as before."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from tests.servers.kafka import KafkaServer, own_kafka
from tests.servers.waiting import eventually

from memelens.consumer.brokers.interface import (
    GroupSnapshot,
    OutputRecord,
    Partition,
    StartAt,
    Subscription,
    TopicSpec,
)
from memelens.consumer.brokers.kafka import KafkaBroker
from memelens.consumer.errors import BrokerUnavailableError, RetryLaterError, UnknownOutcomeError
from memelens.consumer.settings import KafkaSettings

from .rig import NOTHING, gather, gathered, unique

pytestmark = pytest.mark.kafka
REQUEST_SECONDS = 2.0
DEADLINE_SECONDS = 12.0  # two requests for a delivery, what closing takes, and a slow machine
BACK_SECONDS = 120.0
"""A transaction that was open when the broker was killed is given up by it after a minute."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A broker of our own."""
    with own_kafka(tmp_path_factory.mktemp("kafka")) as one:
        yield one


@pytest.fixture
def broker(server: KafkaServer) -> Iterator[KafkaBroker]:
    """Impatient with the server, which is up again after the test."""
    one = KafkaBroker(server.url, KafkaSettings(request_timeout_seconds=REQUEST_SECONDS, session_timeout_seconds=45))
    yield one
    one.close()


def topic_with(broker: KafkaBroker, *values: bytes) -> str:
    """A new topic with records in its one partition."""
    name = unique("topic")
    broker.create_topics([TopicSpec(name)])
    publisher = broker.publisher()
    publisher.publish([OutputRecord(name, b"key", value) for value in values])
    publisher.close()
    return name


def subscribed(broker: KafkaBroker, topic: str, group: str = "") -> Subscription:
    """A member of a group."""
    group = group or unique("group")
    return broker.subscribe(topic, group, start_at=StartAt.EARLIEST, on_revoked=lambda _partitions, _lost: NOTHING)


def values(broker: KafkaBroker, topic: str) -> list[bytes | None]:
    """What a reader of committed records finds."""
    return [record.value for record in broker.read(topic)]


def fails_in_time(call: Callable[[], Any], expected: type[Exception]) -> None:
    """The promised error, within the deadline."""
    started = time.monotonic()
    with pytest.raises(expected):
        call()
    assert time.monotonic() - started < DEADLINE_SECONDS


def succeeds_again(call: Callable[[], Any]) -> None:
    """As a pipeline does it: until the broker is back."""
    deadline = time.monotonic() + BACK_SECONDS
    while True:
        try:
            call()
        except BrokerUnavailableError:
            if time.monotonic() > deadline:
                raise
        else:
            return


def test_publishing_to_a_frozen_broker(server: KafkaServer, broker: KafkaBroker) -> None:
    """It fails in time, and publishing the same again succeeds once the broker answers: nothing is missing."""
    topic = topic_with(broker, b"before")
    publisher = broker.publisher()
    publisher.publish([OutputRecord(topic, b"key", b"warm")])
    records = [OutputRecord(topic, b"key", b"%d" % number) for number in range(50)]
    server.freeze()
    try:
        fails_in_time(lambda: publisher.publish(records), BrokerUnavailableError)
    finally:
        server.thaw()
    succeeds_again(lambda: publisher.publish(records))
    assert {record.value for record in records} <= set(values(broker, topic))
    publisher.close()


def test_closing_while_a_frozen_broker_is_waited_for(server: KafkaServer, broker: KafkaBroker) -> None:
    """A stop that can't wait any longer leaves an outage behind in the publishing thread, not a defect."""
    topic = topic_with(broker)
    publisher = broker.publisher()
    publisher.publish([OutputRecord(topic, b"key", b"warm")])
    server.freeze()
    try:
        with ThreadPoolExecutor(1) as pool:
            publishing = pool.submit(publisher.publish, [OutputRecord(topic, b"key", b"lost")])
            eventually(lambda: publisher._producer._accumulator.has_incomplete, "the record")
            publisher.close()
            with pytest.raises(BrokerUnavailableError):
                publishing.result(DEADLINE_SECONDS)
    finally:
        server.thaw()


def test_committing_to_a_frozen_broker(server: KafkaServer, broker: KafkaBroker) -> None:
    """It fails in time, polls are empty meanwhile, and the member goes on afterwards."""
    topic = topic_with(broker, b"a", b"b", b"c")
    subscription = subscribed(broker, topic)
    _, snapshot = gathered(subscription, 3)
    server.freeze()
    try:
        fails_in_time(lambda: subscription.commit({Partition(topic, 0): 2}, snapshot), BrokerUnavailableError)
        assert not subscription.poll(0.2, 10).records
    finally:
        server.thaw()
    _commits_again(subscription, Partition(topic, 0))
    subscription.close()


def _commits_again(subscription: Subscription, partition: Partition) -> None:
    def committed() -> bool:
        snapshot = subscription.poll(0.2, 10).snapshot
        try:
            subscription.commit({partition: 2}, snapshot)
        except RetryLaterError:
            return False
        return subscription.committed([partition]) == {partition: 2}

    eventually(committed, "the commit", within_seconds=BACK_SECONDS)


class Transactions:
    """A member, a transactional publisher, and the topic between them."""

    def __init__(self, broker: KafkaBroker) -> None:
        self.broker = broker
        self.inputs = Partition(topic_with(broker, *[b"%d" % number for number in range(5)]), 0)
        self.outputs = topic_with(broker)
        self.subscription = subscribed(broker, self.inputs.topic)
        _, self.snapshot = gathered(self.subscription, 5)
        self.publisher = broker.transactional_publisher(unique("id"))

    def publish(self, *written: bytes, until: int) -> None:
        """Write values, and that everything before an offset is finished."""
        records = [OutputRecord(self.outputs, b"key", value) for value in written]
        self.publisher.publish(records, {self.inputs: until}, self.snapshot)

    def committed(self) -> int:
        """The group's offset, as soon as a broker that has just come back knows it."""
        found: list[int] = []
        succeeds_again(lambda: found.append(self.subscription.committed([self.inputs]).get(self.inputs, 0)))
        return found[-1]

    def joined(self) -> GroupSnapshot:
        """Poll until the member is in the group; the membership."""
        eventually(lambda: self._poll().assignment, "membership", within_seconds=BACK_SECONDS)
        return self.snapshot

    def _poll(self) -> GroupSnapshot:
        self.snapshot = self.subscription.poll(0.2, 10).snapshot
        return self.snapshot

    def close(self) -> None:
        """Leave."""
        self.publisher.close()
        self.subscription.close()


def test_a_frozen_broker_leaves_a_transaction_unknown(server: KafkaServer, broker: KafkaBroker) -> None:
    """It fails in time; after a reset, outputs and offset are both there or both not, and transactions go on."""
    trial = Transactions(broker)
    trial.publish(b"0", until=1)
    server.freeze()
    try:
        fails_in_time(lambda: trial.publish(b"1", until=2), UnknownOutcomeError)
        fails_in_time(lambda: trial.publish(b"1", until=2), UnknownOutcomeError)
        fails_in_time(trial.publisher.reset, BrokerUnavailableError)
    finally:
        server.thaw()
    _goes_on_from_what_is_committed(trial)


@pytest.mark.parametrize("call", ["commit_within", "send_offsets_within"])
def test_a_broker_that_freezes_in_a_transactional_call(
    server: KafkaServer, broker: KafkaBroker, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """Where the client alone would block, and may even have committed: unknown in time, and all or nothing."""
    trial = Transactions(broker)
    trial.publish(b"0", until=1)
    producer = trial.publisher._producer
    within = getattr(producer, call)

    def frozen(*arguments: Any) -> None:
        server.freeze()
        within(*arguments)

    monkeypatch.setattr(producer, call, frozen)
    try:
        fails_in_time(lambda: trial.publish(b"1", until=2), UnknownOutcomeError)
    finally:
        server.thaw()
    monkeypatch.undo()
    _goes_on_from_what_is_committed(trial)


def _goes_on_from_what_is_committed(trial: Transactions) -> None:
    succeeds_again(trial.publisher.reset)
    trial.joined()
    at = trial.committed()
    assert at in {1, 2}
    assert values(trial.broker, trial.outputs) == [b"%d" % number for number in range(at)]
    for number in range(at, 5):
        trial.publish(b"%d" % number, until=number + 1)
    assert values(trial.broker, trial.outputs) == [b"%d" % number for number in range(5)]
    assert trial.committed() == 5
    trial.close()


def test_expired_records_of_a_transaction_are_never_committed(server: KafkaServer, broker: KafkaBroker) -> None:
    """A client that lost records commits the others without a word; ours does not, and the group reads them again.

    The same outage must not hurt whoever only polls, and a publisher that failed in it is of use again.
    """
    trial, topic = Transactions(broker), topic_with(broker, b"before")
    bystander, publisher = subscribed(broker, topic), broker.publisher()
    assert len(gather(bystander, 1)) == 1
    publisher.publish([OutputRecord(topic, b"key", b"warm")])
    assert len(gather(bystander, 1)) == 1
    trial.publish(b"0", until=1)
    # Killed before it has written the transaction's end, the broker may never do it (docs/brokers.md).
    assert trial.committed() == 1
    assert values(broker, trial.outputs) == [b"0"]
    server.kill()
    try:
        fails_in_time(lambda: trial.publish(b"1", b"2", b"3", until=4), UnknownOutcomeError)
        fails_in_time(lambda: publisher.publish([OutputRecord(topic, b"key", b"lost")]), BrokerUnavailableError)
        assert not bystander.poll(0.1, 10).records
    finally:
        server.start()
    succeeds_again(trial.publisher.reset)
    trial.joined()
    assert trial.committed() == 1
    assert values(broker, trial.outputs) == [b"0"]
    trial.publish(b"1", b"2", b"3", b"4", until=5)
    assert values(broker, trial.outputs) == [b"0", b"1", b"2", b"3", b"4"]
    succeeds_again(lambda: publisher.publish([OutputRecord(topic, b"key", b"after")]))
    assert [record.value for record in gather(bystander, 1)][-1] == b"after"
    trial.close()
    publisher.close()
    bystander.close()


def _restart(server: KafkaServer) -> None:
    server.stop()
    server.start()


def test_a_restart_in_the_middle_loses_and_repeats_nothing(server: KafkaServer) -> None:
    """Publisher and member go through it by themselves: within the delivery timeout there is no error at all."""
    broker = KafkaBroker(server.url, KafkaSettings())
    topic = topic_with(broker, b"0")
    subscription, publisher = subscribed(broker, topic), broker.publisher()
    assert len(gather(subscription, 1)) == 1
    publisher.publish([OutputRecord(topic, b"key", b"1")])
    assert len(gather(subscription, 1)) == 1
    restart = threading.Thread(target=lambda: _restart(server))
    restart.start()
    for number in range(2, 40):
        publisher.publish([OutputRecord(topic, b"key", b"%d" % number)])
    restart.join()
    found = gather(subscription, 38)
    assert [record.value for record in found] == [b"%d" % number for number in range(2, 40)]
    subscription.close()
    publisher.close()
    broker.close()
