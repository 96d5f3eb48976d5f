"""Fetching from an object store, with the real client against a server on loopback."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from tests.consumer.images.fetching import fetching, refusal
from tests.consumer.images.server import CONTENT, Answer, Server, plain

from memelens.consumer.errors import OperatorError, RetryLaterError
from memelens.consumer.images.rules import FetchingRules


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
    """By bucket and key, which is percent-encoded and never cut at a `?` or `#`; other buckets aren't asked."""
    server.answers |= {"/memes/cats/1%202.png": plain(CONTENT), "/memes/a%23b": plain(CONTENT), "/memes/a": plain(b"")}
    with store(server, monkeypatch) as fetch:
        assert fetch("s3://memes/cats/1%202.png") == CONTENT
        assert fetch("s3://memes/a%23b") == CONTENT
        for cut in ("s3://memes/a#b", "s3://memes/a?versionId=1"):
            assert refusal(fetch, cut).kind == "reference-forbidden"
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
        ("RequestTimeTooSkewed", 403, OperatorError),
        ("AuthorizationHeaderMalformed", 400, OperatorError),
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
