"""What is known of pictures, kept in a file: an interrupted build goes on, the next one looks at none of them again."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Self

from ...errors import StorageError
from .fingerprints import METHOD, Fingerprint

__all__ = ["FingerprintStore", "Stamp"]

_APPLICATION_ID = 0x4D4C6670  # "MLfp": tells our files from other programs'
_SCHEMA = (
    "CREATE TABLE method (name TEXT)",
    """CREATE TABLE fingerprints (
        source TEXT, path BLOB, size_on_disk INTEGER, modified_ns INTEGER,
        sha256 TEXT, perceptual_hash BLOB, width INTEGER, height INTEGER, format TEXT, size_bytes INTEGER,
        PRIMARY KEY (source, path)) WITHOUT ROWID""",
    f"PRAGMA application_id = {_APPLICATION_ID}",
)
_FIND = """SELECT sha256, perceptual_hash, width, height, format, size_bytes FROM fingerprints
    WHERE source = ? AND path = ? AND size_on_disk = ? AND modified_ns = ?"""
_KEEP = "INSERT OR REPLACE INTO fingerprints VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PATIENCE_SECONDS = 10.0  # for another program's lock
_DAMAGES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_NOT_ALLOWED = "make it and its folder writable for this user"
_REMEDIES = {
    sqlite3.SQLITE_FULL: "make room on its disk and run again",
    sqlite3.SQLITE_IOERR: "make room on its disk, or see whether the disk is sound, and run again",
    sqlite3.SQLITE_BUSY: "wait until the other build ends",
    sqlite3.SQLITE_READONLY: _NOT_ALLOWED,
    sqlite3.SQLITE_CANTOPEN: _NOT_ALLOWED,
    sqlite3.SQLITE_PERM: _NOT_ALLOWED,
}


@dataclass(frozen=True, slots=True)
class Stamp:
    """A source's file as it was when it was looked at; with another size or time it is another file."""

    source: str
    path: str
    size_bytes: int
    modified_ns: int


class FingerprintStore:
    """A SQLite file of fingerprints, for one thread; what was put is there after a crash of the program.

    A file that is damaged, another program's, or made in another way (`METHOD`) is moved to `<name>.set-aside` and a
    new one begun; `notes` says so.

    Raises:
        StorageError: from every method, where the disk is full or the file can't be opened or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: list[str] = []
        with self._translated():
            if objection := self._objection():
                self._set_aside(objection)
            self._connection = self._connect()
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, stamp: Stamp) -> Fingerprint | None:
        """What is known of a file; None where nothing is, or the file has changed since."""
        with self._translated():
            found = self._connection.execute(_FIND, _key(stamp)).fetchone()
        return None if found is None else Fingerprint(*found)

    def put(self, found: Iterable[tuple[Stamp, Fingerprint]]) -> None:
        """Keep fingerprints, all of them or none."""
        rows = [(*_key(stamp), *astuple(fingerprint)) for stamp, fingerprint in found]
        with self._translated(), self._connection:
            self._connection.executemany(_KEEP, rows)

    def close(self) -> None:
        """Idempotent."""
        with self._translated():
            self._connection.close()

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=_PATIENCE_SECONDS)

    def _objection(self) -> str | None:
        """What speaks against using the file that lies there."""
        connection = self._connect()
        try:
            return _objection(connection)
        except sqlite3.DatabaseError as error:
            if _code(error) not in _DAMAGES:
                raise
            return "was damaged, or no database"
        finally:
            connection.close()

    def _set_aside(self, objection: str) -> None:
        aside = self.path.with_name(f"{self.path.name}.set-aside")
        for log in ("", "-wal", "-shm"):  # SQLite would read the old file's log into the new one
            part = self.path.with_name(self.path.name + log)
            if part.exists():
                part.replace(aside.with_name(aside.name + log))
        self.notes.append(f"{self.path} {objection}: it lies in {aside.name} now, and every picture is looked at again")

    def _prepare(self) -> None:
        """Log ahead, and make the tables where there are none."""
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")  # a power cut may cost the last ones, never the file
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            if _tables(self._connection) == 0:
                for statement in _SCHEMA:
                    self._connection.execute(statement)
                self._connection.execute("INSERT INTO method VALUES (?)", (METHOD,))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            remedy = _REMEDIES.get(_code(error), "delete it: it is made again")
            raise StorageError(f"{self.path}: {error}; {remedy}") from error
        except OSError as error:
            raise StorageError(f"{self.path}: can't be moved aside ({error.strerror}); {_NOT_ALLOWED}") from error


def _key(stamp: Stamp) -> tuple[str, bytes, int, int]:
    return stamp.source, os.fsencode(stamp.path), stamp.size_bytes, stamp.modified_ns  # not every name is Unicode


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary code."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _tables(connection: sqlite3.Connection) -> int:
    (count,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    return int(count)


def _objection(connection: sqlite3.Connection) -> str | None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != _APPLICATION_ID:
        return "was another program's" if application or _tables(connection) else None
    (method,) = connection.execute("SELECT name FROM method").fetchone()
    if method != METHOD:
        return f"was made in another way ({method})"
    (sound,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    return None if sound == "ok" else "was damaged"
