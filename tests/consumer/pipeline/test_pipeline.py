"""The pipeline from end to end, with its real threads."""

import json
from collections.abc import Sequence
from unittest.mock import Mock

import pytest

from memelens.consumer.brokers.interface import Partition
from memelens.consumer.cache.memory import MemoryCache
from memelens.consumer.clock import SystemClock
from memelens.consumer.errors import (
    BrokerUnavailableError,
    CacheUnavailableError,
    FencedError,
    OperatorError,
    RetryLaterError,
    UnknownOutcomeError,
)
from memelens.consumer.flow import FlowLimits
from memelens.consumer.liveness import LivenessLimits, alive, ready
from memelens.consumer.poison_watch import PoisonLimits
from memelens.consumer.polling import PollLimits

from .trials import Bench, post, wait_for

NAMES = [f"p{number}" for number in range(120)]


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


def test_being_fenced_ends_with_the_sentence(bench: Bench, delivery: str) -> None:
    """Where another process took over, `run` raises and nothing more is written."""
    fault = FencedError("another process uses this id")
    (bench.broker.faults.before_publish if delivery == "exactly-once" else bench.broker.faults.commits).append(fault)
    bench.send_posts(NAMES)
    trial = bench.trial(delivery=delivery)
    with pytest.raises(FencedError, match="another process"):
        trial.join()


def test_an_unwritable_dead_letter_topic_halts(bench: Bench, delivery: str) -> None:
    """Consumption stops, the process stays alive and unready with a sentence, and the offsets stay."""
    bench.broker.faults.refused_topics["dead"] = OperatorError("the topic dead is missing; create it")
    bench.send(("bad", b"no json"))
    bench.send_posts(NAMES)
    trial = bench.trial(delivery=delivery)
    wait_for(lambda: trial.pipeline.state.halted, "halting")
    state = trial.pipeline.state
    assert ready(state) == "halted: the topic dead is missing; create it"
    assert alive(state, LivenessLimits()) is None
    assert trial.running
    trial.stop()
    assert bench.broker.committed.get(Partition("posts", sum(b"bad") % 2), 0) == 0


def test_a_run_that_ends_by_itself_raises_instead_of_halting(bench: Bench) -> None:
    """Nobody watches the readiness of a command: it ends with what a person must do."""
    bench.broker.faults.refused_topics["memes.verdicts"] = OperatorError("the topic memes.verdicts is missing")
    bench.send_posts(NAMES)
    trial = bench.trial(polling=PollLimits(until_idle_seconds=0.2))
    with pytest.raises(OperatorError, match="is missing"):
        trial.join()
    assert bench.broker.committed == {}


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


def test_max_posts_stops_behind_so_many(bench: Bench, delivery: str) -> None:
    """Exactly that many are judged and committed; the rest is left to the next start."""
    bench.send_posts(NAMES)
    bench.trial(delivery=delivery, polling=PollLimits(max_posts=33)).join()
    assert len(bench.broker.posts("memes.verdicts")) == 33
    assert sum(bench.broker.committed.values()) == 33
    bench.trial(delivery=delivery)
    wait_for(bench.settled, "the commit")
    assert sorted(bench.broker.posts("memes.verdicts")) == sorted(NAMES)


def test_until_idle_stops_when_all_is_done(bench: Bench) -> None:
    """It ends by itself once nothing comes and nothing is in flight."""
    bench.send_posts(NAMES)
    bench.trial(polling=PollLimits(until_idle_seconds=0.2)).join()
    assert bench.settled()


def test_revocation_waits_for_work_in_flight(bench: Bench, delivery: str) -> None:
    """A partition is given up with its watermark behind what was judged, so its next owner repeats nothing."""
    bench.send_posts(NAMES)
    trial = bench.trial("fake://?latency_ms=5", delivery=delivery)
    wait_for(lambda: bench.broker.read("memes.verdicts"), "the first verdict")
    assert bench.broker.subscription is not None
    bench.broker.subscription.rebalance(frozenset({Partition("posts", 0)}))
    wait_for(lambda: bench.broker.subscription and len(bench.broker.subscription.held) == 1, "the rebalance")
    bench.broker.subscription.rebalance(frozenset({Partition("posts", 0), Partition("posts", 1)}))
    wait_for(bench.settled, "the commit")
    trial.stop()
    assert sorted(bench.broker.posts("memes.verdicts")) == sorted(NAMES)


