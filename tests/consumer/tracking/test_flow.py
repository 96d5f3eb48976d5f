"""The bound on what is in flight."""

import threading

import pytest

from memelens.consumer.tracking.flow import FlowLimits, InFlight


@pytest.fixture
def in_flight() -> InFlight:
    """Ten posts, a thousand bytes."""
    return InFlight(FlowLimits(max_posts=10, max_bytes=1000))


def test_posts_fill_it_until_half_is_free(in_flight: InFlight) -> None:
    """At the bound there is no room, and again only below half of it."""
    in_flight.add(4, 40)
    assert in_flight.room() == 6
    in_flight.add(6, 60)
    assert in_flight.room() == 0
    in_flight.release(5, 50)
    assert in_flight.room() == 0
    in_flight.release(1, 10)
    assert in_flight.room() == 6


def test_bytes_fill_it_too(in_flight: InFlight) -> None:
    """A few large posts leave no room for more."""
    in_flight.add(2, 1200)
    assert (in_flight.room(), in_flight.posts, in_flight.bytes) == (0, 2, 1200)
    in_flight.release(2, 1200)
    assert in_flight.room() == 10


def test_large_records_are_polled_by_few(in_flight: InFlight) -> None:
    """The room is counted in records as large as those that came lately, and is never nothing below the bounds."""
    in_flight.add(1, 100)
    assert in_flight.room(record_bytes=50) == 9
    assert in_flight.room(record_bytes=300) == 3
    assert in_flight.room(record_bytes=5000) == 1


def test_pictures_count_until_they_are_judged(in_flight: InFlight) -> None:
    """Fetched bytes leave no room for records, but records don't keep pictures from being fetched."""
    in_flight.add(1, 5000)
    assert in_flight.wait_for_picture_room(0.0)
    in_flight.add_picture(1000)
    assert not in_flight.wait_for_picture_room(0.0)
    in_flight.release_pictures(1000)
    assert in_flight.wait_for_picture_room(0.0)
    assert in_flight.bytes == 5000


def test_held_has_no_room(in_flight: InFlight) -> None:
    """While somebody waits for a dependency nothing is polled, however many wait."""
    with in_flight.held():
        with in_flight.held():
            assert in_flight.room() == 0
        assert in_flight.room() == 0
    assert in_flight.room() == 10


def test_waiting_until_empty_ends_with_the_last_post(in_flight: InFlight) -> None:
    """A drain waits for all posts, within its deadline."""
    in_flight.add(2, 2)
    assert not in_flight.wait_until_empty(0.01)
    waiter = threading.Thread(target=lambda: in_flight.release(2, 2))
    waiter.start()
    assert in_flight.wait_until_empty(10)
    waiter.join()
