"""Fetching from web servers on loopback: what is asked, what their answers mean, and the cap on bytes."""

from http.server import BaseHTTPRequestHandler

import pytest
from tests.consumer.images.fetching import fetching, refusal, rules
from tests.consumer.images.server import CONTENT, Server, plain, status, trickle

from memelens.consumer.clock import ManualClock


def test_an_allowed_picture_is_fetched(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the allowed host, by its name, and not through a proxy that the environment names."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:1")
    with fetching(rules(server.port)) as fetch:
        assert fetch(f"http://memes.test:{server.port}/ok#part") == CONTENT
        assert fetch(f"HTTP://MEMES.TEST:{server.port}/ok") == CONTENT
    assert server.hosts == [f"memes.test:{server.port}"] * 2


@pytest.mark.parametrize(
    ("kind", "codes"),
    [("redirected", (301, 302, 304, 307)), ("gone", (404, 410, 451)), ("refused", (206, 401, 403))],
)
def test_final_answers_are_final(server: Server, kind: str, codes: tuple[int, ...]) -> None:
    """A redirect isn't followed, what is gone isn't asked for again."""
    server.answers |= {f"/{code}": status(code, Location=f"http://memes.test:{server.port}/ok") for code in codes}
    with fetching(rules(server.port, unavailable_seconds=60.0), ManualClock()) as fetch:
        assert {refusal(fetch, f"http://memes.test:{server.port}/{code}").kind for code in codes} == {kind}
    assert server.seen == [f"/{code}" for code in codes]


@pytest.mark.parametrize("announced", [True, False], ids=["with-length", "chunked"])
def test_no_more_bytes_are_read_than_allowed(server: Server, announced: bool) -> None:
    """An endless or oversized body is dropped at the cap."""
    head = b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 99999999\r\n\r\n" if announced else b"\r\n")
    server.answers["/x"] = trickle(head, b"x" * 5000)
    with fetching(rules(server.port, max_bytes=20_000)) as fetch:
        assert refusal(fetch, f"http://memes.test:{server.port}/x").kind == "too-large"


def test_a_body_of_exactly_the_cap_is_fine(server: Server) -> None:
    """The cap is inclusive."""
    server.answers["/x"] = plain(b"x" * 100)
    with fetching(rules(server.port, max_bytes=100)) as fetch:
        assert len(fetch(f"http://memes.test:{server.port}/x")) == 100
    with fetching(rules(server.port, max_bytes=99)) as fetch:
        assert refusal(fetch, f"http://memes.test:{server.port}/x").kind == "too-large"


def test_a_body_shorter_than_announced_is_no_picture(server: Server) -> None:
    """Half a file is tried again, then given up, never handed on."""

    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        handler.close_connection = True

    server.answers["/x"] = cut
    with fetching(rules(server.port)) as fetch:
        assert refusal(fetch, f"http://memes.test:{server.port}/x").kind == "unavailable"
