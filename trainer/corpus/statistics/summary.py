"""What is told of a built corpus, in numbers: its rows as counted, beside what its build and the paper say of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ....taxonomy import PAIRS, TASKS, Language, Pair
from ....taxonomy.cells import PUBLISHED_TOGETHER
from ...corpora.interface import Split
from ..records import Modality
from ..store import CHOSEN_HERE, Corpus, PairCounts, SourceFacts
from .counting import NO_LABEL, Counts, RowCounts, count_corpus
from .moves import Moved, count_moves
from .spread import Spread, spread_of

__all__ = [
    "Duplicates",
    "LanguageStatistics",
    "PairStatistics",
    "Pictures",
    "Statistics",
    "Together",
    "corpus_statistics",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairStatistics:
    """One pair. `rows` stand in the corpus: `read` less those that were left out and the copies that were dropped.

    `published` is the paper's count, None where it gives none for the pair alone; `in_paper`: one of the 38.
    `labels` maps each label of the pair's set, in its order, to rows by side; `modalities` counts rows.
    `template_known`: test rows of whose template something is known; `template_disjoint`: those of them on templates
    that no other side has.
    """

    dataset: str
    language: str
    task: str
    label_set: str
    in_paper: bool
    published: int | None
    read: int
    left_out: Mapping[str, int]
    dropped: int
    placed_with_a_copy: int
    without_picture: int
    rows: int
    train: int
    validation: int
    test: int
    test_split: str
    official_test: bool
    template_known: int
    template_disjoint: int
    labels: Mapping[str, Mapping[str, int]]
    modalities: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageStatistics:
    """One language: sums over its pairs, its memes, and the characters of their texts (None where no meme has any)."""

    pairs: int
    memes: int
    rows: int
    train: int
    validation: int
    test: int
    modalities: Mapping[str, int]
    characters: Spread | None


@dataclass(frozen=True, slots=True)
class Together:
    """Pairs for which the paper gives one count together, and their rows in the corpus."""

    pairs: tuple[str, ...]
    published: int
    rows: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """Different pictures, each once: pixels as shown, size of the file. None where there are none."""

    width: Spread | None
    height: Spread | None
    bytes: Spread | None


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Memes that aren't alone with what they have: in how many groups, and how many memes in all of these."""

    groups: int
    memes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """A corpus. Pairs are in the order of `taxonomy.PAIRS`; `absent` are those of the 46 of which nothing was read.

    `cells` has rows for each of the twenty tasks in each of the nine languages. `equal_bytes` and `equal_text` (the
    normalised one) count memes of one side that have the same picture or text, by side, and under `across sides` those
    whose picture or text is on several. `picture_sizes` (n, 3) is width, height and number of pictures of that size.
    `moves` and `carved_validation` are the manifest's.
    """

    content_hash: str
    version: str
    seed: int
    rows: int
    memes: int
    sides: Mapping[str, int]
    pairs: Mapping[str, PairStatistics]
    absent: tuple[str, ...]
    published_together: tuple[Together, ...]
    languages: Mapping[str, LanguageStatistics]
    cells: Mapping[str, Mapping[str, int]]
    modalities: Mapping[str, int]
    pictures: Pictures
    picture_sizes: NDArray[np.int64]
    equal_bytes: Mapping[str, Duplicates]
    equal_text: Mapping[str, Duplicates]
    moves: Mapping[str, int]
    moved: tuple[Moved, ...]
    carved_validation: Mapping[str, int]
    sources: Mapping[str, SourceFacts]


def corpus_statistics(corpus: Corpus) -> Statistics:
    """Count a corpus, once over its rows; what is kept of each meme is its digests and the length of its text.

    Raises:
        CorpusError: its rows or moves can't be read.
    """
    counts = count_corpus(corpus)
    manifest = corpus.manifest
    read = {name: built for name, built in manifest.pairs.items() if built.read}
    known = [pair for pair in PAIRS if pair.configuration in read]
    pairs = {one.configuration: _pair(one, read[one.configuration], counts.rows) for one in known}
    return Statistics(
        content_hash=manifest.content_hash,
        version=manifest.version,
        seed=manifest.seed,
        rows=counts.rows.sides.total(),
        memes=counts.memes.by_language.total(),
        sides={side.value: sum(getattr(pair, side.value) for pair in pairs.values()) for side in Split},
        pairs=pairs,
        absent=tuple(pair.configuration for pair in PAIRS if pair not in known),
        published_together=_together(counts.rows),
        languages={one.value: _language(one, pairs, counts) for one in Language},
        cells=_cells(pairs.values()),
        modalities=_modalities(pairs.values()),
        pictures=_pictures(counts),
        picture_sizes=_sizes(counts),
        equal_bytes=_duplicates(counts.memes.contents),
        equal_text=_duplicates(counts.memes.texts),
        moves=dict(sorted(manifest.moves.items())),
        moved=count_moves(corpus),
        carved_validation=dict(sorted(manifest.carved_validation.items())),
        sources=manifest.sources,
    )


