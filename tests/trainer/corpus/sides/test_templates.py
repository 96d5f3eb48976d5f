"""What template ids and the template-disjoint test subset promise, whatever the pictures."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from memelens.trainer.corpora.interface import Split
from memelens.trainer.corpus.sides.templates import disjoint_memes, template_ids

Pairs = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Case:
    """Memes, their pictures, and which of these are near, in blocks."""

    ids: Sequence[str]
    own: Sequence[str | None]
    picture: NDArray[np.int64]
    blocks: Sequence[Pairs]

    def near(self) -> Iterator[NDArray[np.int64]]:
        """The blocks, anew."""
        return (np.array(block, dtype=np.int64).reshape(-1, 2) for block in self.blocks)

    def touching(self, one: int, other: int) -> bool:
        """Whether two memes show one picture, or near ones."""
        pictures = {int(self.picture[one]), int(self.picture[other])}
        return -1 not in pictures and (len(pictures) == 1 or any({*pair} == pictures for pair in chain(*self.blocks)))

    def templates(self) -> list[str | None]:
        """Their templates."""
        return template_ids(self.ids, self.own, self.picture, self.near)


def memes_with(pairs: Pairs, count: int, own: Sequence[str | None] = ()) -> Case:
    """A picture for each meme."""
    return Case([f"meme-{one}" for one in range(count)], own or [None] * count, np.arange(count), [pairs])


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Up to twelve pictures on up to sixteen memes, some without one, some with their source's own template."""
    pictures = draw(st.integers(0, 12))
    shown = [*range(pictures), *draw(st.lists(st.integers(-1, pictures - 1), max_size=4))]
    count = len(shown)
    own = draw(st.lists(st.sampled_from([None, None, None, "set/a", "set/b"]), min_size=count, max_size=count))
    ends = st.integers(0, max(pictures - 1, 0))
    blocks = draw(st.lists(st.lists(st.tuples(ends, ends), max_size=8), max_size=3)) if pictures else []
    names = draw(st.permutations(range(count)))
    return Case([f"meme-{one:02d}" for one in names], own, np.array(shown, dtype=np.int64), blocks)


def one_after_the_other(case: Case) -> list[str | None]:
    """The definition, said meme by meme: whom a source names leads; others join the first leader near, or else lead."""
    digests = [hashlib.sha256(one.encode()).digest() for one in case.ids]
    everyone = range(len(case.ids))
    turns = sorted(everyone, key=lambda one: (case.own[one] is None, digests[one]))
    leaders = {one: case.own[one] for one in turns if case.own[one]}
    found: list[str | None] = [*case.own]
    for meme in turns[len(leaders) :]:
        joined = [one for one in leaders if case.touching(one, meme)]
        joined.sort(key=lambda one: case.picture[one] != case.picture[meme])
        if not joined and any(other != meme and case.touching(meme, other) for other in everyone):
            joined = [meme]
            leaders[meme] = case.ids[meme]
        found[meme] = leaders[joined[0]] if joined else None
    return found


@given(cases())
def test_each_joins_the_first_leader(case: Case) -> None:
    """Many at once give what one after the other in the order of their hashes would."""
    assert case.templates() == one_after_the_other(case)


@given(cases(), st.randoms(use_true_random=False))
def test_neither_rows_nor_blocks_have_an_order(case: Case, random: st.DataObject) -> None:
    """Shuffled memes, pairs the other way round and in one block: the same templates, by id."""
    order = [*range(len(case.ids))]
    random.shuffle(order)  # type: ignore[attr-defined] # hypothesis' own Random
    pairs = [(other, one) for block in case.blocks for one, other in reversed(block)]
    shuffled = Case([case.ids[one] for one in order], [case.own[one] for one in order], case.picture[order], [pairs])
    assert shuffled.templates() == [case.templates()[one] for one in order]


def test_chains_fall_apart() -> None:
    """Of a hundred pictures, each near to the next, no template has more than three: a leader and its neighbours."""
    found = memes_with([(one, one + 1) for one in range(99)], 100).templates()
    assert None not in found
    assert max(found.count(name) for name in found) == 3


def test_the_first_leader_is_joined_though_it_is_found_last() -> None:
    """Whether a picture leads can depend on a chain before it: those that had joined a later one join it then."""
    first, second, third, fourth, last = sorted(
        range(5), key=lambda one: hashlib.sha256(f"meme-{one}".encode()).digest()
    )
    found = memes_with([(first, second), (second, third), (third, last), (fourth, last)], 5).templates()
    assert (found[second], found[third], found[fourth]) == (f"meme-{first}", f"meme-{third}", f"meme-{fourth}")
    assert found[last] == f"meme-{third}"


def test_a_source_knows_better() -> None:
    """A template that the source names is given to near pictures too, and is never replaced."""
    found = memes_with([(0, 1), (1, 2), (0, 3)], 5, [None, "set/a", "set/b", None, "set/c"]).templates()
    assert found[1:3] == ["set/a", "set/b"]
    assert found[0] == "set/a"
    assert found[3] == "meme-3"
    assert found[4] == "set/c"


def test_a_picture_near_to_none_has_no_template() -> None:
    """Nor has a meme without a picture; equal pictures are near."""
    case = Case(["a", "b", "c", "d"], [None] * 4, np.array([0, -1, 1, 1]), [[(0, 0)]])
    found = case.templates()
    assert found[:2] == [None, None]
    assert found[2] == found[3]
    assert found[2] in {"c", "d"}


def test_few_rounds_are_enough() -> None:
    """The pairs of 20,000 memes with ten near pictures each are asked for at most a dozen times."""
    asked = 0
    pairs = np.random.default_rng(0).integers(0, 20_000, (100_000, 2))

    def near() -> Iterator[NDArray[np.int64]]:
        nonlocal asked
        asked += 1
        yield from np.array_split(pairs, 7)

    template_ids([f"meme-{one}" for one in range(20_000)], [None] * 20_000, np.arange(20_000), near)
    assert asked <= 12


@given(cases(), st.data())
def test_disjoint_memes_have_met_nothing_of_their_template(case: Case, data: st.DataObject) -> None:
    """Where no learnt one has its template id or touches its picture; nothing is said where neither is known."""
    sides = st.sampled_from([None, *Split])
    names = st.sampled_from([None, None, "a", "b"])
    side = data.draw(st.lists(sides, min_size=len(case.ids), max_size=len(case.ids)))
    template = data.draw(st.lists(names, min_size=len(case.ids), max_size=len(case.ids)))
    learnt = [one for one, where in enumerate(side) if where in {Split.TRAIN, Split.VALIDATION}]
    for meme, said in enumerate(disjoint_memes(side, template, case.picture, case.near())):
        met = any(case.touching(meme, one) or (template[meme] and template[meme] == template[one]) for one in learnt)
        known = template[meme] is not None or case.picture[meme] >= 0
        assert said is (not met if side[meme] is Split.TEST and known else None)


@pytest.mark.parametrize("pair", [(0, 1), (1, 0)])
def test_a_near_picture_is_met_without_a_common_leader(pair: tuple[int, int]) -> None:
    """Two near memes can follow different leaders: that they are near is enough, whichever of them is told first."""
    case = memes_with([pair], 3)
    side = [Split.TRAIN, Split.TEST, Split.TEST]
    assert disjoint_memes(side, ["a", "b", "b"], case.picture, case.near()) == [None, False, True]
