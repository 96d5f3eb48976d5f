"""What the choice of sides promises, whatever the memes."""

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trainer.corpus.sides.many import SHARES, invented_memes, joined, make_memes, same_pairs, weighted_rows

from memelens.trainer.corpora.interface import Split
from memelens.trainer.corpus.sides.splitting import Memes, Move, Sides, choose_sides

TRAIN, VALIDATION, TEST = Split.TRAIN, Split.VALIDATION, Split.TEST
STRENGTH = {None: 0, TRAIN: 1, VALIDATION: 2, TEST: 3}
MEMOTION = {
    "humor": (23, 21, 16, 6),
    "sarcasm": (50, 22, 22, 5),
    "offensive": (39, 37, 21, 3),
    "motivational": (65, 35),
}


def chosen(memes: Memes, seed: int = 7, shares: Mapping[Split, float] = SHARES) -> Sides:
    """Sides with the usual shares."""
    return choose_sides(memes, shares=shares, seed=seed)


def told(memes: Memes, sides: Sides) -> tuple[object, ...]:
    """Everything that was chosen, by id."""
    moves = {(memes.ids[one.meme], one.before, one.after, one.reason, memes.ids[one.because]) for one in sides.moves}
    return dict(zip(memes.ids, sides.side, strict=True)), moves, sides.carved


def counts(memes: Memes, sides: Sides) -> dict[str, Counter[Split | None]]:
    """Rows of each stratum on each side."""
    found: dict[str, Counter[Split | None]] = defaultdict(Counter)
    for strata, side in zip(memes.strata, sides.side, strict=True):
        for one in strata:
            found[one][side] += 1
    return found


@given(invented_memes(), st.integers(0, 3))
def test_no_meme_stands_on_two_sides(memes: Memes, seed: int) -> None:
    """Of one unit, or a pair of copies: both on one side, or one of them dropped."""
    side = chosen(memes, seed).side
    for one, other, _ in same_pairs(memes):
        assert None in {side[one], side[other]} or side[one] == side[other]


@given(invented_memes(), st.integers(0, 3))
def test_published_rows_stay_or_are_dropped(memes: Memes, seed: int) -> None:
    """Test rows stay test, always; others leave their side to be dropped, or as validation where there was none."""
    sides = chosen(memes, seed)
    for name, before, after in zip(memes.dataset, memes.published, sides.side, strict=True):
        if before is TEST:
            assert after is TEST
        elif before is not None and after is not None:
            carved = name == "without-validation" or VALIDATION not in published_by(memes, name)
            assert after is before or (carved and TEST in published_by(memes, name) and after is VALIDATION)


def published_by(memes: Memes, dataset: str) -> set[Split | None]:
    """Splits that a dataset has."""
    return {split for name, split in zip(memes.dataset, memes.published, strict=True) if name == dataset}


@given(invented_memes(), st.integers(0, 3))
def test_every_move_is_true(memes: Memes, seed: int) -> None:
    """Each says where the meme was and is, and names the same meme, on the side that it was moved or dropped for."""
    sides = chosen(memes, seed)
    same = {(one, other): mates for one, other, mates in same_pairs(memes)}
    dropped = {move.meme for move in sides.moves if move.after is None}
    for move in sides.moves:
        assert (move.before, move.after) == (memes.published[move.meme], sides.side[move.meme])
        mates = same[move.meme, move.because]
        how, _, row = move.reason.partition(" as a ")
        assert how == ("same group, bytes or text" if mates else "same picture and text")
        cause = Split(row.removesuffix(" row"))
        assert sides.side[move.because] is cause or move.because in dropped
        if move.after is not None:
            assert move.after is cause
        else:
            assert STRENGTH[cause] > STRENGTH[move.before]


@given(invented_memes(), st.integers(0, 3))
def test_every_change_is_told_once(memes: Memes, seed: int) -> None:
    """What was dropped has a move; what was published and stays has none; nothing has two."""
    sides = chosen(memes, seed)
    moved = Counter(move.meme for move in sides.moves)
    assert not [meme for meme, count in moved.items() if count > 1]
    for meme, (before, after) in enumerate(zip(memes.published, sides.side, strict=True)):
        assert after is not None or meme in moved
        assert not (before is not None and after is not None and meme in moved)
    carved = [pair == (TRAIN, VALIDATION) for pair in zip(memes.published, sides.side, strict=True)]
    assert sum(sides.carved.values()) == sum(carved)


