"""Memes as they stand on the sides: what the relation "same meme" needs to know of each, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...corpora.interface import Split
from ..pictures.fingerprints import HASH_BYTES
from ..sameness import normalised_text

__all__ = ["Look", "Looks", "Picture"]


_COLUMNS = (
    *("meme", "group", "dataset", "image", "image_sha256", "perceptual_hash", "text"),
    *("template", "template_disjoint"),
)


class Picture(NamedTuple):
    """A picture's file by its dataset and its name there."""

    dataset: str
    image: str


@dataclass(frozen=True, slots=True)
class Look:
    """A meme on a side; it has one more where its rows differ.

    `text` is normalised, `perceptual_hash` None for a picture too flat to have one. `marked`: `template_disjoint`.
    """

    meme: str
    side: Split
    group: str | None
    picture: Picture | None
    digest: str | None
    perceptual_hash: bytes | None
    text: str
    template: str | None = None
    marked: bool | None = None


class Looks:
    """Gathers the looks of rows that come side after side: train, validation, test."""

    def __init__(self) -> None:
        self._looks: dict[tuple[object, ...], Look] = {}

    def add(self, row: Mapping[str, Any], side: Split) -> None:
        """Take in a row; most memes have several."""
        key = (side, *(row[name] for name in _COLUMNS))
        if key not in self._looks:
            self._looks[key] = _look(row, side)

    def all(self) -> Sequence[Look]:
        """Each once, in the order in which they came."""
        return list(self._looks.values())


def _look(row: Mapping[str, Any], side: Split) -> Look:
    picture = None if row["image"] is None else Picture(row["dataset"], row["image"])
    return Look(
        meme=row["meme"],
        side=side,
        group=row["group"],
        picture=picture,
        digest=row["image_sha256"],
        perceptual_hash=_bytes(row["perceptual_hash"]),
        text=normalised_text(row["text"] or ""),
        template=row["template"],
        marked=row["template_disjoint"],
    )


def _bytes(digits: str | None) -> bytes | None:
    """Of a hash in hexadecimal digits; None where they aren't (which is a finding of its own)."""
    try:
        found = bytes.fromhex(digits or "")
    except ValueError:
        return None
    return found if len(found) == HASH_BYTES else None
