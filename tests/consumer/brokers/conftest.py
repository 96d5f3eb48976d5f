"""A broker of each kind, with what a test makes on it."""

from collections.abc import Iterator

import pytest

from .rig import Rig


@pytest.fixture
def rig(broker_url: str) -> Iterator[Rig]:
    """An open broker."""
    made = Rig(broker_url)
    yield made
    made.close()
