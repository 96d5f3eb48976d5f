"""What else can happen to a worker: several culprits, requests that kill, a checkpoint that is gone, a real model."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from memelens.model import supervisor
from memelens.model.engine import Engine, Meme, RationaleRequest, Scores
from memelens.model.errors import EngineUnavailableError, MemeError
from memelens.model.fake import FakeEngine
from memelens.model.opening import EngineSpec, open_engine
from memelens.model.supervisor import SupervisedEngine, WorkerLimits
from memelens.taxonomy import Language

from .disk import write_checkpoint
from .doubles import fake_from, fake_of_revision, plain
from .tiny import picture

MEMES = [Meme(text=f"teapot {number}", language=Language.ENGLISH) for number in range(6)]
REQUESTS = [RationaleRequest(meme, "hateful", "hateful", Language.HINDI) for meme in MEMES]
LIMITS = WorkerLimits(60, 30, 2)


@pytest.fixture
def url(tmp_path: Path) -> Path:
    """The file with the fake engine's URL."""
    path = tmp_path / "url"
    path.write_text("fake://", encoding="utf-8")
    return path


@pytest.fixture
def engine(url: Path) -> Iterator[SupervisedEngine]:
    """A supervised fake engine whose URL can be changed between two starts."""
    with contextlib.closing(SupervisedEngine(partial(fake_from, url), LIMITS)) as made:
        yield made


def restart(engine: SupervisedEngine) -> None:
    """Kill the worker: the next call starts another."""
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGKILL)


def test_several_culprits_are_named(engine: SupervisedEngine, url: Path) -> None:
    """Two memes of a batch kill the worker, one is refused: each is answered as such, the others get their scores."""
    url.write_text("fake://?kill_text=bomb&poison_text=teapot 4", encoding="utf-8")
    restart(engine)
    memes = [MEMES[0], Meme("bomb 1"), MEMES[2], Meme("bomb 2"), MEMES[4]]
    expected = plain(FakeEngine().score(MEMES))
    assert plain(engine.score(memes)) == [expected[0], "kills-worker", expected[2], "kills-worker", "fake-poison"]


def test_a_rationale_that_kills_is_named(engine: SupervisedEngine, url: Path) -> None:
    """As in scoring: the others get their rationales."""
    url.write_text("fake://?kill_text=teapot 1", encoding="utf-8")
    restart(engine)
    first, culprit, *rest = engine.explain(REQUESTS)
    assert [first, *rest] == [one for place, one in enumerate(FakeEngine().explain(REQUESTS)) if place != 1]
    assert isinstance(culprit, MemeError)
    assert culprit.kind == "kills-worker"


def test_a_checkpoint_that_is_gone_at_a_restart_is_unavailable(engine: SupervisedEngine, url: Path) -> None:
    """Posts are fine and wait; when the checkpoint is back they are judged."""
    url.write_text("fake://?no_such_option=1", encoding="utf-8")
    restart(engine)
    for _ in range(2):
        with pytest.raises(EngineUnavailableError, match=r"can't be loaded again: .*unknown option"):
            engine.score(MEMES)
    url.write_text("fake://", encoding="utf-8")
    assert plain(engine.score(MEMES)) == plain(FakeEngine().score(MEMES))


def test_another_model_at_a_restart_is_not_served(tmp_path: Path) -> None:
    """Weights replaced under a running consumer: nothing of theirs is published or cached as the old ones'."""
    path = tmp_path / "revision"
    path.write_text("one", encoding="utf-8")
    with contextlib.closing(SupervisedEngine(partial(fake_of_revision, path), LIMITS)) as engine:
        restart(engine)
        path.write_text("two", encoding="utf-8")
        for _ in range(2):
            with pytest.raises(
                EngineUnavailableError, match=r"another one \(identity; revision two, before it was one\)"
            ):
                engine.score(MEMES)
        assert engine.pid is None
        path.write_text("one", encoding="utf-8")
        assert plain(engine.score(MEMES)) == plain(FakeEngine().score(MEMES))


def test_a_close_while_a_worker_starts_leaves_none(engine: SupervisedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever closes finds no worker yet: the one that is being started ends, or the program would never exit."""
    made: list[supervisor._Worker] = []

    class ClosedMeanwhile(supervisor._Worker):
        def __init__(self, make_engine: Callable[[], Engine]) -> None:
            super().__init__(make_engine)
            made.append(self)
            engine.close()

    restart(engine)
    monkeypatch.setattr(supervisor, "_Worker", ClosedMeanwhile)
    with pytest.raises(EngineUnavailableError, match="the engine was closed"):
        engine.score(MEMES)
    assert engine.pid is None
    assert not made[0]._process.is_alive()


def test_a_closed_engine_answers_nothing(engine: SupervisedEngine) -> None:
    """No worker is started again behind a close."""
    engine.close()
    engine.close()
    with pytest.raises(EngineUnavailableError, match="closed"):
        engine.score(MEMES)
    assert engine.pid is None


@pytest.mark.slow
def test_a_real_model_answers_from_a_process(tmp_path: Path) -> None:
    """A checkpoint on disk: description, scores, refusals and rationales are those of the same engine in a thread."""
    folder = write_checkpoint(tmp_path / "tiny", {"name": "t", "prompt": "brief-1", "rationale_languages": ["en"]})
    spec = EngineSpec(model=str(folder), device="cpu", rationale_tokens=6)
    memes = [Meme("Two teapots", image=picture((96, 64), seed=1)), Meme(image=b"<html>"), Meme("at sea")]
    asked = [RationaleRequest(memes[0], "toxic", "toxic", Language.ENGLISH)]

    with (
        contextlib.closing(open_engine(spec.model_copy(update={"process": "process"}), LIMITS)) as worker,
        contextlib.closing(open_engine(spec.model_copy(update={"process": "thread"}))) as thread,
    ):
        assert isinstance(worker, SupervisedEngine)
        assert worker.description == thread.description
        for one, other in zip(worker.score(memes), thread.score(memes), strict=True):
            if isinstance(other, Scores):
                assert isinstance(one, Scores)
                assert one.log_probabilities == pytest.approx(other.log_probabilities, abs=1e-4)
            else:
                assert (one.kind if isinstance(one, MemeError) else one) == other.kind == "not-a-picture"
        assert worker.explain(asked) == thread.explain(asked)
