"""Counts over the rows of a corpus and over its memes, taken in one pass: rows go by and aren't kept."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..sameness import normalised_text
from ..store import Corpus

__all__ = ["NO_LABEL", "Counts", "MemeCounts", "RowCounts", "count_corpus"]

NO_LABEL = "none of them"
"""Stands for the labels of a row that has none, in a set where several can hold at once."""

_COLUMNS = (
    "meme",
    "pair",
    "language",
    "split",
    "labels",
    "modality",
    "template_disjoint",
    "text",
    "image_sha256",
    "image_width",
    "image_height",
    "image_bytes",
)


@dataclass(slots=True)
class RowCounts:
    """Rows by pair and side; by pair, label and side (a row with several labels counts for each); and so on."""

    sides: Counter[tuple[str, str]] = field(default_factory=Counter)
    labels: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    modalities: Counter[tuple[str, str]] = field(default_factory=Counter)
    template_known: Counter[str] = field(default_factory=Counter)
    template_disjoint: Counter[str] = field(default_factory=Counter)

    def add(self, row: Mapping[str, Any]) -> None:
        """One row more."""
        pair, side = row["pair"], row["split"]
        self.sides[pair, side] += 1
        self.labels.update((pair, label, side) for label in row["labels"] or (NO_LABEL,))
        self.modalities[pair, row["modality"]] += 1
        self.template_known[pair] += row["template_disjoint"] is not None
        self.template_disjoint[pair] += row["template_disjoint"] is True


@dataclass(slots=True)
class MemeCounts:
    """Memes, each once however many pairs it has rows in.

    `characters` counts them by language and length of their text, empty ones left out. `picture_sizes` counts
    different pictures (by their bytes) by width and height in pixels, `picture_bytes` by size of the file. `contents`
    and `texts` count memes by digest of their picture's bytes, or of their normalised text, and side.
    """

    by_language: Counter[str] = field(default_factory=Counter)
    characters: Counter[tuple[str, int]] = field(default_factory=Counter)
    picture_sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    picture_bytes: Counter[int] = field(default_factory=Counter)
    contents: Counter[tuple[bytes, str]] = field(default_factory=Counter)
    texts: Counter[tuple[bytes, str]] = field(default_factory=Counter)
    _seen: set[str] = field(default_factory=set)
    _pictures: set[bytes] = field(default_factory=set)

    def add(self, row: Mapping[str, Any]) -> None:
        """One meme more, or one more row of a meme that was counted."""
        if row["meme"] in self._seen:
            return
        self._seen.add(row["meme"])
        self.by_language[row["language"]] += 1
        self._add_text(row)
        self._add_picture(row)

    def _add_text(self, row: Mapping[str, Any]) -> None:
        if not row["text"]:  # also null, where somebody changed the corpus: `verify` tells
            return
        self.characters[row["language"], len(row["text"])] += 1
        if text := normalised_text(row["text"]):
            # a digest has the same few bytes whatever the length of the text
            self.texts[hashlib.blake2b(text.encode(), digest_size=16).digest(), row["split"]] += 1

    def _add_picture(self, row: Mapping[str, Any]) -> None:
        if row["image_sha256"] is None:
            return
        digest = bytes.fromhex(row["image_sha256"])
        self.contents[digest, row["split"]] += 1
        if digest not in self._pictures:
            self._pictures.add(digest)
            self.picture_sizes[row["image_width"], row["image_height"]] += 1
            self.picture_bytes[row["image_bytes"]] += 1


@dataclass(frozen=True, slots=True)
class Counts:
    """What one pass over a corpus gives."""

    rows: RowCounts = field(default_factory=RowCounts)
    memes: MemeCounts = field(default_factory=MemeCounts)


def count_corpus(corpus: Corpus) -> Counts:
    """Go once over all rows of a corpus.

    Raises:
        CorpusError: its rows can't be read.
    """
    counts = Counts()
    for row in corpus.rows(*_COLUMNS):
        counts.rows.add(row)
        counts.memes.add(row)
    return counts