@given(invented_memes())
def test_rows_with_a_published_copy_go_to_the_strongest(memes: Memes) -> None:
    """A meme without a split stands nowhere weaker than a published test row that is the same, for that is a leak."""
    sides = chosen(memes)
    for one, other, _ in same_pairs(memes):
        if memes.published[one] is None and memes.published[other] is TEST:
            assert sides.side[one] is TEST


@given(invented_memes(), st.randoms(use_true_random=False), st.integers(0, 3))
def test_the_order_of_rows_doesnt_matter(memes: Memes, random: st.DataObject, seed: int) -> None:
    """Shuffled rows, units called otherwise, copies the other way round: the same sides, moves and counts, by id."""
    order = np.arange(len(memes.ids))
    random.shuffle(order)  # type: ignore[attr-defined] # hypothesis' own Random
    shuffled = memes.reordered(order)
    renamed = Memes(
        shuffled.ids,
        shuffled.dataset,
        shuffled.published,
        [strata[::-1] for strata in shuffled.strata],
        100 - shuffled.unit,
        shuffled.copies[::-1, ::-1],
    )
    assert told(renamed, chosen(renamed, seed)) == told(memes, chosen(memes, seed))


@given(invented_memes(["whole", "free"]), invented_memes(["without-validation", "free-too"]))
def test_another_dataset_changes_nothing(memes: Memes, others: Memes) -> None:
    """A dataset without copies in the others is split as if it were alone."""
    alone, together = chosen(memes), chosen(joined(memes, others))
    count = len(memes.ids)
    assert together.side[:count] == alone.side
    assert [move for move in together.moves if move.meme < count] == alone.moves


def test_a_seed_gives_one_split_and_another_seed_another() -> None:
    """The same seed twice the same, another one not."""
    memes = make_memes([None] * 300, strata=weighted_rows(300, MEMOTION))
    assert chosen(memes, 1) == chosen(memes, 1)
    assert chosen(memes, 1).side != chosen(memes, 2).side


@pytest.mark.parametrize("seed", range(5))
def test_sides_and_labels_have_their_shares(seed: int) -> None:
    """Of 2,000 memes with four pairs each side and each label of it is at most four rows from its share."""
    memes = make_memes([None] * 2_000, strata=weighted_rows(2_000, MEMOTION, seed))
    sides = chosen(memes, seed)
    found = counts(memes, sides) | {"all": Counter(sides.side)}
    for count in found.values():
        for side, share in SHARES.items():
            assert abs(count[side] - share * count.total()) <= 4


