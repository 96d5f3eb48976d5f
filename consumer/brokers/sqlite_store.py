"""One connection to the embedded broker's file: its tables, its transactions, and what its errors mean to a person."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..errors import BrokerUnavailableError, ConsumerError, OperatorError

__all__ = ["IDS_PER_PARTITION", "Store"]

IDS_PER_PARTITION = 1 << 40
"""A record's id is its partition's id times this plus its offset: one range of the table for each partition."""

_APPLICATION_ID = 0x4D4C656E  # "MLen": tells our files from other programs'
_VERSION = 1
_SCHEMA = (
    """CREATE TABLE topics (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, max_message_bytes INTEGER NOT NULL, retention_ms INTEGER,
        compact INTEGER NOT NULL)""",
    """CREATE TABLE partitions (
        id INTEGER PRIMARY KEY, topic INTEGER NOT NULL, number INTEGER NOT NULL,
        begin_offset INTEGER NOT NULL DEFAULT 0, end_offset INTEGER NOT NULL DEFAULT 0,
        last_ms INTEGER NOT NULL DEFAULT 0, UNIQUE (topic, number))""",
    """CREATE TABLE records (
        id INTEGER PRIMARY KEY, timestamp_ms INTEGER NOT NULL, key BLOB, headers BLOB, value BLOB)""",
    # The newest record of each key, of compacted topics only.
    "CREATE TABLE newest (partition INTEGER, key BLOB, id INTEGER UNIQUE, PRIMARY KEY (partition, key)) WITHOUT ROWID",
    # A group's generation moves on whenever its members, or who holds what, change.
    """CREATE TABLE groups (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, topic INTEGER NOT NULL, generation INTEGER NOT NULL DEFAULT 0,
        UNIQUE (name, topic))""",
    # A member's generation is the group's of the last change to what it holds.
    """CREATE TABLE members (
        number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, group_id INTEGER NOT NULL,
        generation INTEGER NOT NULL, expires_ms INTEGER NOT NULL)""",
    # Who holds a partition, who shall hold it, and where the group goes on.
    """CREATE TABLE claims (
        group_id INTEGER, partition INTEGER, owner TEXT, target TEXT, committed INTEGER,
        PRIMARY KEY (group_id, partition)) WITHOUT ROWID""",
    "CREATE TABLE producers (id TEXT PRIMARY KEY, epoch INTEGER NOT NULL) WITHOUT ROWID",
    f"PRAGMA application_id = {_APPLICATION_ID}",
    f"PRAGMA user_version = {_VERSION}",
)
_LARGEST_WAL_BYTES = 64 * 1024 * 1024


class Store:
    """A connection that threads may share; what they do on it comes one after the other."""

    def __init__(self, path: Path, *, busy_seconds: float = 10.0) -> None:
        """Open the file, or make it.

        Raises:
            BrokerUnavailableError: the file is locked for longer than `busy_seconds`, or its disk is full.
            OperatorError: it can't be opened, or isn't an embedded broker's.
        """
        self._path, self._lock = path, threading.RLock()
        with self._translated():
            self._connection = sqlite3.connect(
                path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
            )
        try:
            self._prepare(busy_seconds)
        except BaseException:
            self._connection.close()
            raise
        self._seen = -1

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write: everything or nothing, and on the disk at the end."""
        with self._lock, self._translated():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):  # SQLite has rolled back by itself where it had to
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read. Leave no cursor open: it would keep the write-ahead log from being cut."""
        with self._lock, self._translated():
            yield self._connection

    def rows(self, query: str, *values: int | str) -> list[Any]:
        """All rows of a query."""
        with self.reading() as connection:
            return connection.execute(query, values).fetchall()

    def changed(self) -> bool:
        """Whether another connection, of any process, has written since the last call."""
        ((version,),) = self.rows("PRAGMA data_version")
        before, self._seen = self._seen, int(version)
        return before != self._seen

    def close(self) -> None:
        """Idempotent; never raises."""
        with self._lock, suppress(sqlite3.Error):
            self._connection.close()

    def _prepare(self, busy_seconds: float) -> None:
        with self._translated():
            self._recognize()
            self._log_ahead(busy_seconds)
            self._connection.execute("PRAGMA synchronous = FULL")  # acknowledged means: on the disk
            self._connection.execute(f"PRAGMA journal_size_limit = {_LARGEST_WAL_BYTES}")
        if self._recognize() == 0:
            with self.transaction() as connection:
                if self._recognize() == 0:  # nobody else was faster
                    for statement in _SCHEMA:
                        connection.execute(statement)

    def _recognize(self) -> int:
        """The version of our tables in the file, 0 where it is empty; another program's file is left as it is."""
        (application,) = self._connection.execute("PRAGMA application_id").fetchone()
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        (tables,) = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application != _APPLICATION_ID and (application or tables):
            raise OperatorError(f"{self._path} is another program's database; name another file in the broker's URL")
        if version not in {0, _VERSION}:
            raise OperatorError(
                f"{self._path} is of another version of memelens (tables {version}, ours {_VERSION}); "
                "use that version, or name another file"
            )
        return int(version)

    def _log_ahead(self, busy_seconds: float) -> None:
        """Readers don't wait for a writer, nor it for them. SQLite doesn't wait by itself for this change."""
        deadline = time.monotonic() + busy_seconds
        while True:
            try:
                (mode,) = self._connection.execute("PRAGMA journal_mode = WAL").fetchone()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                break
        if mode != "wal":
            raise OperatorError(f"{self._path} lies where SQLite can't share it; name a file on a local disk")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            translated = _translation(error, self._path)
            if translated is None:
                raise
            raise translated from error


def _translation(error: sqlite3.Error, path: Path) -> ConsumerError | None:
    """What to tell a person; None for what is a defect of ours."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _TRANSIENT:
        return BrokerUnavailableError(f"{path} {_TRANSIENT[code]}")
    return OperatorError(f"{path} {_LASTING[code]}") if code in _LASTING else None


_TRANSIENT = {
    sqlite3.SQLITE_FULL: "can't grow: its disk is full; make room there",
    sqlite3.SQLITE_IOERR: "can't be read or written: the disk refuses; look at its room, quota and health",
    sqlite3.SQLITE_BUSY: "is locked by another program for too long; end what holds it",
    sqlite3.SQLITE_LOCKED: "is locked by another program for too long; end what holds it",
}
_LASTING = {
    sqlite3.SQLITE_CANTOPEN: "can't be opened; its folder must exist, and both be writable for this user",
    sqlite3.SQLITE_PERM: "can't be opened; make it and its folder writable for this user",
    sqlite3.SQLITE_READONLY: "can't be written; make it and its folder writable for this user",
    sqlite3.SQLITE_NOTADB: "is no embedded broker's file; name another in the broker's URL",
    sqlite3.SQLITE_CORRUPT: "is damaged; restore a copy, or move it away and create the topics anew",
}
