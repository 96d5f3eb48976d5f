"""What only the embedded broker promises to the members of a group."""

import time
from unittest.mock import Mock

import pytest
from tests.consumer.brokers.rig import Rig, gather, joined, unique

from memelens.consumer.brokers.interface import Partition, StartAt
from memelens.consumer.brokers.sqlite_groups import Group
from memelens.consumer.errors import BrokerUnavailableError, RetryLaterError


def test_a_start_at_the_latest_is_kept(rig: Rig) -> None:
    """Who takes over before anything was committed doesn't skip what came in between."""
    topic, group = rig.topic(), unique("group")
    rig.send(topic, b"old")
    first = rig.subscribe(topic, group, start_at=StartAt.LATEST)
    joined(first, 1)
    rig.send(topic, b"new")
    first.close()
    second = rig.subscribe(topic, group, start_at=StartAt.LATEST)
    assert [record.value for record in gather(second, 1)] == [b"new"]


def test_an_idle_member_burns_no_core(rig: Rig) -> None:
    """Two seconds of waiting cost less than a twentieth of that in computing."""
    subscription = rig.subscribe(rig.topic())
    joined(subscription, 1)
    before = time.process_time()
    assert not subscription.poll(2.0, 10).records
    assert time.process_time() - before < 0.1


def test_a_poll_of_large_records_is_bounded(rig: Rig) -> None:
    """A page of 32 MiB or one less than two, whatever was asked for; all records come in the end."""
    topic = rig.topic(3, max_message_bytes=2**24)
    for number in range(12):
        rig.send(topic, bytes(8 * 2**20), key=b"%d" % number)
    subscription = rig.subscribe(topic)
    sizes: list[int] = []
    while sum(sizes) < 12:
        sizes.append(len(subscription.poll(1, 100).records))
    assert max(sizes) <= 7


def test_a_refused_commit_is_no_outage(rig: Rig) -> None:
    """Whoever retries outages doesn't retry this one for ever."""
    topic = rig.topic()
    subscription = rig.subscribe(topic)
    snapshot = joined(subscription, 1)
    subscription.close()
    other = rig.subscribe(topic)
    joined(other, 1)
    with pytest.raises(RetryLaterError) as caught:
        other.commit({Partition(topic, 0): 0}, snapshot)
    assert not isinstance(caught.value, BrokerUnavailableError)


def test_what_stays_ours_after_a_failed_release_is_read_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in flight of a partition that was given up is forgotten: whoever goes on with it begins at the commit."""
    topic, group = rig.topic(2), unique("group")
    keys = [f"k{number}" for number in range(20)]
    rig.send_keys(topic, keys)
    staying = rig.subscribe(topic, group)
    gather(staying, 20)
    leaving = rig.subscribe(topic, group)
    leaving.poll(0.1, 1)
    with monkeypatch.context() as patch:
        patch.setattr(Group, "release", Mock(side_effect=BrokerUnavailableError("locked")))
        with pytest.raises(BrokerUnavailableError):
            staying.poll(0.1, 100)
    leaving.close()
    again = {record.partition.index for record in gather(staying, 1)}
    assert len(again) == 1
    assert len(staying.assignment()) == 2
