"""The pipeline from end to end, with its real threads."""

import json
from collections.abc import Sequence

import pytest

from memelens.consumer.cache.memory import MemoryCache
from memelens.consumer.clock import SystemClock
from memelens.consumer.errors import (
    BrokerUnavailableError,
    CacheUnavailableError,
    RetryLaterError,
    UnknownOutcomeError,
)
from memelens.consumer.steps.poll import PollLimits
from memelens.consumer.tracking.flow import FlowLimits
from memelens.model.engine import RationaleRequest
from memelens.model.errors import MemeError
from memelens.model.fake import FakeEngine

from .trials import Bench, post, wait_for

NAMES = [f"p{number}" for number in range(120)]


class Silent(FakeEngine):
    """Gives one answer to whoever asks why."""

    def __init__(self, answer: str | MemeError) -> None:
        super().__init__()
        self.answer = answer

    def explain(self, requests: Sequence[RationaleRequest]) -> list[str | MemeError]:
        return [self.answer for _ in requests]


class Patchy(MemoryCache):
    """A cache that doesn't delete while it is down."""

    down = False
    deletions = 0

    def delete(self, keys: Sequence[str]) -> None:
        if self.down:
            raise CacheUnavailableError("down")
        self.deletions += 1
        super().delete(keys)


def test_every_post_is_judged_once_and_committed(bench: Bench, delivery: str) -> None:
    """Without faults each post leaves one verdict, and the group's offsets end behind the last record."""
    bench.send_posts(NAMES)
    trial = bench.trial(delivery=delivery)
    wait_for(bench.settled, "the commit")
    trial.stop()
    assert sorted(bench.broker.posts("memes.verdicts")) == sorted(NAMES)
    assert sorted(bench.broker.posts("memes.labels.harm")) == sorted(NAMES)
    assert trial.value("finished_total", outcome="verdict") == len(NAMES)
    assert trial.pipeline.state.in_flight_posts == 0


def test_a_restart_goes_on_behind_the_commit(bench: Bench, delivery: str) -> None:
    """A graceful stop leaves nothing to be judged again."""
    bench.send_posts(NAMES[:50])
    first = bench.trial(delivery=delivery)
    wait_for(lambda: len(bench.broker.read("memes.verdicts")) >= 20, "some verdicts")
    first.stop()
    bench.send_posts(NAMES[50:])
    second = bench.trial(delivery=delivery)
    wait_for(bench.settled, "the commit")
    second.stop()
    assert sorted(bench.broker.posts("memes.verdicts")) == sorted(NAMES)


def test_poison_in_the_middle_is_kept_and_passed(bench: Bench, delivery: str) -> None:
    """What can't be judged becomes a dead letter byte for byte; its neighbours are judged."""
    bench.send_posts(NAMES[:10])
    bench.send(("bad", b"no json at all"), ("marked", post("marked", "boo")))
    bench.send_posts(NAMES[10:20])
    trial = bench.trial("fake://?poison_text=boo", delivery=delivery)
    wait_for(bench.settled, "the commit")
    trial.stop()
    assert sorted(bench.broker.posts("memes.verdicts")) == sorted(NAMES[:20])
    letters = {record.key: record for record in bench.broker.read("dead")}
    assert letters[b"bad"].value == b"no json at all"
    kinds = {key: dict(letter.headers)["memelens.error.kind"] for key, letter in letters.items()}
    assert kinds == {b"bad": b"not-json", b"marked": b"fake-poison"}
    assert trial.value("dead_letters_total", kind="not-json") == 1


def test_engine_failures_lose_and_double_nothing(bench: Bench, delivery: str) -> None:
    """An engine that fails every third call is asked again, and all posts come through once."""
    bench.send_posts(NAMES)
    trial = bench.trial("fake://?fail_every=3", delivery=delivery)
    wait_for(bench.settled, "the commit")
    trial.stop()
    assert sorted(bench.broker.posts("memes.verdicts")) == sorted(NAMES)
    assert trial.value("retries_total", step="score") >= 1


