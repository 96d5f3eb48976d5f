"""An embedded broker in a file of its own."""

from pathlib import Path

import pytest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the broker lies."""
    return tmp_path / "broker.db"


@pytest.fixture
def url(file: Path) -> str:
    """Its address."""
    return f"sqlite:///{file}"


@pytest.fixture
def broker_url(url: str) -> str:
    """What the rig of all brokers is made on."""
    return url
