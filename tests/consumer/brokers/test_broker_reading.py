"""What every broker does with a reader outside every group: the sentences of `interface.py`."""

import itertools
import threading
import time
from collections import Counter

import pytest
from tests.servers.waiting import eventually

from memelens.consumer.errors import OperatorError

from .rig import Rig, unique


def test_reading_starts_where_it_is_told(rig: Rig) -> None:
    """Partitions that aren't named are read from their beginning."""
    topic = rig.topic(partitions=2)
    rig.send_keys(topic, [f"k{number}" for number in range(40)])
    counts = Counter(record.partition.index for record in rig.broker.read(topic))
    found = Counter(record.partition.index for record in rig.broker.read(topic, start={0: 3}))
    assert found == {0: counts[0] - 3, 1: counts[1]}


def test_reading_stops_at_the_end_of_the_moment_it_was_called(rig: Rig) -> None:
    """What comes later isn't read, so that a reader of a busy topic ends."""
    topic = rig.topic()
    rig.send(topic, b"a", b"b")
    reading = rig.broker.read(topic)
    rig.send(topic, b"c")
    assert [record.value for record in reading] == [b"a", b"b"]


def test_reading_an_empty_topic_ends(rig: Rig) -> None:
    """There is nothing to wait for."""
    assert list(rig.broker.read(rig.topic(partitions=3))) == []


def test_reading_for_ever_waits_for_more(rig: Rig) -> None:
    """Records that come later are yielded when they come."""
    topic = rig.topic(partitions=2)
    rig.send_keys(topic, ["a", "b"])
    sender = threading.Timer(0.5, rig.send_keys, (topic, ["c", "d"]))
    sender.start()
    reading = rig.broker.read(topic, stop_at_end=False)
    assert sorted(record.key or b"" for record in itertools.islice(reading, 4)) == [b"a", b"b", b"c", b"d"]
    sender.join()


def test_reading_a_missing_topic_needs_a_person(rig: Rig) -> None:
    """It isn't taken for an empty one."""
    missing = unique("missing")
    with pytest.raises(OperatorError, match=missing):
        list(rig.broker.read(missing))


def test_offsets_at_a_time(rig: Rig) -> None:
    """The first offset at or after each time; the end where there is none, 0 where all come after it."""
    topic = rig.topic(partitions=2)
    for turn in range(3):
        rig.send_keys(topic, [f"{turn}-{number}" for number in range(8)])
        _let_a_millisecond_pass()
    records = list(rig.broker.read(topic))
    ends = Counter(record.partition.index for record in records)
    for asked in {record.timestamp_ms + later for record in records for later in (0, 1)} | {0, 2**41}:
        expected = {
            index: min(
                (one.offset for one in records if one.partition.index == index and one.timestamp_ms >= asked),
                default=end,
            )
            for index, end in ends.items()
        }
        assert rig.broker.offsets_at(topic, asked) == expected


def _let_a_millisecond_pass() -> None:
    now = time.time()
    eventually(lambda: time.time() > now + 0.002, "time goes by")
