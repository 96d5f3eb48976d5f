"""Who holds which partition in the embedded broker's groups."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from memelens.consumer.brokers.sqlite_groups import spread

MEMBERS = ["ann", "bob", "cid", "dot"]
OWNERS = st.lists(st.sampled_from([*MEMBERS, None]), max_size=12).map(lambda owners: dict(enumerate(owners)))


@given(OWNERS, st.lists(st.sampled_from(MEMBERS), unique=True, min_size=1))
def test_partitions_are_spread_evenly(owners: dict[int, str | None], members: list[str]) -> None:
    """All to members, none of which holds two more than another."""
    targets = spread(owners, members)
    counts = Counter(targets.values())
    assert targets.keys() == owners.keys()
    assert counts.keys() <= set(members)
    assert max(counts[one] for one in members) - min(counts[one] for one in members) <= 1


@given(OWNERS, st.lists(st.sampled_from(MEMBERS), unique=True, min_size=1))
def test_as_few_as_possible_move(owners: dict[int, str | None], members: list[str]) -> None:
    """Nobody gives a partition up and gets another, and what is even stays as it is."""
    targets = spread(owners, members)
    for member in members:
        had = {one for one, owner in owners.items() if owner == member}
        gets = {one for one, target in targets.items() if target == member}
        assert had <= gets or gets <= had
    assert spread(targets, members) == targets


def test_without_members_nobody_holds_anything() -> None:
    """The last one has left."""
    assert spread({1: "ann", 2: None}, []) == {1: None, 2: None}
