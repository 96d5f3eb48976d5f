"""What is not fetched from the web: unlisted places, names that lead inside, what no certificate vouches for."""

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
from tests.consumer.images.fetching import fetching, refusal, rules
from tests.consumer.images.server import CONTENT, Server, plain

from memelens.consumer.clock import SystemClock
from memelens.consumer.errors import SettingsError
from memelens.consumer.images.fetching import ImageFetcher


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


def test_case_and_a_final_dot_make_no_other_host(server: Server) -> None:
    """Host names are the same in capitals, in the list and in a reference, and with the dot of the root behind them."""
    with fetching(rules(server.port, hosts=(f"MEMES.test:{server.port}",))) as fetch:
        assert fetch(f"http://Memes.TEST.:{server.port}/ok") == CONTENT


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


def test_a_file_without_certificates_is_refused(server: Server, tmp_path: Path) -> None:
    """A wrong `images.ca_file` is a sentence at the start."""
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(SettingsError, match=r"images\.ca_file: .*ca\.pem: no certificates"):
        ImageFetcher(rules(server.port, ca_file=tmp_path / "ca.pem"), SystemClock())
