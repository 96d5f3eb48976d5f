"""The pipeline on real brokers: restarts, kills, and two members of a group."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.consumer.brokers.rig import opened, unique

from memelens.consumer.brokers.interface import Broker, OutputRecord, TopicSpec

from .consumer_process import output_topics, trial
from .trials import Trial, post, wait_for

PARTITIONS = 3
SLOW_ENGINE = "fake://?latency_ms=20"
MakeTrial = Callable[..., Trial]


class Topics:
    """The topics of one test on a broker."""

    def __init__(self, url: str, broker: Broker) -> None:
        self.url, self.broker, self.prefix = url, broker, unique("pipeline")
        self._posts, outputs = f"{self.prefix}.posts", output_topics(self.prefix)
        names = (self._posts, f"{self.prefix}.dead", *outputs.active())
        broker.create_topics([TopicSpec(name, PARTITIONS) for name in names])

    def send(self, names: Iterable[str]) -> None:
        """Send posts."""
        publisher = self.broker.publisher()
        publisher.publish([OutputRecord(self._posts, name.encode(), post(name, f"words of {name}")) for name in names])
        publisher.close()

    def verdicts(self) -> list[tuple[str, str]]:
        """Post and verdict ids of what a reader of committed records finds."""
        values = [json.loads(record.value or b"") for record in self.broker.read(f"{self.prefix}.verdicts")]
        return [(value["post_id"], value["verdict_id"]) for value in values]

    def has_verdicts(self, count: int) -> bool:
        """Whether there are so many."""
        return len(self.verdicts()) >= count


@pytest.fixture
def topics(broker_url: str) -> Iterator[Topics]:
    """All topics that a pipeline needs, empty."""
    broker = opened(broker_url)
    yield Topics(broker_url, broker)
    broker.close()


@pytest.fixture
def make(topics: Topics) -> Iterator[MakeTrial]:
    """Pipelines in this process, ended after the test."""
    made: list[Trial] = []

    def start(engine: str = "fake://", **options: Any) -> Trial:
        made.append(trial(topics.url, engine, topics.prefix, **options))
        return made[-1]

    yield start
    for one in made:
        one.pipeline.stop()
    for one in made:
        one.end()


@pytest.fixture
def spawn(topics: Topics) -> Iterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Consumers in processes of their own, killed after the test."""
    processes: list[subprocess.Popen[bytes]] = []

    def start(**options: Any) -> "subprocess.Popen[bytes]":
        order = json.dumps({"url": topics.url, "engine": SLOW_ENGINE, "prefix": topics.prefix, **options})
        command = [sys.executable, "-m", "tests.consumer.pipeline.consumer_process", order]
        processes.append(subprocess.Popen(command, cwd=Path(__file__).parents[3]))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()


def names(count: int) -> list[str]:
    """Names of posts."""
    return [f"p{number}" for number in range(count)]


def test_a_stop_and_a_restart_repeat_nothing(topics: Topics, make: MakeTrial, delivery: str) -> None:
    """Two runs of the same group judge each post once, in both ways of delivery."""
    topics.send(names(150))
    first = make(SLOW_ENGINE, delivery=delivery)
    wait_for(topics.verdicts, "the first verdicts")
    first.stop()
    topics.send([f"q{number}" for number in range(50)])
    make(delivery=delivery)
    wait_for(lambda: len(topics.verdicts()) >= 200, "all verdicts")
    assert len(topics.verdicts()) == len({name for name, _ in topics.verdicts()}) == 200


def test_killed_at_least_once_loses_nothing(topics: Topics, spawn: Callable[..., Any], make: MakeTrial) -> None:
    """After kill -9 every post is judged, and what is judged twice has the same verdict id."""
    topics.send(names(400))
    process = spawn()
    wait_for(lambda: len(topics.verdicts()) >= 50, "some verdicts")
    process.kill()
    process.wait()
    make()
    wait_for(lambda: {name for name, _ in topics.verdicts()} == set(names(400)), "all verdicts")
    assert len(set(topics.verdicts())) == 400


def test_killed_exactly_once_doubles_nothing(topics: Topics, spawn: Callable[..., Any], make: MakeTrial) -> None:
    """After kill -9, three times, a reader of committed records finds each verdict once."""
    topics.send(names(400))
    for killed_at in (20, 120, 220):
        process = spawn(delivery="exactly-once", publish_posts=20)
        wait_for(partial(topics.has_verdicts, killed_at), f"{killed_at} verdicts")
        process.kill()
        process.wait()
    make(delivery="exactly-once")
    wait_for(lambda: len(topics.verdicts()) >= 400, "all verdicts")
    assert Counter(name for name, _ in topics.verdicts()) == Counter(names(400))


def test_two_members_share_the_partitions(topics: Topics, make: MakeTrial, delivery: str) -> None:
    """A member that joins, and one that leaves, lose and double nothing."""
    topics.send(names(300))
    first = make(SLOW_ENGINE, delivery=delivery)
    wait_for(topics.verdicts, "the first verdicts")
    second = make(SLOW_ENGINE, delivery=delivery, transactional_id=f"{topics.prefix}.1")
    wait_for(lambda: second.partitions, "the second member's partitions")
    topics.send([f"q{number}" for number in range(100)])
    wait_for(lambda: second.value("polled_total"), "the second member's records")
    first.stop()
    wait_for(lambda: len({name for name, _ in topics.verdicts()}) == 400, "all verdicts")
    assert len(topics.verdicts()) == 400
