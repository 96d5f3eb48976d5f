"""Fetching by reference, against real servers on loopback that answer as badly as they can."""

import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from memelens.consumer.clock import Clock, ManualClock, SystemClock
from memelens.consumer.errors import OperatorError, PoisonError, RetryLaterError, SettingsError
from memelens.consumer.images.fetching import ImageFetcher
from memelens.consumer.images.rules import FetchingRules
from memelens.consumer.messages import PostImage

CONTENT = b"\x89PNG picture of a cat"
Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A web server on loopback: `answers` by path, every request noted in `seen`."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, Answer] = {"/ok": plain(CONTENT)}
        self.seen: list[str] = []
        self.hosts: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.seen.append(self.path)
                outer.hosts.append(self.headers["Host"])
                outer.answers.get(self.path, status(404))(self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """Clients that hang up are what these tests are about."""

        self._server = Quiet((address, port), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def plain(content: bytes, code: int = 200, **headers: str) -> Answer:
    """Answers with these bytes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def status(code: int, **headers: str) -> Answer:
    """Answers with a status and no body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()

    return answer


def in_turn(*answers: Answer) -> Answer:
    """The first request gets the first answer, and so on."""
    left = list(answers)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        left.pop(0)(handler)

    return answer


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Closes the connection without an answer."""
    handler.close_connection = True


def trickle(head: bytes, piece: bytes) -> Answer:
    """Sends `head`, then `piece` every 20 ms until the client hangs up."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.wfile.write(head)
        while True:
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(0.02)

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    """A web server that is closed at the end."""
    one = Server()
    yield one
    one.close()


def rules(port: int, **changes: object) -> FetchingRules:
    """Rules that allow this server and nothing else."""
    base = FetchingRules(
        schemes=frozenset({"http", "https"}),
        hosts=(f"memes.test:{port}",),
        private_networks=("127.0.0.1/32",),
        total_seconds=5.0,
        unavailable_seconds=0.0,
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # dataclasses.replace is checked field by field


@contextmanager
def fetching(
    one: FetchingRules, clock: Clock | None = None, addresses: list[str] | None = None
) -> Iterator[Callable[[str], bytes]]:
    """Fetches a URI; every name leads to the next of `addresses` (the last one stays)."""
    left = list(addresses or ["127.0.0.1"])
    fetcher = ImageFetcher(
        one, clock or SystemClock(), lambda _host, _port: [left.pop(0) if len(left) > 1 else left[0]]
    )
    try:
        yield lambda uri: fetcher.fetch(PostImage(uri=uri))
    finally:
        fetcher.close()


def refusal(fetch: Callable[[str], bytes], uri: str) -> PoisonError:
    """Why a reference isn't fetched."""
    with pytest.raises(PoisonError) as caught:
        fetch(uri)
    return caught.value


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


@pytest.mark.parametrize("first", [status(500), status(503), status(429), hang_up])
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


def test_a_body_shorter_than_announced_is_no_picture(server: Server) -> None:
    """Half a file is tried again, then given up, never handed on."""

    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        handler.close_connection = True

    server.answers["/x"] = cut
    with fetching(rules(server.port)) as fetch:
        assert refusal(fetch, f"http://memes.test:{server.port}/x").kind == "unavailable"


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


@pytest.mark.parametrize(
    "uri",
    [
        "http://other.test:PORT/ok",
        "http://memes.test/ok",
        "http://memes.test:1/ok",
        "http://memes.test.evil.test:PORT/ok",
        "http://127.0.0.1:PORT/ok",
        "http://2130706433:PORT/ok",
        "http://[::1]:PORT/ok",
        "http://user:secret@memes.test:PORT/ok",
        "http://memes.test:PORT@evil.test/ok",
        "http://evil.test\\@memes.test:PORT/ok",
        "http://memes.test:99999/ok",
        "http://",
        "http:memes.test",
        "ftp://memes.test:PORT/ok",
        "gopher://memes.test:PORT/ok",
        "data:image/png;base64,AAAA",
        "file:///etc/passwd",
        "s3://bucket/key",
        "ok",
        "//memes.test:PORT/ok",
    ],
)
def test_nothing_but_the_listed_places_is_asked(server: Server, uri: str) -> None:
    """Other hosts, ports and schemes, addresses in disguise and credentials are refused without a connection."""
    with fetching(rules(server.port)) as fetch:
        error = refusal(fetch, uri.replace("PORT", str(server.port)))
    assert error.kind == "reference-forbidden"
    assert "secret" not in str(error)
    assert server.seen == []


def test_subdomains_need_a_star(server: Server) -> None:
    """`*.memes.test` allows what lies below it and not the name itself."""
    with fetching(rules(server.port, hosts=(f"*.memes.test:{server.port}",))) as fetch:
        assert fetch(f"http://cdn.memes.test:{server.port}/ok") == CONTENT
        for name in ("memes.test", "evilmemes.test"):
            assert refusal(fetch, f"http://{name}:{server.port}/ok").kind == "reference-forbidden"


def test_a_listed_name_never_leads_inside(server: Server) -> None:
    """An allowed host whose name points to loopback is refused unless that network is listed, too."""
    with fetching(rules(server.port, private_networks=())) as fetch:
        assert refusal(fetch, f"http://memes.test:{server.port}/ok").kind == "reference-forbidden"
    assert server.seen == []


def test_rebinding_a_name_gains_nothing() -> None:
    """The address that was checked is the one that is connected to; the next connection is checked again."""
    inside = Server("127.0.0.1")
    try:
        outside = Server("127.0.0.2", inside.port)
    except OSError:
        inside.close()
        pytest.skip("this machine has one loopback address only")
    inside.answers["/ok"] = plain(b"a secret of the machine")
    # Announced, so that the client opens a new connection and doesn't meet the end of the old one.
    outside.answers["/ok"] = plain(CONTENT, Connection="close")
    allowed = rules(inside.port, private_networks=("127.0.0.2/32",))
    try:
        for _ in range(3):
            with fetching(allowed, addresses=["127.0.0.2", "127.0.0.1"]) as fetch:
                assert fetch(f"http://memes.test:{inside.port}/ok") == CONTENT
                assert refusal(fetch, f"http://memes.test:{inside.port}/ok").kind == "reference-forbidden"
        assert inside.seen == []
    finally:
        inside.close()
        outside.close()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command to make a certificate")
def test_tls_asks_for_the_name_and_checks_it(tmp_path: Path) -> None:
    """The certificate is checked against the name in the reference although the connection goes to an address."""
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=memes.test"
    command += " -addext subjectAltName=DNS:memes.test -keyout key.pem -out cert.pem"
    subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=True)
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    server = Server(tls=context)
    hosts = (f"memes.test:{server.port}", f"other.test:{server.port}")
    try:
        with fetching(rules(server.port, hosts=hosts, ca_file=tmp_path / "cert.pem")) as fetch:
            assert fetch(f"https://memes.test:{server.port}/ok") == CONTENT
            assert refusal(fetch, f"https://other.test:{server.port}/ok").kind == "unavailable"
        with fetching(rules(server.port)) as fetch:
            assert refusal(fetch, f"https://memes.test:{server.port}/ok").kind == "unavailable"
    finally:
        server.close()
    assert names[0] == "memes.test"


def test_closing_ends_the_waiting(server: Server) -> None:
    """A fetch that waits for a host to come back ends as soon as the consumer stops."""
    asked = threading.Event()

    def busy(handler: BaseHTTPRequestHandler) -> None:
        status(503)(handler)
        asked.set()

    server.answers["/x"] = busy
    fetcher = ImageFetcher(
        rules(server.port, unavailable_seconds=600.0), SystemClock(), lambda _host, _port: ["127.0.0.1"]
    )
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(fetcher.fetch, PostImage(uri=f"http://memes.test:{server.port}/x"))
        assert asked.wait(10)
        fetcher.close()
        with pytest.raises(RetryLaterError):
            future.result(timeout=10)


def test_closing_ends_the_reading(server: Server) -> None:
    """A fetch in the middle of a slow answer ends as soon as the consumer stops, not at its time limit."""
    begun = threading.Event()

    def stall(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        begun.set()
        handler.rfile.read(1)  # until the client hangs up

    server.answers["/x"] = stall
    limits = rules(server.port, read_seconds=60.0, total_seconds=60.0)
    fetcher = ImageFetcher(limits, SystemClock(), lambda _host, _port: ["127.0.0.1"])
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(fetcher.fetch, PostImage(uri=f"http://memes.test:{server.port}/x"))
        assert begun.wait(10)
        fetcher.close()
        with pytest.raises(RetryLaterError):
            future.result(timeout=10)


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


def test_a_file_without_certificates_is_refused(server: Server, tmp_path: Path) -> None:
    """A wrong `images.ca_file` is a sentence at the start."""
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(SettingsError, match=r"images\.ca_file: .*ca\.pem: no certificates"):
        ImageFetcher(rules(server.port, ca_file=tmp_path / "ca.pem"), SystemClock())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A root with a picture, a link inside, links outside, a pipe and a folder."""
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "a b.png").write_bytes(CONTENT)
    (tmp_path / "secret").write_bytes(b"secret")
    (root / "inside").symlink_to("sub/a b.png")
    (root / "outside").symlink_to(tmp_path / "secret")
    (root / "up").symlink_to(tmp_path)
    (root / "circle").symlink_to("circle")
    os.mkfifo(root / "pipe")
    return root


@pytest.mark.parametrize("uri", ["file:sub/a%20b.png", "file://ROOT/sub/a%20b.png", "file://localhostROOT/inside"])
def test_files_of_the_root_are_read(folder: Path, uri: str) -> None:
    """By absolute path, or by path in the root; a link that stays inside is fine."""
    with fetching(FetchingRules(file_root=folder)) as fetch:
        assert fetch(uri.replace("ROOT", str(folder))) == CONTENT


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("file:outside", "reference-forbidden"),
        ("file:up/secret", "reference-forbidden"),
        ("file:../secret", "reference-forbidden"),
        ("file:sub/%2e%2e/%2e%2e/secret", "reference-forbidden"),
        ("file:///etc/hostname", "reference-forbidden"),
        ("file://server/share", "reference-forbidden"),
        ("file:circle", "reference-forbidden"),
        ("file:a%00b", "reference-forbidden"),
        ("file:%ff", "reference-forbidden"),
        ("file:pipe", "reference-forbidden"),
        ("file:sub", "reference-forbidden"),
        ("file:none.png", "gone"),
        ("file:sub/a%20b.png/more", "gone"),
        ("file:" + "x" * 300, "gone"),
    ],
)
def test_nothing_outside_the_root_is_read(folder: Path, uri: str, kind: str) -> None:
    """Links, dots in any spelling, other roots, pipes and folders."""
    with fetching(FetchingRules(file_root=folder)) as fetch:
        assert refusal(fetch, uri).kind == kind


def test_a_file_over_the_cap_is_refused(folder: Path) -> None:
    """The cap holds for files, too."""
    with fetching(FetchingRules(file_root=folder, max_bytes=3)) as fetch:
        assert refusal(fetch, "file:inside").kind == "too-large"


def test_a_missing_root_is_waited_for(folder: Path) -> None:
    """A volume that isn't mounted makes posts wait; it doesn't make them dead letters."""
    with (
        fetching(FetchingRules(file_root=folder / "unmounted")) as fetch,
        pytest.raises(RetryLaterError, match="unmounted"),
    ):
        fetch("file:inside")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file whose reading fails (Linux)")
def test_a_file_that_can_not_be_read_now_is_waited_for() -> None:
    """A failing disk or network folder is our trouble: the post waits, it is no dead letter."""
    with fetching(FetchingRules(file_root=Path("/proc/self"))) as fetch, pytest.raises(RetryLaterError, match="error"):
        fetch("file:mem")


@contextmanager
def store(server: Server, monkeypatch: pytest.MonkeyPatch, **changes: object) -> Iterator[Callable[[str], bytes]]:
    """Fetches from an object store that is this web server, with the real client."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "throw-away")
    one = FetchingRules(buckets=("memes",), s3_endpoint=f"http://127.0.0.1:{server.port}", s3_region="nowhere-1")
    with fetching(replace(one, connect_seconds=1.0, read_seconds=1.0, **changes)) as fetch:  # type: ignore[arg-type]
        yield fetch


def s3_error(code: str, http: int) -> Answer:
    """An error as S3 words it."""
    return plain(f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode(), http)


def test_objects_of_listed_buckets_are_fetched(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """By bucket and key; other buckets aren't asked."""
    server.answers["/memes/cats/1%202.png"] = plain(CONTENT)
    with store(server, monkeypatch) as fetch:
        assert fetch("s3://memes/cats/1%202.png") == CONTENT
        assert refusal(fetch, "s3://other/cats/1.png").kind == "reference-forbidden"
        assert refusal(fetch, "s3://memes/").kind == "reference-forbidden"
    with store(server, monkeypatch, max_bytes=5) as fetch:
        assert refusal(fetch, "s3://memes/cats/1%202.png").kind == "too-large"


@pytest.mark.parametrize(
    ("code", "http", "expected"),
    [
        ("NoSuchKey", 404, "gone"),
        ("AccessDenied", 403, "refused"),
        ("NoSuchBucket", 404, OperatorError),
        ("SignatureDoesNotMatch", 403, OperatorError),
        ("SlowDown", 503, RetryLaterError),
        ("InternalError", 500, RetryLaterError),
    ],
)
def test_the_stores_answers_mean_what_they_say(
    server: Server, monkeypatch: pytest.MonkeyPatch, code: str, http: int, expected: str | type[Exception]
) -> None:
    """A missing object is the post's trouble, a missing bucket ours, an overloaded store passes."""
    server.answers["/memes/x"] = s3_error(code, http)
    with store(server, monkeypatch) as fetch:
        if isinstance(expected, str):
            assert refusal(fetch, "s3://memes/x").kind == expected
        else:
            with pytest.raises(expected):
                fetch("s3://memes/x")


def test_a_store_that_is_down_makes_posts_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own object store is one of our dependencies: nothing is dropped for it."""
    down = Server()
    down.close()
    with store(down, monkeypatch) as fetch, pytest.raises(RetryLaterError):
        fetch("s3://memes/x")
