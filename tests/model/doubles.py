"""Engines that a worker process can make: it imports this file, where it can't import a test."""

from pathlib import Path

from memelens.model.fake import FakeEngine, FakeOptions


def fake_from(path: Path) -> FakeEngine:
    """A fake engine with the URL that stands in a file now: another one at the next start."""
    return FakeEngine(FakeOptions.from_url(path.read_text(encoding="utf-8")))
