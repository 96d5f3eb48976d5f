"""A dataset's folder read as a build reads it."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from memelens.taxonomy import PAIRS, Pair
from memelens.trainer.corpora.catalogue import adapter
from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpus.gathering import Images, Tally, gather
from memelens.trainer.corpus.records import Record

__all__ = ["PAIR_OF", "Invented", "invented", "read"]

PAIR_OF: Mapping[str, Pair] = MappingProxyType({pair.configuration: pair for pair in PAIRS})


class Invented(Protocol):
    """A module that writes a small, complete dataset in the published format."""

    LABELS: Mapping[str, Mapping[str, int]]
    LEFT_OUT: Mapping[str, Mapping[str, int]]

    def write(self, root: Path) -> None:
        """All of its files, pictures too."""


def invented(name: str) -> Invented:
    """The invented dataset of that source."""
    return importlib.import_module(f"tests.trainer.corpora.invented.{name}")


def read(name: str, root: Path, images: Images = Images.COMPLETE) -> tuple[list[Record], Folder, Tally]:
    """Everything that a folder gives."""
    folder, tally = Folder(name, root), Tally()
    pictures: list[bytes] = []

    def keep(data: bytes) -> str:
        pictures.append(data)
        return f"{len(pictures)}.jpg"

    return list(gather(adapter(name), folder, images, tally, keep)), folder, tally
