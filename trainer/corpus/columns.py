"""The staged records as columns of memes: what the search for copies and the choice of sides work on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from datasets import Dataset

from ..corpora.interface import Split
from .finding import Looks
from .pictures.fingerprints import Fingerprint
from .sameness import normalised_text
from .schema import rows_of

__all__ = ["MemeColumns", "looks_of", "meme_columns"]

_COLUMNS = ("meme", "dataset", "pair", "labels", "original_split", "group", "template", "text", "image")


@dataclass(slots=True)
class MemeColumns:
    """n memes in the order in which their first rows were read; `index` gives a meme's place."""

    index: dict[str, int] = field(default_factory=dict)
    datasets: list[str] = field(default_factory=list)
    published: list[Split | None] = field(default_factory=list)
    strata: list[tuple[str, ...]] = field(default_factory=list)
    groups: list[str | None] = field(default_factory=list)
    templates: list[str | None] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    images: list[str | None] = field(default_factory=list)

    def add(self, row: Mapping[str, Any]) -> None:
        """Take in a record: a meme the first time, one more pair of it afterwards."""
        strata = tuple(f"{row['pair']}={label}" for label in row["labels"] or ("none of them",))
        place = self.index.setdefault(row["meme"], len(self.index))
        if place < len(self.strata):
            self.strata[place] += strata
            return
        self.datasets.append(row["dataset"])
        self.published.append(row["original_split"] and Split(row["original_split"]))
        self.strata.append(strata)
        self.groups.append(row["group"])
        self.templates.append(row["template"])
        self.texts.append(normalised_text(row["text"]))
        self.images.append(row["image"])


def meme_columns(records: Dataset) -> MemeColumns:
    """The memes of staged records (columns: `schema.RECORD_FEATURES`)."""
    memes = MemeColumns()
    for row in rows_of(records, *_COLUMNS):
        memes.add(row)
    return memes


def looks_of(memes: MemeColumns, fingerprints: Mapping[tuple[str, str], Fingerprint]) -> Looks:
    """What the search for copies needs; fingerprints by dataset and image."""
    found = [
        fingerprints[dataset, image] if image is not None else None
        for dataset, image in zip(memes.datasets, memes.images, strict=True)
    ]
    hashes: dict[str, bytes] = {one.sha256: one.perceptual_hash for one in found if one and one.perceptual_hash}
    place = {digest: row for row, digest in enumerate(hashes)}
    return Looks(
        groups=memes.groups,
        digests=[one.sha256 if one else None for one in found],
        texts=memes.texts,
        picture=np.array([place.get(one.sha256, -1) if one else -1 for one in found], np.int64),
        hashes=np.frombuffer(b"".join(hashes.values()), np.uint8).reshape(-1, 32),
    )
