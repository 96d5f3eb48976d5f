"""Hub ids: the hub's own cache layout without a network, and a loopback hub that refuses in the hub's own ways."""

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from huggingface_hub import constants

from memelens.model.checkpoint import load_checkpoint
from memelens.model.checkpoint_files import find_checkpoint
from memelens.model.errors import CheckpointError
from memelens.model.opening import EngineSpec

from .disk import write_checkpoint

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint."""
    return write_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def cache(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache with one repository: refs, snapshots, and files that are links to blobs."""
    repository = tmp_path / "models--someone--tiny-judge"
    snapshot = repository / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (repository / "blobs").mkdir()
    for number, path in enumerate(files.iterdir()):
        shutil.copy(path, repository / "blobs" / str(number))
        (snapshot / path.name).symlink_to(Path("../../blobs") / str(number))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT, encoding="ascii")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    return repository


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with HF_HUB_OFFLINE=1."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


class Refusal(BaseHTTPRequestHandler):
    """A hub that answers every question with one status and error code."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "RepoNotFound"

    def do_GET(self) -> None:
        """Refuse."""
        self.send_response(self.status)
        self.send_header("X-Error-Code", self.code)
        self.send_header("X-Error-Message", "no")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815  the server looks for this name

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Refusal]]:
    """A hub on loopback, whose answer a test chooses."""
    handler = type("Chosen", (Refusal,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 2)
        yield handler
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("cache", "offline")
@pytest.mark.parametrize("asked", ["someone/tiny-judge", "someone/tiny-judge@main", f"someone/tiny-judge@{COMMIT}"])
def test_a_cached_repository_is_loaded_without_a_network(asked: str) -> None:
    """Its revision is the commit, whichever name it was asked by."""
    loaded = load_checkpoint(EngineSpec(model=asked, device="cpu"))
    assert loaded.identity.revision == COMMIT
    assert loaded.identity.name == "tiny"


@pytest.mark.usefixtures("cache", "offline")
@pytest.mark.parametrize("asked", ["someone/other", "someone/tiny-judge@v2"])
def test_what_is_not_cached_needs_the_network(asked: str) -> None:
    """The id and the remedy are named."""
    with pytest.raises(CheckpointError, match=f"model {asked}: can't be downloaded .*check the network"):
        find_checkpoint(asked)


@pytest.mark.usefixtures("cache")
def test_a_hub_that_cannot_be_reached_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed port is what a firewall looks like; what is cached is served all the same."""
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(CheckpointError, match="model someone/other: can't be downloaded") as caught:
        find_checkpoint("someone/other")
    assert "\n" not in str(caught.value)
    assert find_checkpoint("someone/tiny-judge").revision == COMMIT


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (404, "RepoNotFound", "neither a local folder nor a repository on the hub"),
        (401, "RepoNotFound", "neither a local folder nor a repository on the hub"),
        (404, "RevisionNotFound", "the repository has no such revision"),
        (403, "GatedRepo", "accept its terms on the hub, then set HF_TOKEN"),
        (400, "Other", "can't be downloaded"),
    ],
)
def test_the_hubs_refusals_are_told_apart(hub: type[Refusal], status: int, code: str, says: str) -> None:
    """Not there, not that revision, not allowed, not working: each with its own remedy."""
    hub.status, hub.code = status, code
    with pytest.raises(CheckpointError, match=f"model someone/other: {says}") as caught:
        find_checkpoint("someone/other")
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("cache", "offline")
@pytest.mark.parametrize("asked", ["a--b/c", "someone/x..y", "someone/-x"])
def test_a_malformed_id_is_said(asked: str) -> None:
    """What looks like an id and can't be one is refused in the same words."""
    with pytest.raises(CheckpointError, match=f"model {asked}: ") as caught:
        find_checkpoint(asked)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("offline")
def test_a_half_downloaded_repository_is_refused(cache: Path) -> None:
    """A snapshot without its weights is no checkpoint."""
    (cache / "snapshots" / COMMIT / "model.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        load_checkpoint(EngineSpec(model="someone/tiny-judge", device="cpu"))
