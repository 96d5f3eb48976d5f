"""The worker process: real deaths, and what is left of a batch after them."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from tests.servers.waiting import eventually

from memelens.model.engine import Engine, Meme, RationaleRequest
from memelens.model.errors import CheckpointError, EngineUnavailableError
from memelens.model.fake import FakeEngine
from memelens.model.opening import EngineSpec, open_engine
from memelens.model.supervisor import Death, SupervisedEngine, WorkerLimits
from memelens.taxonomy import Language

from .doubles import plain

MEMES = [Meme(text=f"teapot {number}", language=Language.ENGLISH, image=bytes(1000)) for number in range(5)]
Supervised = Callable[..., SupervisedEngine]


def fake(url: str) -> Callable[[], Engine]:
    """Makes the engine in the worker, which can't import this file."""
    return partial(open_engine, EngineSpec(model=url))


class Deaths:
    """Counts workers lost."""

    def __init__(self) -> None:
        self.kinds: list[Death] = []

    def __call__(self, kind: Death) -> None:
        self.kinds.append(kind)


@pytest.fixture
def deaths() -> Deaths:
    """What the supervisor reported."""
    return Deaths()


@pytest.fixture
def supervised(deaths: Deaths) -> Iterator[Supervised]:
    """Makes supervised fake engines, and afterwards asserts that none of their processes is left."""
    made: list[SupervisedEngine] = []
    pids: list[int] = []

    def make(url: str, call_seconds: float = 30.0) -> SupervisedEngine:
        engine = SupervisedEngine(fake(url), WorkerLimits(60, call_seconds, 2), deaths)
        made.append(engine)
        pids.append(pid_of(engine))
        return engine

    yield make
    for engine in made:
        pids.append(engine.pid or pids[0])
        engine.close()
    assert not [pid for pid in pids if alive(pid)]


def pid_of(engine: SupervisedEngine) -> int:
    """The worker's process id."""
    assert engine.pid is not None
    return engine.pid