def test_large_units_keep_the_shares() -> None:
    """Units of one to eight memes: labels are at most one unit and a half from their shares."""
    unit = [place // (1 + place // 400) + 1_000 * (place // 400) for place in range(3_200)]
    memes = make_memes([None] * 3_200, strata=weighted_rows(3_200, MEMOTION), unit=unit)
    for count in counts(memes, chosen(memes)).values():
        for side, share in SHARES.items():
            assert abs(count[side] - share * count.total()) <= 12


def test_placed_rows_are_made_up_for() -> None:
    """Where published rows pull a dataset's memes into test, the free ones go elsewhere: shares still hold."""
    pulled = range(100)
    published = make_memes([TEST] * 100, dataset="published")
    free = make_memes([None] * 1_000, strata=weighted_rows(1_000, MEMOTION), dataset="free")
    memes = joined(published, free, copies=[(place, 100 + place) for place in pulled])
    sides = chosen(memes)
    assert [sides.side[100 + place] for place in pulled] == [TEST] * 100
    for count in counts(memes, sides).values():
        for side, share in SHARES.items():
            assert abs(count[side] - share * count.total()) <= 3
    assert {(move.before, move.after, move.because) for move in sides.moves} == {(None, TEST, one) for one in pulled}


def test_validation_is_carved_out_where_none_is_published() -> None:
    """A stratified eighth of the training rows for shares of 7, 1 and 2; counted, and no move."""
    strata = weighted_rows(1_000, {"misogyny": (1, 1), "violence": (9, 1)})
    memes = make_memes([TRAIN] * 800 + [TEST] * 200, strata=strata)
    sides = chosen(memes)
    assert Counter(sides.side) == {TRAIN: 700, VALIDATION: 100, TEST: 200}
    assert sides.carved == {"set": 100}
    assert sides.moves == []
    for count in counts(memes, sides).values():
        assert abs(count[VALIDATION] - (count[TRAIN] + count[VALIDATION]) / 8) <= 1


@pytest.mark.parametrize("published", [(TRAIN, VALIDATION, TEST), (TRAIN, VALIDATION), (TRAIN,)])
def test_nothing_is_carved_elsewhere(published: tuple[Split, ...]) -> None:
    """A dataset with a validation split, or without a test split, stays as it was published."""
    memes = make_memes([*published] * 30)
    assert chosen(memes).side == memes.published


def test_rows_that_others_train_on_arent_carved() -> None:
    """A training row that another dataset trains on as well stays: no row of that dataset would be dropped for it."""
    memes = joined(
        make_memes([TRAIN] * 40 + [TEST] * 5, dataset="without-validation"),
        make_memes([TRAIN, VALIDATION, TEST] + [TRAIN] * 37, dataset="whole"),
        copies=[(place, 48 + place) for place in range(37)],
    )
    sides = chosen(memes)
    assert sides.side[:37] == [TRAIN] * 37
    assert sides.moves == []


def test_copies_arent_chained() -> None:
    """A row that is like a dropped copy of a test row, and not like the test row, stays."""
    memes = make_memes([TEST, TRAIN, TRAIN, VALIDATION, TRAIN], copies=[(0, 1), (1, 2), (0, 3), (3, 4)])
    sides = chosen(memes)
    assert sides.side == [TEST, None, TRAIN, None, TRAIN]
    assert sides.moves == [
        Move(1, TRAIN, None, "same picture and text as a test row", 0),
        Move(3, VALIDATION, None, "same picture and text as a test row", 0),
    ]


def test_validation_wins_over_training() -> None:
    """Between the two weaker sides it is the training row that goes."""
    memes = make_memes([TRAIN, VALIDATION, TEST], unit=[5, 5, 9])
    sides = chosen(memes)
    assert sides.side == [None, VALIDATION, TEST]
    assert sides.moves == [Move(0, TRAIN, None, "same group, bytes or text as a validation row", 1)]


def test_a_whole_unit_goes_where_one_of_its_memes_has_to() -> None:
    """The mate of a meme with a published copy goes along, and says for whom."""
    memes = joined(make_memes([TEST], dataset="a"), make_memes([None, None], unit=[4, 4], dataset="b"), copies=[(0, 1)])
    sides = chosen(memes)
    assert sides.side == [TEST] * 3
    assert sides.moves == [
        Move(1, None, TEST, "same picture and text as a test row", 0),
        Move(2, None, TEST, "same group, bytes or text as a test row", 1),
    ]


def test_copies_among_free_memes_go_together() -> None:
    """A hundred pairs and a star of copies without a published row among them: nothing is dropped, nothing moved."""
    pairs = [(place, place + 1) for place in range(0, 200, 2)]
    star = [(200, place) for place in range(201, 220)]
    sides = chosen(make_memes([None] * 600, strata=weighted_rows(600, MEMOTION), copies=[*pairs, *star]))
    assert None not in sides.side
    assert sides.moves == []
    assert len(set(sides.side[200:220])) == 1
    assert {*sides.side[:200]} == {TRAIN, VALIDATION, TEST}


@pytest.mark.parametrize("count", [0, 1, 2])
def test_next_to_nothing_is_split_too(count: int) -> None:
    """Without memes no sides; one or two memes stand somewhere."""
    sides = chosen(make_memes([None] * count))
    assert len(sides.side) == count
    assert None not in sides.side


def test_a_side_without_a_share_stays_empty() -> None:
    """A share of zero asks for no row, a side that isn't named neither."""
    memes = make_memes([None] * 50 + [TRAIN, TEST])
    assert {*chosen(memes, shares={TRAIN: 4, VALIDATION: 0, TEST: 1}).side} == {TRAIN, TEST}
    assert {*chosen(memes, shares={TRAIN: 4, TEST: 1}).side} == {TRAIN, TEST}


@pytest.mark.parametrize("shares", [{}, {TRAIN: 0.0}, {TRAIN: 1.0, TEST: -0.1}])
def test_shares_have_to_be_positive(shares: Mapping[Split, float]) -> None:
    """Sides can't be dealt out by no shares, or by negative ones."""
    with pytest.raises(ValueError, match="should be positive"):
        chosen(make_memes([None]), shares=shares)
