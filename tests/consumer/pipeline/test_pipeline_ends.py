"""How a pipeline ends: asked to, by itself, halted for a person, or failed."""

from unittest.mock import Mock

import pytest

from memelens.consumer.brokers.interface import Partition
from memelens.consumer.errors import BrokerUnavailableError, FencedError, OperatorError, UnknownOutcomeError
from memelens.consumer.running.liveness import LivenessLimits, alive, ready
from memelens.consumer.steps.poison_watch import PoisonLimits
from memelens.consumer.steps.poll import PollLimits

from .trials import Bench, post, wait_for

NAMES = [f"p{number}" for number in range(120)]


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


def test_max_posts_are_judged_however_long_it_takes(bench: Bench) -> None:
    """The deadline of a stop is for one that somebody asked for, not for the end that a run has from the beginning."""
    bench.send_posts([f"p{number}" for number in range(40)])
    bench.trial("fake://?latency_ms=100", drain_seconds=0.0, polling=PollLimits(max_posts=40)).join()
    assert len(bench.broker.posts("memes.verdicts")) == 40


def test_max_posts_stops_behind_so_many(bench: Bench, delivery: str) -> None:
    """Exactly that many are judged and committed; the rest is left to the next start."""
    bench.send_posts(NAMES)
    bench.trial(delivery=delivery, polling=PollLimits(max_posts=33)).join()
    assert len(bench.broker.posts("memes.verdicts")) == 33
    assert sum(bench.broker.committed.values()) == 33
    bench.trial(delivery=delivery)
    wait_for(bench.settled, "the commit")
    assert sorted(bench.broker.posts("memes.verdicts")) == sorted(NAMES)


def test_posts_that_are_read_again_count_once_towards_max_posts(bench: Bench) -> None:
    """What is forgotten and read again after a transaction of unknown outcome isn't through: so many are judged."""
    bench.broker.faults.before_publish += [UnknownOutcomeError("no answer")] * 3
    bench.send_posts(NAMES)
    bench.trial(delivery="exactly-once", polling=PollLimits(max_posts=33)).join()
    assert len(bench.broker.posts("memes.verdicts")) == 33
    assert sum(bench.broker.committed.values()) == 33


def test_until_idle_stops_when_all_is_done(bench: Bench) -> None:
    """It ends by itself once nothing comes and nothing is in flight."""
    bench.send_posts(NAMES)
    bench.trial(polling=PollLimits(until_idle_seconds=0.2)).join()
    assert bench.settled()


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


def test_an_idle_pipeline_whose_broker_is_away_is_not_ready(bench: Bench) -> None:
    """A client without work polls nothing for hours while nobody answers: the probe tells, and tells the end of it."""
    bench.probe = Mock(side_effect=BrokerUnavailableError("away"))
    trial = bench.trial(probe_seconds=0.02)
    wait_for(lambda: ready(trial.pipeline.state) == "waiting for broker", "the probe")
    assert alive(trial.pipeline.state, LivenessLimits()) is None
    bench.probe.side_effect = None
    wait_for(lambda: ready(trial.pipeline.state) is None, "the answer")
    trial.stop()


def test_stop_before_anything_came(bench: Bench) -> None:
    """An idle pipeline stops at once."""
    trial = bench.trial()
    wait_for(lambda: trial.pipeline.state.joined, "joining")
    trial.stop()
    assert bench.broker.committed == {}
