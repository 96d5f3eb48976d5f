"""Fetching from web servers that fail, hang or stay away, and from a fetcher that is closed meanwhile."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest
from tests.consumer.images.fetching import fetching, refusal, rules
from tests.consumer.images.server import CONTENT, Answer, Server, hang_up, in_turn, plain, status, trickle

from memelens.consumer.clock import ManualClock, SystemClock
from memelens.consumer.errors import RetryLaterError
from memelens.consumer.images.fetching import ImageFetcher
from memelens.consumer.images.rules import FetchingRules
from memelens.consumer.images.web import UnsteadyHostError
from memelens.consumer.messages import PostImage


@pytest.mark.parametrize("first", [*map(status, (500, 503, 408, 425, 429)), hang_up])
def test_a_passing_trouble_passes(server: Server, first: Answer) -> None:
    """Server errors, rate limits and broken connections are tried again."""
    server.answers["/x"] = in_turn(first, plain(CONTENT))
    with fetching(rules(server.port, unavailable_seconds=60.0), ManualClock()) as fetch:
        assert fetch(f"http://memes.test:{server.port}/x") == CONTENT


def test_a_dead_host_costs_its_patience_once(server: Server) -> None:
    """The first post waits the configured time, later ones fail at their first try until the host answers again."""
    server.answers["/x"] = status(503)
    uri = f"http://memes.test:{server.port}/x"
    clock = ManualClock()
    with fetching(rules(server.port, unavailable_seconds=60.0), clock) as fetch:
        error = refusal(fetch, uri)
        assert error.kind == "unavailable"
        assert "status 503" in str(error)
        assert 60 <= clock.monotonic() - 1_700_000_000 < 90
        tries = len(server.seen)
        assert 5 <= tries < 20
        assert refusal(fetch, uri).kind == "unavailable"
        assert len(server.seen) == tries + 1
        assert fetch(f"http://memes.test:{server.port}/ok") == CONTENT
        server.answers["/x"] = in_turn(status(503), plain(CONTENT))
        assert fetch(uri) == CONTENT


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"a"),
    ],
    ids=["silent", "slow-header", "slow-body"],
)
def test_no_server_stretches_the_time_limit(server: Server, head: bytes, piece: bytes) -> None:
    """Silence and a byte now and then end at the total time, though every single read is in time."""
    server.answers["/x"] = trickle(head, piece)
    started = time.monotonic()
    with fetching(rules(server.port, total_seconds=0.4)) as fetch:
        error = refusal(fetch, f"http://memes.test:{server.port}/x")
    assert error.kind == "unavailable"
    assert "in time" in str(error)
    assert time.monotonic() - started < 2


def test_a_port_where_nobody_listens_is_unavailable() -> None:
    """Connection refused is the same as no answer."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with fetching(rules(port)) as fetch:
            assert refusal(fetch, f"http://memes.test:{port}/ok").kind == "unavailable"


def test_a_name_that_nobody_knows_is_unavailable(server: Server) -> None:
    """A resolver's failure may pass."""

    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    fetcher = ImageFetcher(rules(server.port), SystemClock(), unknown)
    error = refusal(lambda uri: fetcher.fetch(PostImage(uri=uri)), f"http://memes.test:{server.port}/ok")
    fetcher.close()
    assert error.kind == "unavailable"


def ends_when_closed(uri: str, limits: FetchingRules, reached: threading.Event) -> None:
    """A fetch is broken off by closing its fetcher as soon as it is `reached`, long before its limits."""
    fetcher = ImageFetcher(limits, SystemClock(), lambda _host, _port: ["127.0.0.1"])
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(fetcher.fetch, PostImage(uri=uri))
        assert reached.wait(10)
        fetcher.close()
        with pytest.raises(RetryLaterError):
            future.result(timeout=10)


