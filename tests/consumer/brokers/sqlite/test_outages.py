"""Files that can't be used for a while: a disk without room, another program's lock."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.consumer.brokers.rig import NOTHING, Rig, gathered
from tests.disks import full_disk

from memelens.consumer.brokers.interface import OutputRecord, Partition
from memelens.consumer.errors import BrokerUnavailableError, UnknownOutcomeError


def test_a_disk_without_room_is_tried_again(rig: Rig) -> None:
    """Nothing of the call is written, and the same publisher goes on when there is room."""
    topic = rig.topic()
    rig.send(topic, b"before")
    with full_disk(), pytest.raises(BrokerUnavailableError, match="room"):
        rig.send(topic, *[bytes(100_000)] * 5)
    assert rig.values(topic) == [b"before"]
    rig.send(topic, b"after")
    assert rig.values(topic) == [b"before", b"after"]


def test_a_file_that_may_not_grow_is_tried_again(rig: Rig) -> None:
    """As above, where it is SQLite itself that says that its disk is full."""
    topic = rig.topic()
    with closing(rig.broker.publisher()) as publisher:
        connection = publisher._store._connection  # type: ignore[attr-defined] # behind the seam
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 10}")
        with pytest.raises(BrokerUnavailableError, match="disk is full"):
            publisher.publish([OutputRecord(topic, b"key", bytes(100_000))])
        publisher.publish([OutputRecord(topic, b"key", b"small")])
    assert rig.values(topic) == [b"small"]


def test_a_disk_without_room_leaves_a_transaction_unknown(rig: Rig) -> None:
    """Neither records nor offset are there; after a reset the work is done again."""
    topic, outputs = rig.topic(), rig.topic()
    rig.send(topic, b"input")
    subscription, transactional = rig.subscribe(topic), rig.transactional()
    _, snapshot = gathered(subscription, 1)
    offsets = {Partition(topic, 0): 1}
    with full_disk(), pytest.raises(UnknownOutcomeError):
        transactional.publish([OutputRecord(outputs, b"key", bytes(100_000))] * 5, offsets, snapshot)
    assert (rig.values(outputs), subscription.committed(offsets)) == ([], NOTHING)
    transactional.reset()
    transactional.publish([OutputRecord(outputs, b"key", b"done")], offsets, snapshot)
    assert (rig.values(outputs), subscription.committed(offsets)) == ([b"done"], offsets)


def test_a_locked_file_is_tried_again(rig: Rig, file: Path) -> None:
    """Another program that holds the file for long is named as the reason."""
    rig.topic()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BrokerUnavailableError, match="locked"):
            rig.broker.check(0.2)
        other.execute("ROLLBACK")
    rig.broker.check(0.2)
