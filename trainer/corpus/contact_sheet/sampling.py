"""A few rows of a corpus to look at: drawn with a seed, evenly over the pairs."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Any, TypeAlias

from ....taxonomy import PAIRS, UnknownNameError
from ...corpora.interface import Split
from ...errors import SourcesError
from ..schema import rows_of
from ..store import Corpus

__all__ = ["Sample", "Wanted", "draw"]

_Place: TypeAlias = tuple[Split, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows are of interest; an empty sequence and None let all through."""

    pairs: Sequence[str] = ()
    languages: Sequence[str] = ()
    label: str | None = None
    split: Split | None = None

    def check(self, corpus: Corpus) -> None:
        """Tell a misspelling from a corpus that happens to have no such row.

        Raises:
            UnknownNameError: the corpus has no such pair, or no pair in such a language or with such a label.
        """
        known = [pair for pair in PAIRS if pair.configuration in corpus.manifest.pairs]
        labels = [self.label] if self.label is not None else []
        _check("pair", self.pairs, (pair.configuration for pair in known))
        _check("language", self.languages, (pair.language.value for pair in known))
        _check("label", labels, (label for pair in known for label in pair.label_set.labels))

    def matches(self, row: Mapping[str, Any]) -> bool:
        """Whether a row's pair, language and labels are wanted; its side is for the caller to choose."""
        return (
            (not self.pairs or row["pair"] in self.pairs)
            and (not self.languages or row["language"] in self.languages)
            and (self.label is None or self.label in row["labels"])
        )


def _check(kind: str, names: Iterable[str], known: Iterable[str]) -> None:
    there = {*known}
    for name in names:
        if name not in there:
            raise UnknownNameError(f"{kind} in this corpus", name, there)


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows that were drawn (columns: `schema.FEATURES`), pair after pair, out of so many that are wanted."""

    rows: Sequence[Mapping[str, Any]]
    matching: int


def draw(corpus: Corpus, wanted: Wanted, *, most: int, seed: int) -> Sample:
    """At most `most` rows, from each pair as many as from the others, or all where it has fewer.

    Raises:
        UnknownNameError: as `Wanted.check`.
        SourcesError: there is no such row.
    """
    wanted.check(corpus)
    places = _places(corpus, wanted)
    if not places:
        raise SourcesError(f"{corpus.root}: no row is all of this at once; ask for less")
    chosen = _chosen(list(places.values()), most, random.Random(seed))
    rows = [corpus.sides[side][place] for side, place in chosen]
    order = {pair: number for number, pair in enumerate(corpus.manifest.pairs)}
    return Sample(sorted(rows, key=lambda row: order[row["pair"]]), sum(map(len, places.values())))


def _places(corpus: Corpus, wanted: Wanted) -> Mapping[str, list[_Place]]:
    """Where the wanted rows stand, by pair."""
    places: dict[str, list[_Place]] = {}
    for side in Split:
        if wanted.split in {None, side}:
            for place, row in enumerate(rows_of(corpus.sides[side], "pair", "language", "labels")):
                if wanted.matches(row):
                    places.setdefault(row["pair"], []).append((side, place))
    return places


def _chosen(pairs: list[list[_Place]], most: int, rng: random.Random) -> list[_Place]:
    """One place of each pair in turn; shuffled pairs, so that a small sheet doesn't always show the same ones."""
    rng.shuffle(pairs)
    for places in pairs:
        rng.shuffle(places)
    turns = chain.from_iterable(zip_longest(*pairs))
    return sorted(islice((place for place in turns if place is not None), most))
