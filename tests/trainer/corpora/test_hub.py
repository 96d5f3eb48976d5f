"""Datasets on the hub: its cache layout without a network, a loopback hub that serves or refuses as the hub does."""

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from huggingface_hub import constants
from tests.trainer.corpora.invented import toxic_memes_ru as invented
from tests.trainer.corpora.reading import read

from memelens.trainer.corpora.hub import download
from memelens.trainer.errors import SourcesError

TOXIC = "toxic_ru__Toxic_Memes_Detection_Dataset"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub's cache with one dataset: refs, snapshots, and files that are links to blobs."""
    repository = tmp_path / "hub" / "datasets--someone--zorblaxians"
    invented.write(tmp_path / "files")
    (repository / "blobs").mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT, encoding="ascii")
    for number, path in enumerate(sorted((tmp_path / "files").rglob("*.parquet"))):
        blob = repository / "blobs" / str(number)
        path.rename(blob)
        link = repository / "snapshots" / COMMIT / path.relative_to(tmp_path / "files")
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(blob)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return repository


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with HF_HUB_OFFLINE=1."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


class Refusal(BaseHTTPRequestHandler):
    """A hub that has one dataset with these files, or none: then every question has one status and error code."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "RepoNotFound"
    files: ClassVar[Mapping[str, bytes]] = {}
    served: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """Refuse, or serve the dataset's commit, its tree and its files."""
        path = self.path.split("?")[0].removeprefix("/api").removeprefix("/datasets/someone/zorblaxians/")
        if not self.files:
            self._answer(self.status, b"", {"X-Error-Code": self.code, "X-Error-Message": "no"})
        elif path == "revision/main":
            self._answer(200, json.dumps({"id": "someone/zorblaxians", "sha": COMMIT}).encode())
        elif path == f"tree/{COMMIT}":
            tree = [{"type": "file", "path": name, "size": len(data), "oid": name} for name, data in self.files.items()]
            self._answer(200, json.dumps(tree).encode())
        else:
            name = path.removeprefix(f"resolve/{COMMIT}/")
            self._answer(200, self.files[name], {"ETag": f'"{name.replace("/", "-")}"', "X-Repo-Commit": COMMIT})
            if self.command == "GET":
                self.served.append(name)

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815  the server looks for this name

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Refusal]]:
    """A hub on loopback, whose answer a test chooses."""
    handler = type("Chosen", (Refusal,), {"served": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(
            target=server.serve_forever, args=(0.01,)
        )  # seconds until it sees that it should stop
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setattr(constants, "ENDPOINT", address)
        template = f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 2)
        yield handler
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("cache", "offline")
@pytest.mark.parametrize("revision", [None, "main", COMMIT])
def test_a_cached_dataset_is_read_without_a_network(revision: str | None) -> None:
    """Whichever name it was asked by; links to blobs are files like others."""
    folder = download("someone/zorblaxians", revision)
    assert folder.name == COMMIT
    records, read_folder, _ = read("toxic_memes_ru", folder)
    assert read_folder.problems == []
    assert len(records) == 4


@pytest.mark.usefixtures("cache", "offline")
@pytest.mark.parametrize(("repository", "revision"), [("someone/other", None), ("someone/zorblaxians", "v2")])
def test_what_is_not_cached_needs_the_network(repository: str, revision: str | None) -> None:
    """The dataset and the remedy are named."""
    asked = f"dataset {repository}@{revision}" if revision else f"dataset {repository}"
    with pytest.raises(SourcesError, match=f"{asked}: can't be downloaded .*check the network"):
        download(repository, revision)


@pytest.mark.usefixtures("cache")
def test_a_hub_that_cannot_be_reached_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed port is what a firewall looks like; what is cached is served all the same."""
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(SourcesError, match="dataset someone/other: can't be downloaded") as caught:
        download("someone/other", None)
    assert "\n" not in str(caught.value)
    assert download("someone/zorblaxians", None).name == COMMIT


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (404, "RepoNotFound", "there is no such dataset on the hub"),
        (401, "RepoNotFound", "there is no such dataset on the hub"),
        (404, "RevisionNotFound", "the repository has no such revision"),
        (403, "GatedRepo", "accept its terms on the hub, then set HF_TOKEN"),
        (400, "Other", "can't be downloaded"),
    ],
)
def test_the_hubs_refusals_are_told_apart(hub: type[Refusal], status: int, code: str, says: str) -> None:
    """Not there, not that revision, not allowed, not working: each with its own remedy."""
    hub.status, hub.code = status, code
    with pytest.raises(SourcesError, match=f"dataset someone/other@v1: {says}") as caught:
        download("someone/other", "v1")
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("cache", "offline")
@pytest.mark.parametrize("repository", ["a--b/c", "someone/x..y", "someone/-x", "someone", ""])
def test_a_malformed_id_is_said(repository: str) -> None:
    """What can't be an id is refused in the same words."""
    with pytest.raises(SourcesError, match=f"dataset {repository}: "):
        download(repository, None)


def test_only_wanted_pairs_are_fetched_and_each_file_once(
    hub: type[Refusal], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Their folders alone, parquet alone; what is there already isn't fetched again."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    invented.write(tmp_path / "files")
    (tmp_path / "files" / TOXIC / "notes.txt").write_text("Zorblax", encoding="utf-8")
    hub.files = {path.relative_to(tmp_path / "files").as_posix(): path.read_bytes() for path in _under(tmp_path)}
    for _ in range(2):
        folder = download("someone/zorblaxians", None, {TOXIC})
    assert {path.parent.name for path in folder.rglob("*.*")} == {TOXIC}
    assert len(hub.served) == 3
    assert {path.rsplit("/", 1)[1].split("-")[0] for path in hub.served} == {"train", "validation", "test"}
    download("someone/zorblaxians", "main")
    assert len(hub.served) == 6
    assert not any(path.endswith(".txt") for path in hub.served)
    assert len(read("toxic_memes_ru", folder)[0]) == 4


def _under(folder: Path) -> list[Path]:
    return [path for path in (folder / "files").rglob("*") if path.is_file()]