def test_a_lost_partition_is_forgotten(bench: Bench, delivery: str) -> None:
    """What was in flight for it is neither committed nor, in transactions, published."""
    bench.broker.faults.gate.clear()
    bench.send_posts(NAMES)
    trial = bench.trial(delivery=delivery)
    wait_for(lambda: bench.broker.subscription and bench.broker.subscription.polled == len(NAMES), "the poll")
    assert bench.broker.subscription is not None
    bench.broker.subscription.rebalance(frozenset(), lost=True)
    wait_for(lambda: bench.broker.subscription and not bench.broker.subscription.held, "the loss")
    bench.broker.faults.gate.set()
    wait_for(lambda: trial.pipeline.state.in_flight_posts == 0, "nothing in flight")
    trial.stop()
    assert bench.broker.committed == {} or delivery == "exactly-once"


def test_a_stuck_engine_does_not_keep_the_process(bench: Bench) -> None:
    """A stop with work that never ends returns after its deadline; that work is not committed."""
    bench.send(("stuck", post("stuck", "hang here")))
    trial = bench.trial("fake://?hang_text=hang", drain_seconds=0.2)
    wait_for(lambda: trial.pipeline.state.loops["score"].waiting_for == "engine", "the engine")
    trial.stop()
    assert bench.broker.committed == {}


@pytest.mark.parametrize("away", ["engine", "broker"])
def test_a_stop_while_a_dependency_is_away_ends_at_its_deadline(bench: Bench, away: str) -> None:
    """It waits as long as it may, then ends without a failure; nothing is lost, nothing committed."""
    if away == "broker":
        bench.broker.faults.before_publish += [BrokerUnavailableError("down")] * 10_000
    bench.send_posts(NAMES[:5])
    trial = bench.trial("fake://?fail_every=1" if away == "engine" else "fake://", drain_seconds=0.3)
    wait_for(lambda: trial.pipeline.state.retrying, "the first failure")
    trial.stop()
    assert bench.broker.committed == {}
    bench.broker.faults.before_publish.clear()
    bench.trial()
    wait_for(bench.settled, "the commit")
    assert sorted(bench.broker.posts("memes.verdicts")) == sorted(NAMES[:5])


def test_too_much_poison_halts_only_where_it_is_asked_for(bench: Bench) -> None:
    """A bound on the share of dead letters alerts; halting on it is opt-in."""
    bench.send(*[(name, b"no json") for name in NAMES])
    first = bench.trial(poison=PoisonLimits(share=0.5, window=50))
    wait_for(bench.settled, "the commit")
    assert first.pipeline.state.halted is None
    assert first.value("poison_share") == 1
    first.stop()
    bench.send(*[(name, b"no json") for name in NAMES])
    second = bench.trial(poison=PoisonLimits(share=0.5, window=50, halts=True))
    wait_for(lambda: second.pipeline.state.halted, "halting")


def test_a_defect_ends_the_run(bench: Bench) -> None:
    """An engine that raises what it may not ends `run` with that, and nothing is committed."""
    bench.send(("a", post("a", "break this")))
    trial = bench.trial("fake://?break_text=break")
    with pytest.raises(RuntimeError, match="break"):
        trial.join()
    assert bench.broker.committed == {}
    # Its text may hold content, so health probes tell the class only.
    defect = "a defect of this program (RuntimeError); please report it"
    assert alive(trial.pipeline.state, LivenessLimits()) == ready(trial.pipeline.state) == defect


@pytest.mark.parametrize("error", [FencedError("another process uses this id"), OperatorError("no such user")])
def test_a_start_that_fails_half_way_leaves_the_group(bench: Bench, error: OperatorError) -> None:
    """Who can't publish holds no partitions, whether the process ends or waits for a person."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench.broker, "transactional_publisher", Mock(side_effect=error))
        trial = bench.trial(delivery="exactly-once", polling=PollLimits(until_idle_seconds=0.2))
        with pytest.raises(type(error)):
            trial.join()
    assert bench.broker.subscription is not None
    assert bench.broker.subscription.held == frozenset()


def test_stop_before_anything_came(bench: Bench) -> None:
    """An idle pipeline stops at once."""
    trial = bench.trial()
    wait_for(lambda: trial.pipeline.state.joined, "joining")
    trial.stop()
    assert bench.broker.committed == {}
