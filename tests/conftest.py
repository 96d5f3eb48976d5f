"""What tests of every folder share: a broker of each kind, by URL."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from tests.servers.kafka import shared_kafka


@pytest.fixture(scope="session")
def kafka_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Kafka for the whole session. Topics outlive a test: name them, and groups, anew in each."""
    with shared_kafka(tmp_path_factory.mktemp("kafka")) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("kafka", marks=pytest.mark.kafka)])
def broker_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A broker of each kind: a new file, or the session's Kafka."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/broker.db"
    return cast("str", request.getfixturevalue("kafka_url"))
