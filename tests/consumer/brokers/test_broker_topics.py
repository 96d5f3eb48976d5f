"""What every broker does with topics, and when it is checked and closed: the sentences of `interface.py`."""

from memelens.consumer.brokers.interface import TopicDescription, TopicSpec

from .rig import Rig, unique


def test_a_topic_is_described(rig: Rig) -> None:
    """Partitions, limit and number of records; None where there is no such topic."""
    topic, missing = rig.topic(partitions=3, max_message_bytes=12_345), unique("missing")
    rig.send_keys(topic, [f"k{number}" for number in range(10)])
    described = rig.broker.describe_topics([topic, missing])
    assert described == {topic: TopicDescription(topic, 3, 1, 12_345, 10), missing: None}


def test_creating_topics_leaves_existing_ones_alone(rig: Rig) -> None:
    """Only the missing ones are made and named; nothing changes of the others."""
    topic, new = rig.topic(partitions=2), unique("topic")
    rig.send(topic, b"kept")
    assert list(rig.broker.create_topics([TopicSpec(topic, 5), TopicSpec(new, 1)])) == [new]
    assert list(rig.broker.create_topics([TopicSpec(topic, 5), TopicSpec(new, 1)])) == []
    described = rig.broker.describe_topics([topic])[topic]
    assert described is not None
    assert (described.partitions, rig.values(topic)) == (2, [b"kept"])


def test_a_compacted_topic_keeps_the_last_record_of_a_key(rig: Rig) -> None:
    """Whatever else of it is removed, and whenever."""
    topic = rig.topic(compact=True)
    rig.send(topic, b"1", b"2", key=b"a")
    rig.send(topic, b"3", None, key=b"b")
    last = {record.key: record.value for record in rig.broker.read(topic)}
    assert last == {b"a": b"2", b"b": None}


def test_a_broker_that_is_there_passes_the_check(rig: Rig) -> None:
    """And its address is what it was given, which holds no secret here."""
    rig.broker.check(20)
    assert rig.broker.url == rig.url


def test_everything_closes_twice(rig: Rig) -> None:
    """Closing what is closed already is harmless."""
    publisher, transactional = rig.broker.publisher(), rig.transactional()
    subscription = rig.subscribe(rig.topic())
    for _ in range(2):
        publisher.close()
        transactional.close()
        subscription.close()
        rig.broker.close()