def _pair(one: Pair, built: PairCounts, counted: RowCounts) -> PairStatistics:
    name = one.configuration
    rows = {side.value: counted.sides[name, side.value] for side in Split}
    labels = (*one.label_set.labels, NO_LABEL) if one.label_set.multiple else one.label_set.labels
    return PairStatistics(
        dataset=built.dataset,
        language=one.language.value,
        task=one.task.value,
        label_set=one.label_set.name,
        in_paper=one.in_paper,
        published=one.rows,
        read=built.read,
        left_out=built.left_out,
        dropped=built.dropped,
        placed_with_a_copy=built.placed_with_a_copy,
        without_picture=built.without_picture,
        rows=sum(rows.values()),
        **rows,
        test_split=built.test_split,
        official_test=built.test_split != CHOSEN_HERE,
        template_known=counted.template_known[name],
        template_disjoint=counted.template_disjoint[name],
        labels={label: {side: counted.labels[name, label, side] for side in rows} for label in labels},
        modalities={one.value: counted.modalities[name, one.value] for one in Modality},
    )


def _language(language: Language, pairs: Mapping[str, PairStatistics], counts: Counts) -> LanguageStatistics:
    own = [pair for pair in pairs.values() if pair.language == language]
    return LanguageStatistics(
        pairs=len(own),
        memes=counts.memes.by_language[language],
        rows=sum(pair.rows for pair in own),
        train=sum(pair.train for pair in own),
        validation=sum(pair.validation for pair in own),
        test=sum(pair.test for pair in own),
        modalities=_modalities(own),
        characters=spread_of(
            {length: memes for (one, length), memes in counts.memes.characters.items() if one == language}
        ),
    )


def _modalities(pairs: Iterable[PairStatistics]) -> Mapping[str, int]:
    total = Counter({one.value: 0 for one in Modality})
    for pair in pairs:
        total.update(pair.modalities)
    return dict(total)


def _together(counted: RowCounts) -> tuple[Together, ...]:
    def rows(names: Iterable[str]) -> int:
        return sum(counted.sides[name, side.value] for name in names for side in Split)

    return tuple(Together(names, published, rows(names)) for names, published in PUBLISHED_TOGETHER.items())


def _cells(pairs: Iterable[PairStatistics]) -> Mapping[str, Mapping[str, int]]:
    rows: Counter[tuple[str, str]] = Counter()
    for pair in pairs:
        rows[pair.task, pair.language] += pair.rows
    return {task.value: {one.value: rows[task, one] for one in Language} for task in TASKS}


def _pictures(counts: Counts) -> Pictures:
    widths, heights = Counter[int](), Counter[int]()
    for (width, height), pictures in counts.memes.picture_sizes.items():
        widths[width] += pictures
        heights[height] += pictures
    return Pictures(spread_of(widths), spread_of(heights), spread_of(counts.memes.picture_bytes))


def _sizes(counts: Counts) -> NDArray[np.int64]:
    return np.array([(*size, number) for size, number in counts.memes.picture_sizes.items()], np.int64).reshape(-1, 3)


def _duplicates(counted: Mapping[tuple[bytes, str], int]) -> Mapping[str, Duplicates]:
    """From memes by what they have and side."""
    found = {}
    for side in Split:
        groups = [memes for (_, place), memes in counted.items() if place == side and memes > 1]
        found[side.value] = Duplicates(len(groups), sum(groups))
    sides = Counter(have for have, _ in counted)
    torn = [memes for (have, _), memes in counted.items() if sides[have] > 1]
    found["across sides"] = Duplicates(sum(places > 1 for places in sides.values()), sum(torn))
    return found
