"""Corpora built from files, as `memelens corpus build` does."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from tests.trainer.corpus.planting import Quiet

from memelens.trainer.corpus.building import build_corpus
from memelens.trainer.corpus.sources import load_sources
from memelens.trainer.corpus.store import Corpus

__all__ = ["build", "write_sources"]


def write_sources(place: Path, sources: Mapping[str, Any]) -> Path:
    """A sources.yaml."""
    path = place / "sources.yaml"
    path.write_text(yaml.safe_dump(dict(sources), sort_keys=False), encoding="utf-8")
    return path


def build(sources: Path, out: Path, *, seed: int = 13) -> Corpus:
    """A corpus, in this process."""
    return build_corpus(load_sources(sources), out, Quiet(), seed=seed, jobs=1)
