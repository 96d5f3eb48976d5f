"""What is found among memes on different sides is what the relation says of every two of them."""

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import fuzz
from tests.trainer.corpus.planting import Quiet

from memelens.trainer.corpora.interface import Split
from memelens.trainer.corpus.verification.comparing import near_across
from memelens.trainer.corpus.verification.crossings import (
    KEYS,
    Crossing,
    copies_among,
    key_crossings,
    text_crossings,
)
from memelens.trainer.corpus.verification.findings import Checks, Question
from memelens.trainer.corpus.verification.looks import Look, Picture
from memelens.trainer.corpus.verification.near_memes import near_memes
from memelens.trainer.corpus.verification.templates import check_marks

SIDES = list(Split)
BASES = [random.Random(seed).getrandbits(256) for seed in range(2)]
TEXTS = ("", "zorblaxianssayno", "zorblaxianssayn0", "zorblaxianssxxno", "zorblxxxssxxno", "quibblessayyes")


@st.composite
def hashes(draw: st.DrawFn) -> bytes | None:
    """One of two hashes with a run of bits turned over, so that distances are of every size; or none."""
    if draw(st.integers(0, 9)) == 0:
        return None
    run = (1 << draw(st.sampled_from([0, 5, 6, 10, 11, 16, 31, 32]))) - 1
    return (draw(st.sampled_from(BASES)) ^ run << draw(st.sampled_from([0, 3, 100, 120, 220]))).to_bytes(32)


@st.composite
def looks(draw: st.DrawFn) -> Look:
    """A meme with few choices for everything, so that much is the same."""
    pictured = draw(st.booleans())
    shown = draw(st.integers(0, 5))
    return Look(
        meme=f"invented-{draw(st.integers(0, 9))}",
        side=draw(st.sampled_from(SIDES)),
        group=draw(st.sampled_from([None, None, "invented/1", "invented/2"])),
        picture=Picture("invented", f"{shown % 2}") if pictured else None,
        digest=f"{shown}" if pictured else None,
        perceptual_hash=draw(hashes()) if pictured else None,
        text=draw(st.sampled_from(TEXTS)),
        template=draw(st.sampled_from([None, "invented/t", "invented/u"])),
    )


Corpora = st.lists(looks(), max_size=14).map(lambda many: sorted(many, key=lambda look: SIDES.index(look.side)))


def alike(one: Look, other: Look) -> bool:
    """Stands for the pixels."""
    return one.picture == other.picture


def bits(one: Look, other: Look) -> int:
    """Between two hashes; all of them where one has none."""
    if one.perceptual_hash is None or other.perceptual_hash is None:
        return 256
    return (int.from_bytes(one.perceptual_hash) ^ int.from_bytes(other.perceptual_hash)).bit_count()


def is_copy(one: Look, other: Look) -> bool:
    """By picture and text, of other bytes."""
    if one.digest == other.digest:
        return False
    if one.text and other.text:
        return bits(one, other) <= 31 and fuzz.ratio(one.text, other.text) >= 80
    return bits(one, other) <= 10 and alike(one, other)


RELATION: dict[Question, Callable[[Look, Look], bool]] = {
    Question.SAME_MEME: lambda one, other: one.meme == other.meme,
    Question.SAME_GROUP: lambda one, other: one.group is not None and one.group == other.group,
    Question.SAME_BYTES: lambda one, other: one.digest is not None and one.digest == other.digest,
    Question.SAME_TEXT: lambda one, other: (
        one.text == other.text != "" and (one.picture is None or other.picture is None)
    ),
    Question.SAME_PICTURE: is_copy,
}


def found(memes: Sequence[Look]) -> list[Crossing]:
    """By the code under test."""
    texts = [look.text for look in memes]
    return [
        *(crossing for question in KEYS for crossing in key_crossings(memes, question)),
        *text_crossings(memes),
        *(
            crossing
            for pairs, distances in near_memes(memes, Quiet())
            for crossing in copies_among(memes, texts, pairs, distances, alike)
        ),
    ]


