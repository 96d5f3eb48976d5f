"""Where pipelines are tried."""

from collections.abc import Iterator

import pytest

from .trials import Bench


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A broker, a cache, and pipelines on them."""
    made = Bench()
    yield made
    made.end()


@pytest.fixture(params=["at-least-once", "exactly-once"])
def delivery(request: pytest.FixtureRequest) -> str:
    """Both ways of delivering."""
    return str(request.param)
