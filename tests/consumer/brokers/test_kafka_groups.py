"""What a real Kafka and its client do to a group member, and mustn't."""

import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from tests.servers.waiting import eventually

from memelens.consumer.brokers import kafka_clients, kafka_subscription
from memelens.consumer.brokers.interface import OutputRecord, Partition, StartAt
from memelens.consumer.errors import BrokerUnavailableError, OperatorError, PoisonError

from .rig import NOTHING, Rig, gather, gathered, joined, poll_for_ever, unique

pytestmark = pytest.mark.kafka
SETTLED_SECONDS = 60.0


@pytest.fixture
def broker_url(kafka_url: str) -> str:
    """What the rig of all brokers is made on."""
    return kafka_url


@pytest.fixture
def admin(kafka_url: str) -> Iterator[Any]:
    """A client that changes topics behind the broker's back."""
    client = KafkaAdminClient(bootstrap_servers=kafka_url.removeprefix("kafka://"))
    yield client
    client.close()


def test_a_limit_that_is_lowered_leaves_the_publisher_of_use(rig: Rig, admin: Any) -> None:
    """A record that only the broker refuses breaks the client's producer for good; ours is another one afterwards."""
    topic, other = rig.topic(), rig.topic()
    rig.send(topic, b"before")
    resource = ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": "2000"})
    admin.alter_configs([resource])
    large = OutputRecord(topic, b"key", b"x" * 5000)
    with pytest.raises(BrokerUnavailableError):
        rig.publish([large])
    with pytest.raises(PoisonError) as caught:
        rig.publish([OutputRecord(other, b"key", b"with it"), large])
    assert caught.value.kind == "output-too-large"
    rig.send(topic, b"after")
    assert rig.values(topic) == [b"before", b"after"]
    assert rig.values(other) == []


def test_a_limit_that_is_raised_is_seen(rig: Rig, admin: Any) -> None:
    """What was too large yesterday is written as soon as the topic takes it, without a restart."""
    topic = rig.topic(max_message_bytes=2000)
    with pytest.raises(PoisonError):
        rig.send(topic, b"x" * 5000)
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": "9000"})])
    rig.send(topic, b"x" * 5000)
    assert rig.values(topic) == [b"x" * 5000]