def across(memes: Sequence[Look]) -> list[tuple[int, int]]:
    """Every two places on different sides."""
    places = range(len(memes))
    return [(a, b) for a in places for b in places if SIDES.index(memes[a].side) < SIDES.index(memes[b].side)]


@given(Corpora)
def test_it_finds_what_comparing_every_two_finds(memes: list[Look]) -> None:
    """For each kind, the memes that have a copy on an earlier side, and which side; each told is one in truth."""
    leaks = found(memes)
    assert all(RELATION[leak.question](leak.earlier, leak.later) for leak in leaks)
    due = {
        (question, memes[b], memes[a].side)
        for a, b in across(memes)
        for question, same in RELATION.items()
        if same(memes[a], memes[b])
    }
    assert {(leak.question, leak.later, leak.earlier.side) for leak in leaks} == due


@given(Corpora)
def test_copies_are_told_in_pairs(memes: list[Look]) -> None:
    """Every two that are the same by picture and text: as many as comparing every two finds."""
    leaks = [leak for leak in found(memes) if leak.question is Question.SAME_PICTURE]
    assert len(leaks) == sum(is_copy(memes[a], memes[b]) for a, b in across(memes))


@given(Corpora)
def test_marks_are_those_that_comparing_every_two_gives(memes: list[Look]) -> None:
    """A test meme of known template is template-disjoint where no earlier side has it or a near picture."""
    near = {place for pairs, _ in near_memes(memes, Quiet()) for place in pairs[:, 1].tolist()}
    check = Checks()[Question.TEMPLATES]
    check_marks(memes, near, check)
    met = {
        b
        for a, b in across(memes)
        if memes[a].template == memes[b].template is not None or bits(memes[a], memes[b]) <= 31
    }
    due = [
        place
        for place, look in enumerate(memes)
        if look.side is Split.TEST and (look.perceptual_hash is not None or look.template is not None)
    ]
    assert check.findings == len(due)
    said = [finding.said for finding in check.first]
    assert said == [
        f"in test, is marked in no way, should be {'not ' * (place in met)}template-disjoint" for place in due
    ]


@pytest.mark.parametrize("within", [slice(0, 64), slice(64, 128), slice(128, 256), slice(0, 256)], ids=str)
def test_no_neighbour_is_missed(within: slice) -> None:
    """Planted at every distance up to 40 bits, in any part of the hash: those within 31 are given, with their bits."""
    rng = np.random.default_rng(5)
    one, other = (rng.integers(0, 256, (count, 32), dtype=np.uint8) for count in (60, 3_000))
    for row in range(41):
        flipped = np.zeros(256, np.uint8)
        flipped[rng.permutation(np.arange(256)[within])[:row]] = 1
        other[row * 70] = one[row] ^ np.packbits(flipped)
    near = {
        (row, place): distance
        for row, (places, distances) in enumerate(near_across(one, other))
        for place, distance in zip(places.tolist(), distances.tolist(), strict=True)
    }
    assert near == {(row, row * 70): row for row in range(32)}


def test_every_meme_of_a_hash_is_compared() -> None:
    """Two memes with one hash on the one side, two with a near one on the other: four copies."""
    memes = [
        Look(
            meme=f"invented-{side}-{n}",
            side=side,
            group=None,
            picture=Picture("invented", f"{side}-{n}"),
            digest=f"{side}-{n}",
            perceptual_hash=bytes(31) + bytes([side is Split.TEST]),
            text="zorblaxianssayno",
        )
        for side in (Split.TRAIN, Split.TEST)
        for n in range(2)
    ]
    assert len(found(memes)) == 4


def test_nothing_is_near_to_nothing() -> None:
    """A side without pictures."""
    empty, some = np.zeros((0, 32), np.uint8), np.zeros((2, 32), np.uint8)
    assert list(near_across(empty, some)) == []
    assert [len(near) for near, _ in near_across(some, empty)] == [0, 0]
