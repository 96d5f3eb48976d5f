"""Every row of a corpus read: asked all questions that rows are asked, counted, and hashed as the build hashed it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...corpora.interface import Split
from ..schema import rows_of
from ..store import Corpus, PairCounts, content_hash
from .findings import Check, Checks, Question
from .looks import Look, Looks
from .rows import COLUMNS, tells

__all__ = ["check_content", "read_rows"]

_TOLD_TOGETHER = 1_000


def check_content(corpus: Corpus, check: Check) -> None:
    """Whether the rows are those that the build wrote."""
    check.looked_at = sum(len(rows) for rows in corpus.sides.values())
    found, due = content_hash(corpus.sides.values()), corpus.manifest.content_hash
    if found != due:
        check.find(f"rows have content hash {found}, the manifest says {due}: changed since; build the corpus again")


def read_rows(corpus: Corpus, checks: Checks, advance: Callable[[int], None]) -> Sequence[Look]:
    """Check rows against themselves, the taxonomy and the manifest's counts; what was seen of memes, side after side.

    `advance` hears how many rows are done.
    """
    reading = _Reading(corpus, checks)
    for side, rows in corpus.sides.items():
        for number, row in enumerate(rows_of(rows, *COLUMNS), 1):
            reading.ask(row, side)
            if number % _TOLD_TOGETHER == 0:
                advance(_TOLD_TOGETHER)
        advance(len(rows) % _TOLD_TOGETHER)
    reading.check_counts(checks[Question.COUNTS])
    return reading.looks.all()


class _Reading:
    """One passage over all rows."""

    def __init__(self, corpus: Corpus, checks: Checks) -> None:
        self.looks = Looks()
        self._corpus = corpus
        self._tells = [(checks[question], tell) for question, tell in tells().items()]
        self._on: Counter[tuple[str, Split]] = Counter()
        self._datasets: defaultdict[str, set[str]] = defaultdict(set)

    def ask(self, row: Mapping[str, Any], side: Split) -> None:
        """Take in one row."""
        for check, tell in self._tells:
            check.looked_at += 1
            if said := tell(row, side):
                check.find(said, row["id"])
        self.looks.add(row, side)
        self._on[row["pair"], side] += 1
        self._datasets[row["pair"]].add(row["dataset"])

    def check_counts(self, check: Check) -> None:
        """Of every pair that has rows or that the manifest names."""
        manifest = self._corpus.manifest
        for pair in dict.fromkeys([*manifest.pairs, *self._datasets]):
            check.looked_at += 1
            counts = manifest.pairs.get(pair)
            wrong = self._miscounted(pair, counts) if counts else ["has rows, but isn't in the manifest"]
            wrong += [
                f"comes from {dataset}, which isn't among the manifest's sources"
                for dataset in sorted(self._datasets[pair] - {*manifest.sources}, key=str)
            ]
            for said in wrong:
                check.find(f"{pair}: {said}")

    def _miscounted(self, pair: str, counts: PairCounts) -> list[str]:
        said = {side: getattr(counts, side.value) for side in Split}
        wrong = [
            f"{self._on[pair, side]} rows in {side}, the manifest says {count}"
            for side, count in said.items()
            if self._on[pair, side] != count
        ]
        accounted = sum(counts.left_out.values()) + counts.dropped + counts.rows
        if counts.read != accounted:
            wrong.append(f"{counts.read} rows were read, those left out, dropped and kept are {accounted}")
        if strange := sorted(self._datasets[pair] - {counts.dataset}, key=str):
            wrong.append(f"has rows of {', '.join(map(str, strange))}, the manifest says {counts.dataset}")
        return wrong