def test_verdicts_of_a_key_leave_in_offset_order(bench: Bench, delivery: str) -> None:
    """However batches and the cache overtake each other, revisions of a post are published in order."""
    for revision in range(30):
        bench.send(*[(name, post(name, f"{name} {revision % 7}", revision=revision)) for name in ("a", "b", "c")])
    bench.trial(delivery=delivery)
    wait_for(bench.settled, "the commit")
    order: dict[bytes | None, list[int]] = {}
    for record in bench.broker.read("memes.verdicts"):
        order.setdefault(record.key, []).append(json.loads(record.value or b"")["source"]["offset"])
    assert [len(offsets) for offsets in order.values()] == [30, 30, 30]
    assert all(offsets == sorted(offsets) for offsets in order.values())


def test_equal_memes_are_computed_once(bench: Bench) -> None:
    """A hundred copies of a picture cost one score, in flight or from the cache."""
    bench.send(*[(name, post(name, "the same words")) for name in NAMES])
    trial = bench.trial("fake://?latency_ms=50")
    wait_for(bench.settled, "the commit")
    assert trial.value("batch_posts_sum") == 1
    assert sorted(bench.broker.posts("memes.verdicts")) == sorted(NAMES)


def test_deletions_leave_tombstones_behind_the_verdict(bench: Bench, delivery: str) -> None:
    """A record without value erases what the cache held, and is published behind what came before it."""
    bench.send(("a", post("a", "to be forgotten")), ("a", None))
    first = bench.trial("fake://?latency_ms=20", delivery=delivery)
    wait_for(bench.settled, "the commit")
    values = [record.value is None for record in bench.broker.read("memes.verdicts")]
    assert values == [False, True]
    bench.send(("z", post("z", "to be forgotten")))
    wait_for(bench.settled, "the commit")
    assert first.value("cache_lookups_total", what="scores", result="hit") == 0


@pytest.mark.parametrize(
    "answer", ["", " \n", MemeError("no-rationale", "it won't say")], ids=["empty", "blank", "error"]
)
def test_a_verdict_goes_without_a_rationale_that_the_model_can_not_give(bench: Bench, answer: str | MemeError) -> None:
    """That the post is judged matters more; silence is no rationale, and is neither published nor cached."""
    bench.send_posts(NAMES)
    trial = bench.trial(Silent(answer))
    wait_for(bench.settled, "the commit")
    verdicts = [json.loads(record.value or b"") for record in bench.broker.read("memes.verdicts")]
    assert len(verdicts) == len(NAMES)
    assert any(verdict["flagged"] for verdict in verdicts)
    assert not any(verdict["rationales"] for verdict in verdicts)
    asked = trial.value("unexplained_total")
    assert asked == trial.value("cache_lookups_total", what="rationales", result="miss") > 0


@pytest.mark.parametrize("deleted", ["a", "b"])
def test_deleting_a_post_finds_the_scores_that_it_shared_in_flight(bench: Bench, deleted: str) -> None:
    """A copy that was computed for another post is forgotten with each of the two."""
    bench.send(("a", post("a", "shared words")), ("b", post("b", "shared words")))
    trial = bench.trial("fake://?latency_ms=100")
    wait_for(bench.settled, "the commit")
    assert trial.value("shared_scores_total") == 1
    bench.send((deleted, None))
    wait_for(bench.settled, "the deletion")
    bench.send(("c", post("c", "shared words")))
    wait_for(bench.settled, "the commit")
    assert trial.value("batch_posts_sum") == 2


def test_what_waits_to_be_erased_is_erased_at_the_stop(bench: Bench) -> None:
    """A deletion during an outage of the cache is made up for at the latest when the pipeline ends."""
    bench.cache = cache = Patchy(max_bytes=10**7, ttl_seconds=600, clock=SystemClock())
    bench.send(("a", post("a", "to be forgotten")))
    trial = bench.trial()
    wait_for(bench.settled, "the commit")
    cache.down = True
    bench.send(("a", None))
    wait_for(bench.settled, "the deletion")
    assert cache.deletions == 0
    cache.down = False
    trial.stop()
    assert cache.deletions == 1


