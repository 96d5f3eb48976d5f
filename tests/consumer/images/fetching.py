"""Fetching one reference under rules that a test makes, and why it is refused."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from memelens.consumer.clock import Clock, SystemClock
from memelens.consumer.errors import PoisonError
from memelens.consumer.images.fetching import ImageFetcher
from memelens.consumer.images.rules import FetchingRules
from memelens.consumer.messages import PostImage


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
