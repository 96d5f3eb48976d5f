"""Equal memes in flight."""

from memelens.consumer.steps.single_flight import SingleFlight


def test_the_first_leads_and_all_land_together() -> None:
    """One computes, everybody gets the result, and the next one leads again."""
    flights: SingleFlight[str] = SingleFlight()
    assert flights.join("key", "a")
    assert not flights.join("key", "b")
    assert flights.join("other", "c")
    assert flights.land("key") == ["a", "b"]
    assert flights.join("key", "d")


def test_a_flight_is_abandoned_only_where_nobody_wants_it() -> None:
    """A useless leader computes for followers that still wait."""
    flights: SingleFlight[str] = SingleFlight()
    flights.join("key", "stale")
    flights.join("key", "fresh")
    assert flights.abandon("key", lambda item: item == "stale") == []
    assert flights.abandon("key", lambda item: item in {"stale", "fresh"}) == ["stale", "fresh"]
    assert flights.join("key", "next")