def test_closing_ends_the_waiting(server: Server) -> None:
    """A fetch that waits for a host to come back ends as soon as the consumer stops."""
    asked = threading.Event()

    def busy(handler: BaseHTTPRequestHandler) -> None:
        status(503)(handler)
        asked.set()

    server.answers["/x"] = busy
    ends_when_closed(f"http://memes.test:{server.port}/x", rules(server.port, unavailable_seconds=600.0), asked)


def test_closing_ends_the_reading(server: Server) -> None:
    """A fetch in the middle of a slow answer ends as soon as the consumer stops, not at its time limit."""
    begun = threading.Event()

    def stall(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        begun.set()
        handler.rfile.read(1)  # until the client hangs up

    server.answers["/x"] = stall
    limits = rules(server.port, read_seconds=60.0, total_seconds=60.0)
    ends_when_closed(f"http://memes.test:{server.port}/x", limits, begun)


def test_a_host_that_hangs_keeps_one_thread(server: Server) -> None:
    """Once it is given up, posts of a hanging host wait for nothing while one of them tries it; others are fetched."""
    clock, over, asked = ManualClock(), threading.Event(), threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        asked.set()
        over.wait(20)
        status(503)(handler)

    server.answers |= {"/down": status(503), "/hang": hang}
    uri = f"http://memes.test:{server.port}"
    limits = rules(server.port, hosts=(f"memes.test:{server.port}", f"other.test:{server.port}"), total_seconds=60.0)
    with fetching(replace(limits, unavailable_seconds=60.0), clock) as fetch, ThreadPoolExecutor(1) as pool:
        assert refusal(fetch, f"{uri}/down").kind == "unavailable"
        trying = pool.submit(refusal, fetch, f"{uri}/hang")
        assert asked.wait(10)
        seen = len(server.seen)
        assert {refusal(fetch, f"{uri}/hang").kind for _ in range(5)} == {"unavailable"}
        assert len(server.seen) == seen
        assert fetch(f"http://other.test:{server.port}/ok") == CONTENT
        over.set()
        assert trying.result(timeout=10).kind == "unavailable"
        assert fetch(f"{uri}/ok") == CONTENT


def test_who_has_no_patience_waits_for_no_host_that_fails(server: Server) -> None:
    """It is tried once; until it delivers again it isn't tried at all, but by those who wait for it."""
    server.answers["/x"] = in_turn(status(503), plain(CONTENT), plain(CONTENT))
    image = PostImage(uri=f"http://memes.test:{server.port}/x")
    limits = rules(server.port, unavailable_seconds=60.0)
    with closing(ImageFetcher(limits, ManualClock(), lambda _host, _port: ["127.0.0.1"])) as fetcher:
        for _ in range(3):
            with pytest.raises(UnsteadyHostError):
                fetcher.fetch(image, patient=False)
        assert len(server.seen) == 1
        assert fetcher.fetch(image) == CONTENT
        assert fetcher.fetch(image, patient=False) == CONTENT


def test_waiting_for_another_fetch_is_not_the_hosts_fault(server: Server) -> None:
    """With more threads than connections a host has its whole time limit, and isn't given up for our own queue."""

    def slow(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.3)  # the server's slowness, which this test is about
        plain(CONTENT)(handler)

    server.answers["/x"] = slow
    limits = rules(server.port, connections=1, total_seconds=0.6)
    with fetching(limits) as fetch, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(fetch, [f"http://memes.test:{server.port}/x"] * 4))
    assert found == [CONTENT] * 4


def test_a_final_answer_shows_that_the_host_is_back(server: Server) -> None:
    """Patience begins anew after it, whatever the answer was."""
    uri, clock = f"http://memes.test:{server.port}", ManualClock()
    server.answers["/down"] = status(503)
    server.answers["/x"] = in_turn(status(503), plain(CONTENT))
    with fetching(rules(server.port, unavailable_seconds=60.0), clock) as fetch:
        assert refusal(fetch, f"{uri}/down").kind == "unavailable"
        assert refusal(fetch, f"{uri}/nothing-here").kind == "gone"
        assert fetch(f"{uri}/x") == CONTENT
