"""What every broker does with records that are published: the sentences of `interface.py`."""

import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memelens.consumer.brokers.interface import Headers, OutputRecord, Partition
from memelens.consumer.errors import OperatorError, PoisonError

from .rig import Rig, unique

# Records


@given(
    st.lists(
        st.tuples(
            st.none() | st.binary(max_size=20),
            st.none() | st.binary(max_size=300),
            st.lists(st.tuples(st.text(max_size=8), st.binary(max_size=8)), max_size=4).map(tuple),
        ),
        min_size=1,
        max_size=20,
    )
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bytes_come_out_as_they_went_in(rig: Rig, sent: list[tuple[bytes | None, bytes | None, Headers]]) -> None:
    """Keys, values and headers of any bytes, absent and empty ones told apart, repeated names in their order."""
    topic = rig.topic()
    rig.publish([OutputRecord(topic, *one) for one in sent])
    assert [(one.key, one.value, one.headers) for one in rig.broker.read(topic)] == sent


def test_a_record_says_where_and_when_it_is(rig: Rig) -> None:
    """Partition, offsets from 0 without a gap, and the time of writing in milliseconds."""
    topic, before = rig.topic(), time.time() * 1000
    rig.send(topic, b"a", b"b", b"c")
    records = list(rig.broker.read(topic))
    assert [(one.partition, one.offset) for one in records] == [(Partition(topic, 0), place) for place in range(3)]
    assert all(before - 1 <= one.timestamp_ms <= time.time() * 1000 + 1 for one in records)


def test_a_key_stays_in_its_partition_and_order(rig: Rig) -> None:
    """Records of one key lie in one partition, in the order of writing, over several calls; keys are spread."""
    topic, keys = rig.topic(partitions=3), [f"k{number}" for number in range(30)]
    for turn in range(3):
        rig.publish([OutputRecord(topic, key.encode(), f"{turn}".encode()) for key in keys])
    found: dict[bytes | None, list[tuple[int, int, bytes | None]]] = {}
    for record in rig.broker.read(topic):
        found.setdefault(record.key, []).append((record.partition.index, record.offset, record.value))
    assert all([value for _, _, value in sorted(of_key)] == [b"0", b"1", b"2"] for of_key in found.values())
    assert all(len({index for index, _, _ in of_key}) == 1 for of_key in found.values())
    assert {of_key[0][0] for of_key in found.values()} == {0, 1, 2}


def test_a_key_goes_to_the_same_partition_from_any_publisher(rig: Rig) -> None:
    """Where a key lies doesn't depend on who writes, or when."""
    topic = rig.topic(partitions=5)
    for _ in range(2):
        publisher = rig.broker.publisher()
        publisher.publish([OutputRecord(topic, f"{number}".encode(), b"") for number in range(20)])
        publisher.close()
    places = Counter((record.key, record.partition) for record in rig.broker.read(topic))
    assert len(places) == 20


def test_a_record_without_a_key_may_lie_anywhere(rig: Rig) -> None:
    """All of them are there."""
    topic = rig.topic(partitions=3)
    rig.publish([OutputRecord(topic, None, f"{number}".encode()) for number in range(30)])
    assert sorted(record.value or b"" for record in rig.broker.read(topic)) == sorted(
        f"{number}".encode() for number in range(30)
    )


# Publishing


def test_one_call_writes_to_several_topics(rig: Rig) -> None:
    """Each record goes to its own topic."""
    first, second = rig.topic(), rig.topic()
    rig.publish([OutputRecord(first, b"k", b"1"), OutputRecord(second, b"k", b"2"), OutputRecord(first, b"k", b"3")])
    assert (rig.values(first), rig.values(second)) == ([b"1", b"3"], [b"2"])


def test_a_record_too_large_is_poison(rig: Rig) -> None:
    """It isn't written, and later publishes are as good as ever."""
    topic = rig.topic(max_message_bytes=10_000)
    with pytest.raises(PoisonError) as caught:
        rig.send(topic, b"x" * 20_000)
    assert caught.value.kind == "output-too-large"
    rig.send(topic, b"after")
    assert rig.values(topic) == [b"after"]


def test_a_record_too_large_among_others_is_poison(rig: Rig) -> None:
    """Nothing of it is written, whatever becomes of the others, which can be published without it."""
    topic = rig.topic(max_message_bytes=10_000)
    with pytest.raises(PoisonError):
        rig.send(topic, b"before", b"x" * 20_000, b"behind")
    rig.send(topic, b"before", b"behind")
    assert rig.values(topic)[-2:] == [b"before", b"behind"]
    assert max(len(value or b"") for value in rig.values(topic)) < 10


def test_a_topic_takes_what_it_was_made_for(rig: Rig) -> None:
    """A raised limit is enough for records larger than the default."""
    topic, value = rig.topic(max_message_bytes=4 * 2**20), bytes(3 * 2**20)
    rig.send(topic, value)
    assert rig.values(topic) == [value]


def test_publishing_to_a_missing_topic_needs_a_person(rig: Rig) -> None:
    """The error names the topic; the publisher stays of use."""
    missing, topic = unique("missing"), rig.topic()
    with pytest.raises(OperatorError, match=missing):
        rig.send(missing, b"lost")
    rig.send(topic, b"kept")
    assert rig.values(topic) == [b"kept"]
