"""The server that pictures are fetched from."""

from collections.abc import Iterator

import pytest
from tests.consumer.images.server import Server


@pytest.fixture
def server() -> Iterator[Server]:
    """A web server that is closed at the end."""
    one = Server()
    yield one
    one.close()
