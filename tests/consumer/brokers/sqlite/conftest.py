"""An embedded broker in a file of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.consumer.brokers.rig import Rig


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the broker lies."""
    return tmp_path / "broker.db"


@pytest.fixture
def url(file: Path) -> str:
    """Its address."""
    return f"sqlite:///{file}"


@pytest.fixture
def rig(url: str) -> Iterator[Rig]:
    """The broker, open."""
    made = Rig(url)
    yield made
    made.close()
