"""What is known of every record between poll and acknowledgement."""

import pytest

from memelens.consumer.brokers.interface import GroupSnapshot, Partition, Record
from memelens.consumer.tracking.flow import FlowLimits, InFlight
from memelens.consumer.tracking.lanes import Lanes
from memelens.consumer.tracking.tickets import Lane, Ticket

ONE, TWO = Partition("posts", 0), Partition("posts", 1)
SNAPSHOT = GroupSnapshot(1, "me", frozenset({ONE, TWO}))


@pytest.fixture
def in_flight() -> InFlight:
    """Without a bound to speak of."""
    return InFlight(FlowLimits())


@pytest.fixture
def lanes(in_flight: InFlight) -> Lanes:
    """No partition yet."""
    return Lanes(in_flight, span=5)


def admit(lanes: Lanes, partition: Partition, *offsets: int, now: float = 0.0) -> list[Ticket]:
    """Tickets of records with these offsets, each with a key of its own, in order."""
    records = [Record(partition, offset, b"k%d" % offset, b"value") for offset in offsets]
    tickets = lanes.admit(records, SNAPSHOT, now)
    for ticket in tickets:
        ticket.key = ticket.record.key
    lanes.enter(tickets)
    return tickets


def test_watermarks_move_with_acknowledgements(lanes: Lanes, in_flight: InFlight) -> None:
    """Only what is finished from the beginning may be committed, and each watermark once."""
    first, second = admit(lanes, ONE, 3, 7)
    assert lanes.leave([second]) == [second]
    lanes.finish([second])
    assert lanes.uncommitted() == {}
    lanes.finish(lanes.leave([first]))
    assert lanes.uncommitted() == {ONE: 8}
    lanes.committed({ONE: 8})
    assert lanes.uncommitted() == {}
    assert lanes.watermarks() == {ONE: 8}
    assert (in_flight.posts, in_flight.bytes) == (0, 0)


def test_a_revoked_partition_is_forgotten_with_its_watermark(lanes: Lanes, in_flight: InFlight) -> None:
    """What was finished is told once; what comes back later is dropped and counted out."""
    first, second = admit(lanes, ONE, 0, 1)
    lanes.finish(lanes.leave([first]))
    assert lanes.revoke([ONE]) == {ONE: 1}
    assert lanes.leave([second]) == []
    assert in_flight.posts == 0
    assert lanes.partitions() == frozenset()


def test_what_waits_for_its_turn_is_counted_out_when_it_is_forgotten(lanes: Lanes, in_flight: InFlight) -> None:
    """A ticket held back by an earlier one of its key doesn't stay in flight for ever."""
    tickets = lanes.admit([Record(ONE, offset, b"same", b"value") for offset in (0, 1)], SNAPSHOT, 0.0)
    for ticket in tickets:
        ticket.key = b"same"
    lanes.enter(tickets)
    assert lanes.leave([tickets[1]]) == []
    lanes.revoke([ONE])
    lanes.drop([tickets[0]])
    assert (in_flight.posts, in_flight.bytes) == (0, 0)


def test_a_rewound_partition_is_admitted_again_after_its_seek(lanes: Lanes) -> None:
    """Until the poll thread has gone back, what it still polls is dropped; then a new lane begins."""
    (old,) = admit(lanes, ONE, 5)
    admit(lanes, TWO, 0)
    assert lanes.rewind([ONE]) == {ONE: 5}
    assert admit(lanes, ONE, 6) == []
    assert len(admit(lanes, TWO, 1)) == 1
    lanes.seek({ONE: 5, TWO: 0})
    assert lanes.take_seeks([TWO]) == {}
    assert lanes.take_seeks([ONE, TWO]) == {ONE: 5}
    (new,) = admit(lanes, ONE, 5)
    assert new.lane is not old.lane
    assert not old.lane.open
    assert lanes.leave([old, new]) == [new]


def test_revoking_takes_a_seek_back(lanes: Lanes) -> None:
    """A partition that comes again after it was given up starts where the broker says."""
    admit(lanes, ONE, 5)
    lanes.rewind()
    lanes.seek({ONE: 5})
    lanes.revoke([ONE])
    assert lanes.take_seeks([ONE]) == {}
    assert len(admit(lanes, ONE, 9)) == 1


def test_a_single_slow_record_stops_its_partition_in_the_end(lanes: Lanes) -> None:
    """Too much behind the watermark is overlong, even where all of it is finished."""
    slow, *others = admit(lanes, ONE, 0, 1, 2, 3, 4)
    lanes.finish(lanes.leave(others))
    assert lanes.overlong() == {ONE}
    lanes.finish(lanes.leave([slow]))
    assert lanes.overlong() == frozenset()


def test_the_oldest_work_is_known(lanes: Lanes) -> None:
    """The age of what is in flight counts from its poll, and goes with it."""
    first = admit(lanes, ONE, 0, now=10.0)
    second = admit(lanes, TWO, 0, now=20.0)
    assert lanes.oldest() == 10.0
    lanes.finish(lanes.leave(first))
    assert lanes.oldest() == 20.0
    lanes.finish(lanes.leave(second))
    assert lanes.oldest() is None


class ClosingLane(Lane):
    """Closes behind the back of whoever looks at it: open the first time, closed ever after."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> object:
        value: object = super().__getattribute__(name)
        if name == "open":
            self.open = False
        return value


def test_a_lane_that_closes_meanwhile_costs_no_count(lanes: Lanes, in_flight: InFlight) -> None:
    """Each post is worked on or counted out, however a step and a rebalance meet; else the bound would shrink."""
    (ticket,) = admit(lanes, ONE, 1)
    ticket.lane = ClosingLane(ONE)
    assert lanes.keep_open([ticket]) == [ticket]
    assert in_flight.posts == 1
    assert lanes.keep_open([ticket]) == []
    assert in_flight.posts == 0
