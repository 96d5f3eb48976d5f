"""Downloading Kafka, from an archive of our own on this machine."""

import hashlib
import tarfile
from pathlib import Path

import pytest

from .kafka_archive import KAFKA_VERSION, download_kafka

NAME = f"kafka_2.13-{KAFKA_VERSION}"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive with a script in it, and beside it its digest as the project publishes it: in groups, over lines."""
    script = tmp_path / NAME / "bin" / "kafka-server-start.sh"
    script.parent.mkdir(parents=True)
    script.write_text("exec true", encoding="utf-8")
    made = tmp_path / f"{NAME}.tgz"
    with tarfile.open(made, "w:gz") as content:
        content.add(tmp_path / NAME, NAME)
    digest = hashlib.sha512(made.read_bytes()).hexdigest().upper()
    groups = [digest[start : start + 8] for start in range(0, len(digest), 8)]
    lines = f"{NAME}.tgz: {' '.join(groups[:8])}\n  {' '.join(groups[8:])}\n"
    (tmp_path / f"{NAME}.tgz.sha512").write_text(lines, encoding="utf-8")
    return made


def test_what_was_published_is_unpacked_once(archive: Path, tmp_path: Path) -> None:
    """The second time nothing is downloaded."""
    home = download_kafka(tmp_path / "cache", archive.as_uri())
    assert (home / "bin/kafka-server-start.sh").read_text(encoding="utf-8") == "exec true"
    archive.unlink()
    assert download_kafka(tmp_path / "cache", archive.as_uri()) == home


def test_what_was_not_published_is_refused(archive: Path, tmp_path: Path) -> None:
    """A wrong checksum names both, and nothing is left to be taken for Kafka the next time."""
    archive.write_bytes(archive.read_bytes() + b"more")
    for _ in range(2):
        with pytest.raises(OSError, match="SHA-512"):
            download_kafka(tmp_path / "cache", archive.as_uri())
    assert list((tmp_path / "cache").iterdir()) == []
