"""Fetching from a folder: what lies in it, and nothing else."""

import os
from pathlib import Path

import pytest
from tests.consumer.images.fetching import fetching, refusal
from tests.consumer.images.server import CONTENT

from memelens.consumer.errors import RetryLaterError
from memelens.consumer.images.rules import FetchingRules


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A root with a picture, a link inside, links outside, a pipe and a folder."""
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "a b.png").write_bytes(CONTENT)
    (tmp_path / "secret").write_bytes(b"secret")
    (root / "inside").symlink_to("sub/a b.png")
    (root / "outside").symlink_to(tmp_path / "secret")
    (root / "up").symlink_to(tmp_path)
    (root / "circle").symlink_to("circle")
    os.mkfifo(root / "pipe")
    return root


@pytest.mark.parametrize("uri", ["file:sub/a%20b.png", "file://ROOT/sub/a%20b.png", "file://localhostROOT/inside"])
def test_files_of_the_root_are_read(folder: Path, uri: str) -> None:
    """By absolute path, or by path in the root; a link that stays inside is fine."""
    with fetching(FetchingRules(file_root=folder)) as fetch:
        assert fetch(uri.replace("ROOT", str(folder))) == CONTENT


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("file:outside", "reference-forbidden"),
        ("file:up/secret", "reference-forbidden"),
        ("file:../secret", "reference-forbidden"),
        ("file:sub/%2e%2e/%2e%2e/secret", "reference-forbidden"),
        ("file:///etc/hostname", "reference-forbidden"),
        ("file://server/share", "reference-forbidden"),
        ("file:circle", "reference-forbidden"),
        ("file:a%00b", "reference-forbidden"),
        ("file:%ff", "reference-forbidden"),
        ("file:pipe", "reference-forbidden"),
        ("file:inside#more", "reference-forbidden"),
        ("file:inside?more", "reference-forbidden"),
        ("file:sub", "reference-forbidden"),
        ("file:none.png", "gone"),
        ("file:sub/a%20b.png/more", "gone"),
        ("file:" + "x" * 300, "gone"),
    ],
)
def test_nothing_outside_the_root_is_read(folder: Path, uri: str, kind: str) -> None:
    """Links, dots in any spelling, other roots, pipes and folders, and names that would be cut at a `#` or `?`."""
    with fetching(FetchingRules(file_root=folder)) as fetch:
        assert refusal(fetch, uri).kind == kind


def test_a_file_over_the_cap_is_refused(folder: Path) -> None:
    """The cap holds for files, too."""
    with fetching(FetchingRules(file_root=folder, max_bytes=3)) as fetch:
        assert refusal(fetch, "file:inside").kind == "too-large"


def test_a_missing_root_is_waited_for(folder: Path) -> None:
    """A volume that isn't mounted makes posts wait; it doesn't make them dead letters."""
    with (
        fetching(FetchingRules(file_root=folder / "unmounted")) as fetch,
        pytest.raises(RetryLaterError, match="unmounted"),
    ):
        fetch("file:inside")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file whose reading fails (Linux)")
def test_a_file_that_can_not_be_read_now_is_waited_for() -> None:
    """A failing disk or network folder is our trouble: the post waits, it is no dead letter."""
    with fetching(FetchingRules(file_root=Path("/proc/self"))) as fetch, pytest.raises(RetryLaterError, match="error"):
        fetch("file:mem")