def test_a_topic_that_is_deleted_needs_a_person(rig: Rig, admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member that was reading it says so, in place of polls that are empty for ever."""
    monkeypatch.setattr(kafka_subscription, "_METADATA_AGE_MS", 500)
    monkeypatch.setattr(kafka_subscription, "_LOOK_SECONDS", 1.0)
    topic = rig.topic()
    rig.send(topic, b"a")
    subscription = rig.subscribe(topic)
    gather(subscription, 1)
    admin.delete_topics([topic])
    with pytest.raises(OperatorError, match=topic):
        poll_for_ever(subscription)


def test_the_largest_record_that_a_topic_takes_is_taken(rig: Rig) -> None:
    """What we let through by its size isn't refused by the broker, whatever it is made of."""
    topic = rig.topic(max_message_bytes=3000)
    headers = tuple((f"name-{number}", b"v" * 50) for number in range(10))
    sizes = range(1500, 3100, 100)
    taken = []
    for size in sizes:
        try:
            rig.publish([OutputRecord(topic, b"key", b"x" * size, headers)])
        except PoisonError:
            break
        taken.append(size)
    assert 2000 <= taken[-1] < 2400
    assert [len(value or b"") for value in rig.values(topic)] == taken


def test_lost_records_are_counted_in_every_partition(rig: Rig) -> None:
    """The sentence names each partition that lost some, how many, and none that lost nothing."""
    topic, group = rig.topic(3), unique("group")
    rig.send_keys(topic, [f"key-{number}" for number in range(60)])
    first = rig.subscribe(topic, group)
    _, snapshot = gathered(first, 60)
    first.commit({Partition(topic, index): 1 for index in range(3)}, snapshot)
    first.close()
    rig.remove_before(Partition(topic, 0), 4)
    rig.remove_before(Partition(topic, 2), 6)
    second = rig.subscribe(topic, group)
    with pytest.raises(OperatorError) as caught:
        eventually(lambda: second.poll(0.2, 100) is None, "the error")  # what is left may come before it
    assert f"3 records of {topic}[0]" in str(caught.value)
    assert f"5 records of {topic}[2]" in str(caught.value)
    assert f"{topic}[1]" not in str(caught.value)


def test_an_offset_behind_the_end_needs_a_person(rig: Rig) -> None:
    """Records that were lost with a broker are told: a client would wait until as many others have come."""
    topic, group = rig.topic(), unique("group")
    rig.send(topic, *[b"kept"] * 3)
    first = rig.subscribe(topic, group)
    _, snapshot = gathered(first, 3)
    first.commit({Partition(topic, 0): 10}, snapshot)
    first.close()
    with pytest.raises(OperatorError, match=rf"{topic}\[0\] ends at 3, before our offset 10"):
        poll_for_ever(rig.subscribe(topic, group))


def test_a_latest_start_is_kept(rig: Rig) -> None:
    """A member that goes before its first commit doesn't let the next one begin at a later end."""
    topic, group = rig.topic(), unique("group")
    rig.send(topic, b"old")
    first = rig.subscribe(topic, group, start_at=StartAt.LATEST)
    joined(first, 1)
    eventually(lambda: first.poll(0.1, 1) and first.committed([Partition(topic, 0)]), "the start is committed")
    first.close()
    rig.send(topic, b"between")
    second = rig.subscribe(topic, group, start_at=StartAt.LATEST)
    assert [record.value for record in gather(second, 1)] == [b"between"]


def test_giving_up_may_take_longer_than_a_session(rig: Rig) -> None:
    """While a member waits for its work, its heartbeats go on: it is not thrown out, and what it finished is kept."""
    topic, group = rig.topic(2), unique("group")
    rig.send_keys(topic, [f"key-{number}" for number in range(20)])
    told: list[tuple[frozenset[Partition], bool]] = []

    def slow(partitions: frozenset[Partition], lost: bool) -> Mapping[Partition, int]:
        told.append((partitions, lost))
        if len(told) == 1:
            time.sleep(7)  # the work in flight: longer than the session of six seconds
        return NOTHING if lost else dict.fromkeys(partitions, 3)

    first = rig.subscribe(topic, group, on_revoked=slow)
    gather(first, 20)
    second = rig.member(topic, group)
    eventually(lambda: first.poll(0.1, 10) and second.held, "the second member's partition", within_seconds=40)
    (moved,) = second.held
    assert told == [(frozenset({moved}), False)]
    assert first.committed([moved]) == {moved: 3}
    assert min(record.offset for record in second.records if record.partition == moved) == 3


class Busy:
    """A member that works for half a second between its polls, on a thread of its own."""

    def __init__(self, rig: Rig, topic: str, group: str) -> None:
        self.subscription = rig.subscribe(topic, group)
        self.keys: list[bytes | None] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.is_set():
            self.keys += [record.key for record in self.subscription.poll(0.1, 100).records]
            self._ended.wait(0.5)

    def close(self) -> None:
        """Leave."""
        self._ended.set()
        self._thread.join(20)
        self.subscription.close()


@pytest.mark.parametrize("protected", ["by waiting for joins", "by joining anew"])
def test_partitions_added_under_busy_members_are_read(
    rig: Rig, admin: Any, monkeypatch: pytest.MonkeyPatch, protected: str
) -> None:
    """The client loses a join between two polls and stays in a rebalance for good: neither protection lets it."""
    monkeypatch.setattr(kafka_subscription, "_METADATA_AGE_MS", 1000)
    monkeypatch.setattr(kafka_subscription, "_STUCK_SECONDS", 3.0)
    if protected == "by joining anew":
        monkeypatch.setattr(kafka_clients, "_LOSES_JOINS", set())
    topic, group = rig.topic(4), unique("group")
    members = [Busy(rig, topic, group) for _ in range(2)]
    try:
        _settled(members, topic, 4)
        admin.create_partitions({topic: 8})
        _settled(members, topic, 8)
        sent = [b"key-%d" % number for number in range(80)]
        rig.publish([OutputRecord(topic, key, b"value") for key in sent])
        eventually(lambda: len(members[0].keys + members[1].keys) >= 80, "all records", within_seconds=30)
        assert sorted(members[0].keys + members[1].keys, key=str) == sorted(sent, key=str)
    finally:
        for one in members:
            one.close()


def _settled(members: list[Busy], topic: str, partitions: int) -> None:
    """Wait until each member holds its half."""
    half, every = partitions // 2, {Partition(topic, index) for index in range(partitions)}

    def settled() -> bool:
        one, other = (member.subscription.assignment() for member in members)
        return len(one) == len(other) == half and one | other == every

    eventually(settled, f"halves of {partitions} partitions", within_seconds=SETTLED_SECONDS)
