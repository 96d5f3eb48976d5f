"""Memes that are the same and stand on different sides, found from the sides: only such pairs are ever compared."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ...corpora.interface import Split
from ..sameness import same_picture_and_text
from .findings import Question
from .looks import Look

__all__ = ["KEYS", "Crossing", "copies_among", "key_crossings", "text_crossings"]

KEYS: Mapping[Question, Callable[[Look], str | None]] = MappingProxyType(
    {
        Question.SAME_MEME: lambda look: look.meme,
        Question.SAME_GROUP: lambda look: look.group,
        Question.SAME_BYTES: lambda look: look.digest,
    }
)
"""What memes that are the same beyond doubt have in common."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """A leak: the same meme on two sides; train is earlier than validation, validation than test."""

    question: Question
    earlier: Look
    later: Look


def key_crossings(looks: Sequence[Look], question: Question) -> Iterator[Crossing]:
    """Each meme that has something in common with one on an earlier side, told with the first there.

    `looks` come side after side.
    """
    firsts: dict[tuple[Split, str], Look] = {}
    for look in looks:
        key = KEYS[question](look)
        if key is not None:
            yield from _earlier(question, look, firsts, key)
            firsts.setdefault((look.side, key), look)


def text_crossings(looks: Sequence[Look]) -> Iterator[Crossing]:
    """The same for the very same text, where one of the two has no picture: all that a model sees of it is the text."""
    bare: dict[tuple[Split, str], Look] = {}
    firsts: dict[tuple[Split, str], Look] = {}
    for look in looks:
        if not look.text:
            continue
        yield from _earlier(Question.SAME_TEXT, look, bare if look.picture else firsts, look.text)
        firsts.setdefault((look.side, look.text), look)
        if look.picture is None:
            bare.setdefault((look.side, look.text), look)


def _earlier(question: Question, look: Look, firsts: Mapping[tuple[Split, str], Look], key: str) -> Iterator[Crossing]:
    for side in Split:
        if side is not look.side and (first := firsts.get((side, key))):
            yield Crossing(question, first, look)


def copies_among(
    looks: Sequence[Look],
    texts: Sequence[str],
    pairs: NDArray[np.int64],
    distances: NDArray[np.int64],
    alike: Callable[[Look, Look], bool],
) -> Iterator[Crossing]:
    """Those of (k, 2) memes with near hashes that are the same by picture and text, but for equal bytes.

    `texts` are those of `looks`, `distances` (k,) are in bits; `alike` says whether the pixels of two memes' pictures
    are.
    """
    same = same_picture_and_text(pairs, distances, texts, lambda one, other: alike(looks[one], looks[other]))
    for one, other in pairs[same].tolist():
        if looks[one].digest != looks[other].digest:
            yield Crossing(Question.SAME_PICTURE, looks[one], looks[other])
