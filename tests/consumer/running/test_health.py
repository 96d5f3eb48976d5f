"""The health port, asked over HTTP."""

import socket
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter

from memelens.consumer.errors import OperatorError
from memelens.consumer.running.health import HealthServer


class State:
    """What the probes say."""

    alive: str | None = None
    ready: str | None = "the group was not joined yet"


@pytest.fixture
def state() -> State:
    """A consumer that is alive and not ready."""
    return State()


@pytest.fixture
def url(state: State) -> Iterator[str]:
    """A running server."""
    registry = CollectorRegistry()
    Counter("posts", "Posts that were judged.", registry=registry).inc(3)
    server = HealthServer("127.0.0.1", 0, alive=lambda: state.alive, ready=lambda: state.ready, registry=registry)
    yield f"http://127.0.0.1:{server.port}"
    server.close()
    server.close()


def test_probes_answer_with_a_reason(url: str, state: State) -> None:
    """Alive and not ready is 200 and 503 with a sentence; the answers follow the state."""
    assert httpx.get(f"{url}/healthz").status_code == 200
    refused = httpx.get(f"{url}/readyz")
    assert (refused.status_code, refused.text) == (503, "the group was not joined yet\n")
    state.ready, state.alive = None, "the poll loop stands still"
    assert httpx.get(f"{url}/readyz?verbose").status_code == 200
    assert httpx.get(f"{url}/healthz").text == "the poll loop stands still\n"


def test_metrics_are_prometheus_text(url: str) -> None:
    """The counters of the registry can be scraped."""
    answer = httpx.get(f"{url}/metrics")
    assert "posts_total 3.0" in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


def test_other_paths_are_not_there(url: str) -> None:
    """Anything else is 404."""
    assert httpx.get(f"{url}/").status_code == 404


def test_a_taken_port_is_said() -> None:
    """A port that another process holds ends with a sentence and the remedy."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OperatorError, match="MEMELENS_HEALTH__PORT"):
            HealthServer(
                "127.0.0.1",
                taken.getsockname()[1],
                alive=lambda: None,
                ready=lambda: None,
                registry=CollectorRegistry(),
            )
