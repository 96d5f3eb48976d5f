"""The store of fingerprints: kept through crashes, never in the way."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.disks import as_nobody, full_disk, open_folder

from memelens.trainer.corpus.pictures import fingerprint_store
from memelens.trainer.corpus.pictures.fingerprint_store import FingerprintStore, Stamp
from memelens.trainer.corpus.pictures.fingerprints import Fingerprint
from memelens.trainer.errors import StorageError

ONE = Fingerprint("ab" * 32, bytes(range(32)), 640, 480, "JPEG", 100_000)
FLAT = replace(ONE, perceptual_hash=None, format="PNG")
STAMP = Stamp("harmeme", "images/one.jpg", 100_000, 1_700_000_000_123_456_789)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the store lies."""
    return tmp_path / "fingerprints.sqlite"


def keep(file: Path, *found: tuple[Stamp, Fingerprint]) -> None:
    """Open a store, put, close."""
    with FingerprintStore(file) as store:
        assert store.notes == []
        store.put(found)


def test_what_was_put_is_there_the_next_time(file: Path) -> None:
    """Each under its source and path, a picture without a hash and a name that isn't Unicode too."""
    odd = replace(STAMP, path=os.fsdecode(b"images/\xff\xfe.jpg"))
    keep(file, (STAMP, ONE), (odd, FLAT))
    with FingerprintStore(file) as store:
        assert (store.get(STAMP), store.get(odd)) == (ONE, FLAT)
        assert store.get(replace(STAMP, source="mami")) is None
        assert store.get(replace(STAMP, path="images/two.jpg")) is None


@pytest.mark.parametrize(
    "changed",
    [replace(STAMP, size_bytes=99_999), replace(STAMP, modified_ns=STAMP.modified_ns + 1)],
    ids=["size", "time"],
)
def test_a_file_that_changed_is_unknown(file: Path, changed: Stamp) -> None:
    """Its fingerprint takes the old one's place."""
    keep(file, (STAMP, ONE))
    with FingerprintStore(file) as store:
        assert store.get(changed) is None
        store.put([(changed, FLAT)])
        assert store.get(changed) == FLAT
        assert store.get(STAMP) is None


def put_and_die(file: Path) -> None:
    """Put a fingerprint from a program that is killed at once."""
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from memelens.trainer.corpus.pictures.fingerprint_store import FingerprintStore, Stamp\n"
        "from memelens.trainer.corpus.pictures.fingerprints import Fingerprint\n"
        f"store = FingerprintStore(Path(sys.argv[1])); store.put([({STAMP!r}, {ONE!r})])\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], check=False)
    assert done.returncode == -signal.SIGKILL


def test_what_was_put_survives_a_kill(file: Path) -> None:
    """Nothing has to be closed first."""
    put_and_die(file)
    with FingerprintStore(file) as store:
        assert store.get(STAMP) == ONE


# Files that are no store


def spoiled(file: Path) -> None:
    """Garbage in the middle of a store."""
    keep(file, *((replace(STAMP, path=f"{number}"), ONE) for number in range(500)))
    with file.open("r+b") as opened:
        opened.seek(8192)
        opened.write(os.urandom(20_000))


def cut(file: Path) -> None:
    """A store that was copied by half."""
    spoiled(file)
    os.truncate(file, 10_000)


def shopping_list(file: Path) -> None:
    """Text."""
    file.write_bytes(b"This is a shopping list." * 100)


def teapots(file: Path) -> None:
    """Another program's database, with what it wrote last still in its log."""
    code = (
        "import os, sqlite3, sys; one = sqlite3.connect(sys.argv[1]); one.execute('PRAGMA journal_mode = WAL')\n"
        "one.execute('CREATE TABLE teapots (name TEXT)'); one.commit(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, str(file)], check=True)


def made_differently(file: Path) -> None:
    """A store of a version that took fingerprints in another way."""
    keep(file, (STAMP, ONE))
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE method SET name = 'by eye'")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (spoiled, "damaged"),
        (cut, "damaged"),
        (shopping_list, "no database"),
        (teapots, "another program's"),
        (made_differently, "in another way (by eye)"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_no_store_is_set_aside(file: Path, make: Callable[[Path], None], reason: str) -> None:
    """A new one takes its place, one sentence names both files, and nothing is deleted."""
    make(file)
    with FingerprintStore(file) as store:
        assert store.get(STAMP) is None
        (note,) = store.notes
        assert str(file) in note
        assert reason in note
        assert "fingerprints.sqlite.set-aside" in note
        store.put([(STAMP, ONE)])
    assert file.with_name("fingerprints.sqlite.set-aside").stat().st_size > 0
    with FingerprintStore(file) as store:
        assert (store.get(STAMP), store.notes) == (ONE, [])


def test_another_programs_database_is_whole_where_it_was_set_aside(file: Path) -> None:
    """With its log."""
    teapots(file)
    FingerprintStore(file).close()
    with closing(sqlite3.connect(file.with_name("fingerprints.sqlite.set-aside"))) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("teapots",)]


def test_an_empty_file_is_a_new_store(file: Path) -> None:
    """As a crash between two system calls leaves it."""
    file.touch()
    keep(file, (STAMP, ONE))


# Disks


def test_a_full_disk_is_told(file: Path) -> None:
    """The error names the file and the remedy; what was there stays, and with room again it goes on."""
    keep(file, (STAMP, ONE))
    with FingerprintStore(file) as store:
        with full_disk(), pytest.raises(StorageError, match=r"fingerprints\.sqlite.*make room"):
            store.put((replace(STAMP, path=f"{number:0300}"), ONE) for number in range(5000))
        assert store.get(STAMP) == ONE
        assert store.get(replace(STAMP, path=f"{0:0300}")) is None
        store.put([(replace(STAMP, path="two"), ONE)])


def test_a_file_that_may_not_be_written_is_told(unprivileged: Path) -> None:
    """At the latest when something is put; it is known what to do."""
    file = unprivileged / "fingerprints.sqlite"
    keep(file, (STAMP, ONE))
    file.chmod(0o444)
    with as_nobody(), pytest.raises(StorageError, match=r"fingerprints\.sqlite.*writable for this user"):
        keep(file, (STAMP, FLAT))


def test_a_folder_that_may_not_be_written_is_told(unprivileged: Path) -> None:
    """Nor can a file that is no store be moved there."""
    for make in (shopping_list, Path.unlink):
        file = unprivileged / "fingerprints.sqlite"
        make(file)
        unprivileged.chmod(0o555)
        with as_nobody(), pytest.raises(StorageError, match=r"fingerprints\.sqlite.*writable for this user"):
            FingerprintStore(file)
        unprivileged.chmod(0o777)


@pytest.mark.parametrize("name", ["missing/fingerprints.sqlite", "."])
def test_a_place_where_no_file_can_be_is_told(tmp_path: Path, name: str) -> None:
    """A missing folder, a folder in the file's place."""
    with pytest.raises(StorageError, match="unable to open"):
        FingerprintStore(tmp_path / name)


def test_another_build_at_work_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After waiting for it for a while."""
    monkeypatch.setattr(fingerprint_store, "_PATIENCE_SECONDS", 0.05)
    with FingerprintStore(file) as store, closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="wait until the other build ends"):
            store.put([(STAMP, ONE)])


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder that a user without rights can get at (a test's own lies in root's, where root runs it)."""
    with open_folder() as folder:
        yield folder
