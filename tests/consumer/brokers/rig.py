"""Topics, publishers and group members of one test on one broker."""

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.servers.waiting import eventually

from memelens.consumer.brokers.interface import (
    Broker,
    GroupSnapshot,
    Headers,
    OutputRecord,
    Partition,
    PollResult,
    Record,
    Revocation,
    StartAt,
    Subscription,
    TopicSpec,
)
from memelens.consumer.brokers.opening import open_broker
from memelens.consumer.settings import KafkaSettings

NOTHING: Mapping[Partition, int] = {}


def session_seconds(url: str) -> float:
    """A session that ends soon: the shortest that a Kafka allows, less for a file."""
    return 6.0 if url.startswith("kafka") else 2.0


def opened(url: str) -> Broker:
    """A broker whose silent members are given up soon."""
    return open_broker(url, KafkaSettings(session_timeout_seconds=session_seconds(url)))


def gather(subscription: Subscription, count: int) -> list[Record]:
    """Poll until there are so many records."""
    return gathered(subscription, count)[0]


def gathered(subscription: Subscription, count: int) -> tuple[list[Record], GroupSnapshot]:
    """Poll until there are so many records; the last membership too."""
    records: list[Record] = []
    results: list[PollResult] = []

    def enough() -> bool:
        results.append(subscription.poll(0.2, 100))
        records.extend(results[-1].records)
        return len(records) >= count

    eventually(enough, f"{count} records")
    return records, results[-1].snapshot


def joined(subscription: Subscription, partitions: int) -> GroupSnapshot:
    """Poll until so many partitions are held; nothing may come meanwhile."""
    results: list[PollResult] = []

    def held() -> bool:
        results.append(subscription.poll(0.2, 100))
        return len(subscription.assignment()) == partitions

    eventually(held, f"{partitions} partitions")
    assert not [record for result in results for record in result.records]
    return results[-1].snapshot


def poll_for_ever(subscription: Subscription) -> None:
    """Poll what is to raise an error at last, and gives no record until then."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert not subscription.poll(0.2, 100).records


class Rig:
    """Makes topics and members whose names nobody else has, and closes all of it."""

    def __init__(self, url: str) -> None:
        self.url, self.broker = url, opened(url)
        self._closing: list[Callable[[], None]] = [self.broker.close]
        self._publisher: Any = None

    def topic(self, partitions: int = 1, **options: Any) -> str:
        """A new topic."""
        name = unique("topic")
        assert self.broker.create_topics([TopicSpec(name, partitions, **options)]) == [name]
        return name

    def send(self, topic: str, *values: bytes | None, key: bytes | None = b"key", headers: Headers = ()) -> None:
        """Publish values under one key."""
        self.publish([OutputRecord(topic, key, value, headers) for value in values])

    def send_keys(self, topic: str, keys: Iterable[str]) -> None:
        """Publish a record for each key, whose value is the key."""
        self.publish([OutputRecord(topic, key.encode(), key.encode()) for key in keys])

    def publish(self, records: list[OutputRecord]) -> None:
        """Publish."""
        if self._publisher is None:
            self._publisher = self.broker.publisher()
            self._closing.append(self._publisher.close)
        self._publisher.publish(records)

    def subscribe(
        self,
        topic: str,
        group: str = "",
        start_at: StartAt = StartAt.EARLIEST,
        on_revoked: Revocation = lambda _partitions, _lost: NOTHING,
    ) -> Subscription:
        """A member of a group (of a new one, where no name is given)."""
        made = self.broker.subscribe(topic, group or unique("group"), start_at=start_at, on_revoked=on_revoked)
        self._closing.append(made.close)
        return made

    def member(self, topic: str, group: str) -> "Member":
        """A member that polls on a thread of its own."""
        made = Member(self, topic, group)
        self._closing.append(made.close)
        return made

    def transactional(self, transactional_id: str = "") -> Any:
        """A transactional publisher."""
        made = self.broker.transactional_publisher(transactional_id or unique("id"))
        self._closing.append(made.close)
        return made

    def values(self, topic: str) -> list[bytes | None]:
        """Values of all committed records."""
        return [record.value for record in self.broker.read(topic)]

    def remove_before(self, partition: Partition, offset: int) -> None:
        """What retention does: the records before an offset are gone."""
        if self.url.startswith("kafka"):
            _delete_records(self.url, partition, offset)
        else:
            _expire(self.url, partition, offset)

    def close(self) -> None:
        """Close everything, the newest first."""
        for close in reversed(self._closing):
            close()


class Member:
    """A group member that polls on a thread of its own, and gives partitions up with all it has seen of them."""

    def __init__(self, rig: Rig, topic: str, group: str) -> None:
        self.records: list[Record] = []
        self.snapshots: list[GroupSnapshot] = []
        self.revocations: list[tuple[frozenset[Partition], bool]] = []
        self._seen: dict[Partition, int] = {}
        self._ended = threading.Event()
        self.subscription = rig.subscribe(topic, group, on_revoked=self._revoke)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def held(self) -> frozenset[Partition]:
        """What it holds now."""
        return self.subscription.assignment()

    def close(self) -> None:
        """Leave. Idempotent."""
        self._ended.set()
        self._thread.join(20)
        self.subscription.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            result = self.subscription.poll(0.1, 10)
            self.snapshots.append(result.snapshot)
            self.records += result.records
            self._seen.update({record.partition: record.offset + 1 for record in result.records})

    def _revoke(self, partitions: frozenset[Partition], lost: bool) -> Mapping[Partition, int]:
        if partitions:
            self.revocations.append((partitions, lost))
        return NOTHING if lost else {one: self._seen.pop(one) for one in partitions if one in self._seen}


_numbers = itertools.count()


def unique(what: str) -> str:
    """A name that nobody else has."""
    return f"{what}-{next(_numbers)}-{uuid.uuid4().hex[:12]}"


def _delete_records(url: str, partition: Partition, offset: int) -> None:
    from kafka import KafkaAdminClient, TopicPartition

    admin = KafkaAdminClient(bootstrap_servers=url.removeprefix("kafka://"))
    admin.delete_records({TopicPartition(*partition): offset})
    admin.close()


def _expire(url: str, partition: Partition, offset: int) -> None:
    from memelens.consumer.brokers.sqlite import SqliteBroker
    from memelens.consumer.brokers.sqlite_log import find_topic
    from memelens.consumer.brokers.sqlite_store import IDS_PER_PARTITION

    broker = SqliteBroker(url)
    store = broker._shared()
    one = find_topic(store, partition.topic).ids[partition.index]
    with store.transaction() as connection:
        until = one * IDS_PER_PARTITION + offset
        connection.execute("DELETE FROM records WHERE id >= ? AND id < ?", (one * IDS_PER_PARTITION, until))
        connection.execute("UPDATE partitions SET begin_offset = ? WHERE id = ?", (offset, one))
    broker.close()