def alive(pid: int) -> bool:
    """Whether a process runs (a zombie doesn't)."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    return False


EXPECTED = plain(FakeEngine().score(MEMES))


def test_answers_are_those_of_the_engine(supervised: Supervised) -> None:
    """Scores, rationales, description and token counts cross the process border unchanged."""
    engine, local = supervised("fake://"), FakeEngine()
    requests = [RationaleRequest(meme, "hateful", "hateful", Language.RUSSIAN) for meme in MEMES]
    assert plain(engine.score(MEMES)) == EXPECTED
    assert engine.explain(requests) == local.explain(requests)
    assert engine.score([]) == []
    assert engine.description.identity == local.description.identity
    assert engine.count_tokens(MEMES[0]) == local.count_tokens(MEMES[0])


def test_a_killed_worker_is_replaced(supervised: Supervised, deaths: Deaths) -> None:
    """A worker killed between two calls costs nothing but a restart."""
    engine = supervised("fake://")
    first = pid_of(engine)
    os.kill(first, signal.SIGKILL)
    assert plain(engine.score(MEMES)) == EXPECTED
    assert engine.pid != first
    assert deaths.kinds == ["died"]


def test_a_worker_killed_in_a_call_runs_the_batch_again(supervised: Supervised, deaths: Deaths) -> None:
    """A death in the middle of a batch is repaired by the second try."""
    engine = supervised("fake://?die_every=2")
    assert plain(engine.score(MEMES)) == EXPECTED
    assert plain(engine.score(MEMES)) == EXPECTED
    assert deaths.kinds == ["died"]


def test_a_meme_that_kills_is_named(supervised: Supervised, deaths: Deaths) -> None:
    """The meme that kills the worker is answered with an error, its neighbours with their scores."""
    engine = supervised("fake://?kill_text=teapot 3")
    assert plain(engine.score(MEMES)) == [*EXPECTED[:3], "kills-worker", *EXPECTED[4:]]
    assert deaths.kinds == ["died"] * 3
    assert plain(engine.score(MEMES[:2])) == EXPECTED[:2]


def test_a_meme_that_hangs_is_named(supervised: Supervised, deaths: Deaths) -> None:
    """A call past its deadline counts as a death, and leads to the meme that hangs."""
    engine = supervised("fake://?hang_text=teapot 0", call_seconds=0.3)
    assert plain(engine.score(MEMES[:2])) == ["kills-worker", EXPECTED[1]]
    assert deaths.kinds == ["hung"] * 3


def test_no_meme_is_blamed_where_all_die(supervised: Supervised) -> None:
    """An engine that dies with any meme is unavailable: nothing becomes a dead letter for it."""
    engine = supervised("fake://?die_every=1")
    with pytest.raises(EngineUnavailableError, match="with any meme"):
        engine.score(MEMES)


def test_unavailability_and_poison_are_passed_on(supervised: Supervised, deaths: Deaths) -> None:
    """What the engine says of itself and of a meme arrives as it was said, without a restart."""
    engine = supervised("fake://?fail_every=2&poison_text=teapot 1")
    assert plain(engine.score(MEMES))[1] == "fake-poison"
    with pytest.raises(EngineUnavailableError, match="every 2 calls"):
        engine.score(MEMES)
    assert deaths.kinds == []


def test_an_unexpected_error_costs_the_worker(deaths: Deaths) -> None:
    """An exception that no engine may raise ends its process, since a device error outlives its call."""
    engine = SupervisedEngine(fake("fake://?break_text=canary"), on_death=deaths)
    with contextlib.closing(engine), pytest.raises(EngineUnavailableError, match="told to break"):
        engine.score([Meme(text="canary")])
    assert set(deaths.kinds) == {"broken"}


def test_a_wrong_checkpoint_is_said_as_such() -> None:
    """A checkpoint that can't be served is the operator's matter, in the words of the engine."""
    with pytest.raises(CheckpointError, match="did you mean 'latency_ms'"):
        SupervisedEngine(fake("fake://?latency=1"))


def test_a_worker_that_dies_while_loading_is_unavailable(deaths: Deaths) -> None:
    """A process that ends before it is ready says how it ended."""
    with pytest.raises(EngineUnavailableError, match="exit status 7"):
        SupervisedEngine(partial(os._exit, 7), on_death=deaths)
    assert deaths.kinds == ["died"]


def test_a_worker_that_loads_for_too_long_is_unavailable() -> None:
    """The deadline for loading is kept."""
    with pytest.raises(EngineUnavailableError, match=r"no answer in 0\.5 s"):
        SupervisedEngine(partial(time.sleep, 600), WorkerLimits(start_seconds=0.5))  # type: ignore[arg-type]  # never returns


def test_closing_ends_a_call_in_progress(supervised: Supervised) -> None:
    """Closing from another thread frees whoever waits, and kills a worker that hangs."""
    engine = supervised("fake://?hang_text=teapot")
    pid, errors = pid_of(engine), []

    def call() -> None:
        try:
            engine.score(MEMES)
        except EngineUnavailableError as error:
            errors.append(str(error))

    thread = threading.Thread(target=call)
    thread.start()
    eventually(engine._busy.locked, "the call")
    engine.close()
    thread.join(20)
    assert errors == ["the engine was closed"]
    assert not alive(pid)


def test_the_worker_outlives_signals_to_the_group(supervised: Supervised, deaths: Deaths) -> None:
    """SIGINT and SIGTERM are the parent's to handle, so that it can drain."""
    engine = supervised("fake://")
    for one in (signal.SIGINT, signal.SIGTERM):
        os.kill(pid_of(engine), one)
    assert plain(engine.score(MEMES)) == EXPECTED
    assert deaths.kinds == []


PARENT = """
import sys
from memelens.model.engine import Meme
from memelens.model.opening import EngineSpec, open_engine
if __name__ == "__main__":
    engine = open_engine(EngineSpec(model="fake://?hang_text=stuck", process="process"))
    print(engine.pid, flush=True)
    if sys.argv[1] == "exit":
        sys.exit()
    engine.score([Meme(text="stuck")])
"""


@pytest.mark.parametrize("how", ["killed", "exit"])
def test_the_worker_ends_with_its_parent(how: str, tmp_path: Path) -> None:
    """No worker is left behind by a parent that is killed in a call, or that exits without closing."""
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    with subprocess.Popen([sys.executable, script, how], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        if how == "killed":
            parent.kill()
        parent.wait(20)
    eventually(lambda: not alive(worker), "the end of the worker")
