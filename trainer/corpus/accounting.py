"""What a build did, in numbers that add up: read, left out, dropped, and where the rest of each pair stands."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..corpora.interface import Source, Split
from .columns import MemeColumns
from .gathering import Tally
from .schema import rows_of
from .sides.splitting import Sides
from .sources import ChosenSource
from .staging import Staged
from .store import CHOSEN_HERE, PairCounts, SourceFacts

__all__ = ["count_pairs", "describe_moves", "source_facts"]


def source_facts(sources: Sequence[ChosenSource], staged: Staged, root: Path) -> dict[str, SourceFacts]:
    """What a corpus in `root` says of the datasets it was built from."""
    return {one.name: _facts(one, staged, root) for one in sources}


def _facts(one: ChosenSource, staged: Staged, root: Path) -> SourceFacts:
    source = one.adapter.SOURCE
    pictures = staged.roots[one.name]
    if pictures.is_relative_to(root):  # they go where the corpus goes
        pictures = pictures.relative_to(root)
    return SourceFacts(
        title=source.title,
        root=str(pictures),
        images=one.images.value,
        licence=source.licence.name,
        may_be_passed_on=source.licence.may_be_passed_on,
        options=one.options,
        notes=tuple(staged.folders[one.name].notes),
        warnings=dict(staged.tallies[one.name].warnings),
    )


def count_pairs(
    sources: Sequence[ChosenSource], staged: Staged, memes: MemeColumns, sides: Sides
) -> dict[str, PairCounts]:
    """Counts of every pair that a source gives, in the catalogue's order."""
    placed = {move.meme for move in sides.moves if move.before is None and move.after is not None}
    stands: Counter[tuple[str, Split | None]] = Counter()
    with_a_copy: Counter[str] = Counter()
    for row in rows_of(staged.records, "meme", "pair"):
        place = memes.index[row["meme"]]
        stands[row["pair"], sides.side[place]] += 1
        with_a_copy[row["pair"]] += place in placed
    return {
        pair: _counts(one.adapter.SOURCE, pair, staged.tallies[one.name], stands, with_a_copy[pair])
        for one in sources
        for pair in one.adapter.SOURCE.pairs
        if pair in one.pairs
    }


def _counts(
    source: Source, pair: str, tally: Tally, stands: Mapping[tuple[str, Split | None], int], with_a_copy: int
) -> PairCounts:
    return PairCounts(
        dataset=source.name,
        read=tally.read[pair],
        left_out=dict(tally.left_out.get(pair, {})),
        without_picture=tally.without_picture[pair],
        dropped=stands.get((pair, None), 0),
        placed_with_a_copy=with_a_copy,
        train=stands.get((pair, Split.TRAIN), 0),
        validation=stands.get((pair, Split.VALIDATION), 0),
        test=stands.get((pair, Split.TEST), 0),
        test_split=source.official_test.get(pair, CHOSEN_HERE),
    )


def describe_moves(memes: MemeColumns, sides: Sides) -> Iterator[Mapping[str, Any]]:
    """Each meme that was placed or dropped because it is the same as another: who, from where to where, why."""
    ids = list(memes.index)
    for move in sides.moves:
        yield {
            "meme": ids[move.meme],
            "before": move.before,
            "after": move.after,
            "reason": move.reason,
            "because": ids[move.because],
        }
