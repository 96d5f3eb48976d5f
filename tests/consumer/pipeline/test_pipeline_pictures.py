"""Posts whose picture is fetched, on their way through the pipeline."""

import base64
import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image

from memelens.consumer.brokers.interface import Partition
from memelens.consumer.images.rules import FetchingRules
from memelens.consumer.tracking.flow import FlowLimits

from .trials import Bench, post, wait_for


def picture(shade: int) -> bytes:
    """A small PNG."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (shade, 0, 0)).save(file, "PNG")
    return file.getvalue()


class PictureServer(ThreadingHTTPServer):
    """Serves `/N.png`; `/slow-N.png` only once `gate` is set; `/down.png` fails; anything else is gone."""

    daemon_threads = True

    def __init__(self) -> None:
        self.gate = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: PictureServer

    def do_GET(self) -> None:
        name = self.path.strip("/").removesuffix(".png")
        if name.startswith("slow-"):
            self.server.gate.wait(20)
            name = name.removeprefix("slow-")
        content = picture(int(name)) if name.isdigit() else b""
        self.send_response(503 if name == "down" else 200 if content else 410)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def servers(bench: Bench) -> Iterator[list[PictureServer]]:
    """Two servers on loopback that the rules allow: two hosts."""
    made = [PictureServer(), PictureServer()]
    for one in made:
        threading.Thread(target=one.serve_forever, daemon=True).start()
    bench.rules = FetchingRules(
        schemes=frozenset({"http"}),
        hosts=tuple(f"127.0.0.1:{one.server_port}" for one in made),
        private_networks=("127.0.0.0/8",),
    )
    yield made
    for one in made:
        one.gate.set()
        one.shutdown()
        one.server_close()


@pytest.fixture
def server(servers: list[PictureServer]) -> PictureServer:
    """One of them."""
    return servers[0]


def by_reference(name: str, url: str) -> tuple[str, bytes]:
    """A post that refers to its picture."""
    return name, post(name, "", image={"uri": url})


def test_inline_and_fetched_pictures_are_the_same_meme(bench: Bench, server: PictureServer, delivery: str) -> None:
    """A picture is judged alike however it came: the fetched copy is answered from the cache."""
    inline = post("inline", "", image={"content": base64.b64encode(picture(7)).decode()})
    bench.send(("inline", inline))
    trial = bench.trial(delivery=delivery)
    wait_for(bench.settled, "the first commit")
    bench.send(by_reference("fetched", f"{server.url}/7.png"))
    wait_for(bench.settled, "the second commit")
    found = [json.loads(record.value or b"") for record in bench.broker.read("memes.verdicts")]
    verdicts = {one["post_id"]: one for one in found}
    assert verdicts["inline"]["content"]["image_sha256"] == verdicts["fetched"]["content"]["image_sha256"]
    assert (verdicts["inline"]["cached"], verdicts["fetched"]["cached"]) == (False, True)
    assert trial.pipeline.state.in_flight_bytes == 0


def test_a_slow_picture_holds_nobody_else_up(bench: Bench, server: PictureServer) -> None:
    """Other posts are judged and published meanwhile, but the offsets wait for the slow one."""
    names = [f"q{number}" for number in range(40)]
    bench.send(by_reference("slow", f"{server.url}/slow-3.png"))
    bench.send_posts(names)
    trial = bench.trial()
    wait_for(lambda: len(bench.broker.read("memes.verdicts")) == len(names), "the others")
    slow = Partition("posts", sum(b"slow") % 2)
    assert trial.pipeline.state.fetching == 1
    assert bench.broker.committed.get(slow, 0) == 0
    server.gate.set()
    wait_for(bench.settled, "the commit")
    assert sorted(bench.broker.posts("memes.verdicts")) == sorted([*names, "slow"])


def test_a_host_that_fails_holds_no_other_host_up(bench: Bench, servers: list[PictureServer]) -> None:
    """However many posts wait for it, and for however long, pictures of the others are fetched meanwhile."""
    failing, other = servers
    bench.send(*[by_reference(f"d{number}", f"{failing.url}/down.png") for number in range(20)])
    names = [f"r{number}" for number in range(20)]
    bench.send(*[by_reference(name, f"{other.url}/{number}.png") for number, name in enumerate(names)])
    trial = bench.trial(fetch_threads=2, drain_seconds=0.0)
    wait_for(lambda: sorted(bench.broker.posts("memes.verdicts")) == sorted(names), "the pictures of the other host")
    assert bench.broker.read("dead") == []
    trial.stop()


def test_a_later_revision_waits_for_the_picture_of_an_earlier_one(bench: Bench, server: PictureServer) -> None:
    """Order within a key holds across fetching."""
    bench.send(by_reference("a", f"{server.url}/slow-3.png"), ("a", post("a", "the second one")), ("c", post("c", "x")))
    bench.trial()
    wait_for(lambda: bench.broker.posts("memes.verdicts") == ["c"], "the other key")
    server.gate.set()
    wait_for(bench.settled, "the commit")
    mine = [record for record in bench.broker.read("memes.verdicts") if record.key == b"a"]
    assert [json.loads(record.value or b"")["source"]["offset"] for record in mine] == [0, 1]


def test_a_picture_that_is_gone_is_a_dead_letter(bench: Bench, server: PictureServer, delivery: str) -> None:
    """Gone and forbidden references are told apart, and the posts around them go on."""
    bench.send_posts(["before"])
    bench.send(by_reference("gone", f"{server.url}/nothing"), by_reference("forbidden", "http://example.org/1.png"))
    bench.send_posts(["after"])
    bench.trial(delivery=delivery)
    wait_for(bench.settled, "the commit")
    kinds = {letter.key: dict(letter.headers)["memelens.error.kind"] for letter in bench.broker.read("dead")}
    assert kinds == {b"gone": b"gone", b"forbidden": b"reference-forbidden"}
    assert sorted(bench.broker.posts("memes.verdicts")) == ["after", "before"]


def test_fetching_within_a_small_bound_never_locks_up(bench: Bench, server: PictureServer, delivery: str) -> None:
    """Pictures larger than the bound in bytes come one after the other, in partition order too."""
    names = [f"r{number}" for number in range(30)]
    bench.send(*[by_reference(name, f"{server.url}/{number}.png") for number, name in enumerate(names)])
    bench.trial(delivery=delivery, flow=FlowLimits(max_bytes=50), fetch_threads=4)
    wait_for(bench.settled, "the commit")
    assert sorted(bench.broker.posts("memes.verdicts")) == sorted(names)


def test_a_stop_does_not_wait_for_a_slow_picture_for_ever(bench: Bench, server: PictureServer) -> None:
    """After the drain deadline the pipeline ends; the post is read again at the next start."""
    bench.send(by_reference("slow", f"{server.url}/slow-3.png"))
    trial = bench.trial(drain_seconds=0.2)
    wait_for(lambda: trial.pipeline.state.in_flight_posts, "the poll")
    trial.stop()
    assert bench.broker.committed == {}
    server.gate.set()
    bench.trial()
    wait_for(bench.settled, "the commit")
    assert bench.broker.posts("memes.verdicts") == ["slow"]
