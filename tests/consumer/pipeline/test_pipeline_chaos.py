"""Everything goes wrong at once, at moments that chance picks."""

import json
import random
import time
from collections import defaultdict

from memelens.consumer.brokers.interface import Partition
from memelens.consumer.errors import BrokerUnavailableError, RetryLaterError, UnknownOutcomeError
from memelens.consumer.tracking.flow import FlowLimits

from .faulty_broker import FaultyBroker
from .trials import Bench, post, wait_for

KEYS = [f"k{number}" for number in range(25)]
BOTH = frozenset({Partition("posts", 0), Partition("posts", 1)})
_CHAOS_SECONDS = 2.0


def send_some(bench: Bench, chance: random.Random, revisions: dict[str, int]) -> None:
    """A few records: posts (some of them alike), poison, what is no post, and deletions."""
    for key in chance.choices(KEYS, k=chance.randint(1, 30)):
        revisions[key] += 1
        text = f"{chance.choice(['boo', 'a teapot', 'two cups'])} {chance.randint(0, 9)}"
        value = post(key, text, revision=revisions[key])
        bench.send((key, chance.choices([value, b"no json", None], [20, 1, 1])[0]))


def strike(broker: FaultyBroker, chance: random.Random, delivery: str) -> None:
    """One fault."""
    faults, subscription = broker.faults, broker.subscription
    assert subscription is not None
    unknown = UnknownOutcomeError if delivery == "exactly-once" else BrokerUnavailableError
    rebalanced = frozenset(one for one in BOTH if chance.random() < 0.7)
    match chance.randint(0, 6):
        case 0:
            faults.before_publish.append(unknown("before"))
        case 1:
            faults.after_publish.append(unknown("after"))
        case 2:
            faults.commits.append(RetryLaterError("the membership changed"))
        case 3:
            faults.polls.append(BrokerUnavailableError("down"))
        case 4:
            faults.resets.append(BrokerUnavailableError("down"))
        case 5:
            subscription.rebalance(rebalanced, lost=True)
        case _:
            subscription.rebalance(rebalanced, eager=chance.random() < 0.5)


def test_nothing_is_lost_and_no_key_ends_in_the_past(bench: Bench, delivery: str) -> None:
    """Whatever fails when, each record ends as a verdict, a dead letter or tombstones, and its key with its last one.

    In transactions each does so once and in order; else one may come again, in order from where it begins again.
    """
    chance, revisions = random.Random(7), defaultdict[str, int](int)
    send_some(bench, chance, revisions)
    trial = bench.trial(
        "fake://?fail_every=7&poison_text=boo 3&latency_ms=2",
        delivery=delivery,
        flow=FlowLimits(max_posts=100),
        revocation_seconds=0.1,
    )
    wait_for(lambda: bench.broker.subscription and trial.pipeline.state.joined, "joining")
    subscription = bench.broker.subscription
    assert subscription is not None
    end = time.monotonic() + _CHAOS_SECONDS
    while time.monotonic() < end:
        send_some(bench, chance, revisions)
        strike(bench.broker, chance, delivery)
        time.sleep(chance.uniform(0.01, 0.1))  # not waiting for anything: the pace of the faults
    for faults in (bench.broker.faults.before_publish, bench.broker.faults.after_publish):
        faults.clear()
    wait_for(lambda: subscription.demanded is None, "the last rebalance")
    subscription.rebalance(BOTH)
    wait_for(bench.settled, "the commit")
    wait_for(lambda: trial.pipeline.state.in_flight_posts == 0, "nothing in flight")
    trial.stop()
    assert trial.pipeline.state.in_flight_bytes == 0
    check(bench.broker, exactly_once=delivery == "exactly-once")


def check(broker: FaultyBroker, *, exactly_once: bool) -> None:
    """What came out against what went in."""
    came: dict[tuple[int, int], int] = defaultdict(int)
    verdicts: dict[bytes | None, list[int]] = defaultdict(list)
    tombstones: dict[bytes | None, int] = defaultdict(int)
    for record in broker.read("memes.verdicts"):
        if record.value is None:
            tombstones[record.key] += 1
        else:
            source = json.loads(record.value)["source"]
            came[source["partition"], source["offset"]] += 1
            verdicts[record.key].append(source["offset"])
    for record in broker.read("dead"):
        headers = dict(record.headers)
        place = (int(headers["__connect.errors.partition"]), int(headers["__connect.errors.offset"]))
        came[place] += 1
    sent = broker.read("posts")
    missing = [one for one in sent if one.value is not None and not came[one.partition.index, one.offset]]
    assert missing == []
    deletions = [one.key for one in sent if one.value is None]
    assert {key: tombstones[key] >= deletions.count(key) for key in deletions} == dict.fromkeys(deletions, True)
    for offsets in verdicts.values():
        assert offsets[-1] == max(offsets)
    if exactly_once:
        assert set(came.values()) == {1}
        assert sum(tombstones.values()) == len(deletions)
        assert all(offsets == sorted(offsets) for offsets in verdicts.values())
