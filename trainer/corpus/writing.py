"""The staged records on their sides, each with what is known of its picture and template."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets import Dataset
from datasets.arrow_writer import ArrowWriter

from ..corpora.interface import Split
from .pictures.fingerprints import Fingerprint
from .schema import FEATURES, rows_of

__all__ = ["Decided", "write_sides"]

_WRITTEN_TOGETHER = 1_000


@dataclass(frozen=True, slots=True)
class Decided:
    """What was found out and decided about n memes; `index` gives a meme's place, a side of None drops it."""

    index: Mapping[str, int]
    side: Sequence[Split | None]
    template: Sequence[str | None]
    template_disjoint: Sequence[bool | None]
    fingerprints: Mapping[tuple[str, str], Fingerprint]

    def completed(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row of `schema.RECORD_FEATURES` as one of `schema.FEATURES`."""
        place = self.index[row["meme"]]
        picture = self.fingerprints[row["dataset"], row["image"]] if row["image"] is not None else None
        return {
            **row,
            "image_sha256": picture and picture.sha256,
            "image_width": picture and picture.width,
            "image_height": picture and picture.height,
            "image_bytes": picture and picture.size_bytes,
            "perceptual_hash": picture and picture.perceptual_hash and picture.perceptual_hash.hex(),
            "template": self.template[place],
            "template_disjoint": self.template_disjoint[place],
            "split": self.side[place],
        }


def write_sides(records: Dataset, decided: Decided, place: Path) -> Mapping[Split, Dataset]:
    """A dataset for each side, in files in `place`; rows keep the order in which they were read."""
    paths = {side: place / f"{side.value}.arrow" for side in Split}
    with ExitStack() as stack:
        writers = {
            side: stack.enter_context(
                ArrowWriter(features=FEATURES, path=str(path), writer_batch_size=_WRITTEN_TOGETHER)
            )
            for side, path in paths.items()
        }
        for row in rows_of(records):
            side = decided.side[decided.index[row["meme"]]]
            if side is not None:
                writers[side].write(decided.completed(row))
        for writer in writers.values():
            writer.finalize()
    return {side: Dataset.from_file(str(path)) for side, path in paths.items()}
