"""What an export would hold: decided, and counted, before anything is written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...corpora.interface import Split
from ...errors import SourcesError
from ..records import Modality
from ..schema import rows_of
from ..store import Corpus
from .layouts import Layout

__all__ = ["Plan", "plan_export"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which rows go out, in which layout.

    `places` are rows' places on their sides, by pair; `rows` counts them by dataset, and some of them may not be passed
    on where the export is `for_own_use`. What stays: `forbidden` counts rows that may not be passed on,
    `pictures_alone` those of which nothing is left without `pictures`.
    """

    layout: Layout
    pictures: bool
    for_own_use: bool
    places: Mapping[str, Mapping[Split, Sequence[int]]]
    rows: Mapping[str, int]
    forbidden: Mapping[str, int]
    pictures_alone: Mapping[str, int]

    @property
    def pairs(self) -> Sequence[str]:
        """Pairs that have rows in it, in the corpus' order."""
        return list(self.places)


def plan_export(corpus: Corpus, layout: Layout, *, pictures: bool, for_own_use: bool) -> Plan:
    """Go through a corpus once. `for_own_use`: take in what may not be passed on.

    Raises:
        SourcesError: no row would go out.
    """
    places = {pair: {side: list[int]() for side in Split} for pair in corpus.manifest.pairs}
    rows, forbidden, pictures_alone = Counter[str](), Counter[str](), Counter[str]()
    for side in Split:
        for place, row in enumerate(rows_of(corpus.sides[side], "dataset", "pair", "modality")):
            dataset = row["dataset"]
            if not (for_own_use or corpus.manifest.sources[dataset].may_be_passed_on):
                forbidden[dataset] += 1
            elif not pictures and row["modality"] == Modality.IMAGE_ONLY:
                pictures_alone[dataset] += 1
            else:
                rows[dataset] += 1
                places[row["pair"]][side].append(place)
    if not rows:
        raise SourcesError(f"{corpus.root}: {_why_nothing(forbidden, pictures_alone)}")
    return Plan(
        layout=layout,
        pictures=pictures,
        for_own_use=not all(corpus.manifest.sources[dataset].may_be_passed_on for dataset in rows),
        places={pair: sides for pair, sides in places.items() if any(sides.values())},
        rows=rows,
        forbidden=forbidden,
        pictures_alone=pictures_alone,
    )


def _why_nothing(forbidden: Mapping[str, int], pictures_alone: Mapping[str, int]) -> str:
    if forbidden:
        return f"{', '.join(forbidden)} may not be passed on; --for-own-use exports for yourself alone"
    if pictures_alone:
        return "there is no text in it, nothing is left without pictures; export with --pictures"
    return "it has no rows"
