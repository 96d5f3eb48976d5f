"""Finding the same memes among all: the same as asking of every two."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memelens.trainer.corpus.finding import Looks, NearPictures, find_copies, find_units
from memelens.trainer.corpus.sameness import near_texts

TEXTS = ("", "zorblaxianssayno", "zorblaxianssayn0", "quibblessayyes")


def near_hash(base: int, flipped: int) -> bytes:
    """One of a few hashes far from each other, with some of its bits flipped."""
    bits = np.random.default_rng(base).integers(0, 2, 256, dtype=np.uint8)
    bits[:flipped] ^= 1
    return np.packbits(bits).tobytes()


@st.composite
def looks(draw: st.DrawFn) -> Looks:
    """Up to ten memes of few groups, pictures and texts."""
    hashes = [near_hash(base, flipped) for base in range(2) for flipped in (0, 9, 30, 60)]
    count = draw(st.integers(0, 10))
    pictures = draw(st.lists(st.integers(-2, len(hashes) - 1), min_size=count, max_size=count))
    return Looks(
        groups=draw(st.lists(st.sampled_from([None, None, "a", "b"]), min_size=count, max_size=count)),
        digests=[None if one == -1 else "flat" if one == -2 else f"sha{one}" for one in pictures],
        texts=draw(st.lists(st.sampled_from(TEXTS), min_size=count, max_size=count)),
        picture=np.array([max(one, -1) for one in pictures], np.int64),
        hashes=np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32),
    )


def alike(one: int, other: int) -> bool:
    """A fixed answer that depends on both."""
    return (one + other) % 2 == 0


def one_unit(of: Looks, one: int, other: int) -> bool:
    """Whether two memes are one beyond doubt, by themselves."""
    group = of.groups[one] is not None and of.groups[one] == of.groups[other]
    digest = of.digests[one] == of.digests[other]
    bare = of.digests[one] is None
    return group or (digest and not bare) or (digest and bare and of.texts[one] == of.texts[other] != "")


def same(of: Looks, one: int, other: int) -> bool:
    """Whether two memes are the same by picture and text, or by text where one has no picture."""
    if (of.digests[one] is None) != (of.digests[other] is None):
        return of.texts[one] == of.texts[other] != ""
    if min(of.picture[one], of.picture[other]) < 0:
        return False
    bits = int(np.bitwise_count(of.hashes[of.picture[one]] ^ of.hashes[of.picture[other]]).sum())
    if of.texts[one] and of.texts[other]:
        return bits <= 31 and bool(near_texts([of.texts[one]], [of.texts[other]])[0])
    return bits <= 10 and alike(one, other)


@given(of=looks())
def test_units_are_the_components_of_certainty(of: Looks) -> None:
    """Memes share a number when a chain of certain links joins them, and only then."""
    units = find_units(of)
    count = len(of.groups)
    component = list(range(count))
    for one, other in combinations(range(count), 2):
        if one_unit(of, one, other):
            old, new = component[other], component[one]
            component = [new if each == old else each for each in component]
    for one, other in combinations(range(count), 2):
        assert (units[one] == units[other]) == (component[one] == component[other])


@given(of=looks())
def test_copies_are_those_that_asking_every_two_finds(of: Looks, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No pair is missed, none is invented, none is there twice."""
    units = find_units(of)
    expected = {
        pair for pair in combinations(range(len(of.groups)), 2) if units[pair[0]] != units[pair[1]] and same(of, *pair)
    }
    near = NearPictures(of.hashes, tmp_path_factory.mktemp("near") / "pairs")
    found = [tuple(pair) for pair in find_copies(of, units, near, alike).tolist()]
    assert len(found) == len({*found})
    assert {*found} == expected