def test_a_broker_that_comes_back_gets_everything(bench: Bench) -> None:
    """Outputs are written again until they are acknowledged; offsets never run ahead."""
    faults = bench.broker.faults
    faults.before_publish += [BrokerUnavailableError("down")] * 3
    faults.polls += [BrokerUnavailableError("down")] * 2
    faults.commits += [BrokerUnavailableError("down"), RetryLaterError("membership changed")]
    bench.send_posts(NAMES)
    trial = bench.trial()
    wait_for(bench.settled, "the commit")
    trial.stop()
    assert set(bench.broker.posts("memes.verdicts")) == set(NAMES)
    assert trial.value("retries_total", step="publish") == 3


def test_nothing_is_committed_before_it_is_acknowledged(bench: Bench) -> None:
    """While outputs wait for their acknowledgement, the offsets stay."""
    bench.broker.faults.gate.clear()
    bench.send_posts(NAMES)
    bench.trial()
    wait_for(lambda: bench.broker.subscription and bench.broker.subscription.polled == len(NAMES), "the poll")
    assert bench.broker.committed == {}
    bench.broker.faults.gate.set()
    wait_for(bench.settled, "the commit")


@pytest.mark.parametrize("committed", [True, False], ids=["committed", "lost"])
def test_an_unknown_outcome_is_read_again_from_the_commit(bench: Bench, committed: bool) -> None:
    """Whether or not the transaction went through, each post ends up in exactly one."""
    faults = bench.broker.faults
    (faults.after_publish if committed else faults.before_publish).append(UnknownOutcomeError("no answer"))
    faults.resets.append(BrokerUnavailableError("still down"))
    bench.send_posts(NAMES)
    trial = bench.trial(delivery="exactly-once")
    wait_for(bench.settled, "the commit")
    trial.stop()
    assert sorted(bench.broker.posts("memes.verdicts")) == sorted(NAMES)
    assert bench.broker.resets == 2


def test_a_changed_membership_rolls_back_and_reads_again(bench: Bench) -> None:
    """A refused transaction is forgotten; its records come again under the new membership."""
    bench.broker.faults.before_publish.append(RetryLaterError("the membership changed"))
    bench.send_posts(NAMES)
    trial = bench.trial(delivery="exactly-once")
    wait_for(bench.settled, "the commit")
    trial.stop()
    assert sorted(bench.broker.posts("memes.verdicts")) == sorted(NAMES)
    assert bench.broker.resets == 0


def test_an_output_too_large_becomes_a_dead_letter(bench: Bench, delivery: str) -> None:
    """One record that its topic refuses costs one post, not its batch."""
    bench.broker.faults.largest_record = 20_000
    bench.send_posts(NAMES[:20])
    bench.send(("fat", post("fat", "words", metadata={f"k{number}": "v" * 1000 for number in range(40)})))
    trial = bench.trial(delivery=delivery)
    wait_for(bench.settled, "the commit")
    trial.stop()
    assert set(bench.broker.posts("memes.verdicts")) == set(NAMES[:20])
    assert [record.key for record in bench.broker.read("dead")] == [b"fat"]


def test_in_flight_is_bounded_and_polling_goes_on(bench: Bench) -> None:
    """At the bound partitions are paused, while polls keep the membership alive."""
    bench.broker.faults.gate.clear()
    bench.send_posts(NAMES)
    trial = bench.trial(flow=FlowLimits(max_posts=20), polling=PollLimits(max_records=10))
    wait_for(lambda: bench.broker.subscription and bench.broker.subscription.paused, "the pause")
    beat = trial.pipeline.state.loops["poll"].at
    wait_for(lambda: trial.pipeline.state.loops["poll"].at > beat, "the next poll")
    assert trial.pipeline.state.in_flight_posts == 20
    bench.broker.faults.gate.set()
    wait_for(bench.settled, "the commit")


def test_bytes_bound_what_is_in_flight(bench: Bench) -> None:
    """Large records pause polling before many of them are held."""
    bench.broker.faults.gate.clear()
    bench.send_posts(NAMES, text="x" * 3000)
    trial = bench.trial(flow=FlowLimits(max_bytes=30_000), polling=PollLimits(max_records=1))
    wait_for(lambda: bench.broker.subscription and bench.broker.subscription.paused, "the pause")
    assert trial.pipeline.state.in_flight_bytes < 34_000
    bench.broker.faults.gate.set()
    wait_for(bench.settled, "the commit")
