"""The official archive of Kafka, downloaded once into `.cache/` and checked against its published SHA-512."""

import hashlib
import shutil
import tarfile
import tempfile
import urllib.request
from pathlib import Path

__all__ = ["KAFKA_VERSION", "download_kafka"]

KAFKA_VERSION = "4.3.1"
_NAME = f"kafka_2.13-{KAFKA_VERSION}"
_ARCHIVE = f"https://archive.apache.org/dist/kafka/{KAFKA_VERSION}/{_NAME}.tgz"
_CACHE = Path(__file__).parents[2] / ".cache"
_TIMEOUT_SECONDS = 30


def download_kafka(cache: Path = _CACHE, archive: str = _ARCHIVE) -> Path:
    """Folder of the unpacked archive; downloads it where it isn't there yet.

    Raises:
        OSError: it can't be downloaded, or what came isn't what was published.
    """
    home = cache / _NAME
    if home.is_dir():
        return home
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        file = Path(folder, "archive.tgz")
        _fetch(archive, file)
        if (found := _sha512(file)) != (published := _published_sha512(f"{archive}.sha512")):
            raise OSError(f"the SHA-512 of {archive} is {found}, and {published} is published")
        with tarfile.open(file) as content:
            content.extractall(folder, filter="data")
        # Whole or not at all: another test process may be downloading it too.
        if not home.is_dir():
            Path(folder, _NAME).rename(home)
    return home


def _fetch(url: str, file: Path) -> None:
    with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer, file.open("wb") as target:
        shutil.copyfileobj(answer, target, 2**20)


def _published_sha512(url: str) -> str:
    """The digest in a file of the form `name: 0123 4567 …`, over several lines."""
    with urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS) as answer:
        text: str = answer.read().decode()
    return "".join(text.rpartition(":")[2].split()).lower()


def _sha512(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha512").hexdigest()
