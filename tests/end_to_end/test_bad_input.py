"""Whatever stands on the input topic is judged, or kept byte for byte with a reason; the posts around it go on."""

import random
import socket
from collections import Counter
from collections.abc import Iterator

import pytest
from tests.end_to_end.bad_posts import BadPost, bad_posts, misbehaving_server, odd_posts
from tests.end_to_end.world import MakeWorld

from memelens.taxonomy import Language

pytestmark = [pytest.mark.redis, pytest.mark.slow]

_HUGE_BYTES = 50_000_000


@pytest.fixture
def web() -> Iterator[str]:
    """A server that misbehaves."""
    with misbehaving_server() as address:
        yield address


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_every_bad_post_is_judged_or_kept_with_a_reason(
    make_world: MakeWorld, broker_url: str, redis_url: str, web: str, silent: str
) -> None:
    """Bad and odd posts between good ones: each good and odd one has its verdict, each bad one its dead letter."""
    world = make_world(
        broker_url,
        redis_url,
        **{
            "images.schemes": "http,https",
            "images.hosts": f"{web},{silent},169.254.169.254",
            "images.private_networks": "127.0.0.0/8",
            "images.read_seconds": 0.5,
            "images.total_seconds": 1.0,
            "images.unavailable_seconds": 2.0,
        },
    )
    world.create_topics(max_message_bytes=2**21)
    bad, odd = bad_posts(web, silent), odd_posts(web)
    good = [BadPost(f"good-{n}", b'{"post_id": "good-%d", "caption": "teapot %d"}' % (n, n)) for n in range(50)]
    posts = [*bad, *odd, *good]
    random.Random(1).shuffle(posts)
    count = world.send([(post.name.encode(), post.value, post.headers) for post in posts])
    world.run(count)

    assert Counter(verdict["post_id"] for verdict in world.verdicts()) == Counter(one.name for one in odd + good)
    letters = world.dead_letters()
    assert {key: kind for key, (_, kind, _) in letters.items()} == {one.name.encode(): one.kind for one in bad}
    for post in bad:
        record, _, reason = letters[post.name.encode()]
        assert record.value == post.value
        assert record.headers[: len(post.headers)] == post.headers
        assert len(reason) > 10
        assert "teapot" not in reason


def test_what_is_odd_is_said_of_it(make_world: MakeWorld, broker_url: str, redis_url: str) -> None:
    """Languages outside the nine are marked, equal posts share a verdict id, texts are cut to the cap."""
    world = make_world(broker_url, redis_url)
    world.create_topics()
    odd = [one for one in odd_posts("127.0.0.1:1") if one.name != "fetched"]
    world.run(world.send([(one.name.encode(), one.value, one.headers) for one in odd]))
    verdicts = world.verdicts()
    nine = set(Language)
    assert all(one["language_supported"] == (one["language"] in nine) for one in verdicts)
    assert {one["language"] for one in verdicts if one["post_id"].startswith("in-")} > nine & {"es", "bn"}
    twice = [one["verdict_id"] for one in verdicts if one["post_id"] == "twice"]
    assert len(twice) == 3


def test_a_post_of_50_megabytes_is_kept_whole(make_world: MakeWorld, broker_url: str, redis_url: str) -> None:
    """Where the topics take it, a post over our own limit becomes a dead letter with all its bytes."""
    world = make_world(broker_url, redis_url)
    world.create_topics(partitions=1, max_message_bytes=_HUGE_BYTES + 2**20)
    huge = b'{"post_id": "huge", "caption": "%s"}' % (b"x" * _HUGE_BYTES)
    after = b'{"post_id": "after", "caption": "a teapot"}'
    world.run(world.send([(b"huge", huge, ()), (b"after", after, ())]))
    record, kind, reason = world.dead_letters()[b"huge"]
    assert (kind, record.value) == ("too-large", huge)
    assert str(len(huge)) in reason
    assert [one["post_id"] for one in world.verdicts()] == ["after"]


def test_a_deletion_leaves_tombstones(make_world: MakeWorld, broker_url: str, redis_url: str) -> None:
    """A record without a value, behind its post: a tombstone follows the verdict on every output."""
    world = make_world(broker_url, redis_url)
    world.create_topics()
    world.run(world.send([(b"p", b'{"post_id": "p", "caption": "a teapot"}', ()), (b"p", None, ())]))
    assert [record.value is None for record in world.read("verdicts")] == [False, True]
    for family in ("harm", "target", "intent", "affect"):
        assert world.read(family)[-1].value is None
