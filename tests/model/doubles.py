"""Engines that a worker process can make (it imports this file, where it can't import a test), and their answers."""

from dataclasses import replace
from pathlib import Path

from memelens.model.engine import Scores
from memelens.model.errors import MemeError
from memelens.model.fake import FakeEngine, FakeOptions


def fake_from(path: Path) -> FakeEngine:
    """A fake engine with the URL that stands in a file now: another one at the next start."""
    return FakeEngine(FakeOptions.from_url(path.read_text(encoding="utf-8")))


def fake_of_revision(path: Path) -> FakeEngine:
    """A fake engine with the revision that stands in a file now: another one at the next start."""
    engine = FakeEngine()
    identity = replace(engine.description.identity, revision=path.read_text(encoding="utf-8"))
    engine._description = replace(engine.description, identity=identity)
    return engine


def plain(answers: list[Scores | MemeError]) -> list[object]:
    """Answers that can be compared."""
    return [answer.log_probabilities if isinstance(answer, Scores) else answer.kind for answer in answers]
