"""Writing to the embedded broker: records alone, and records with offsets."""

from collections.abc import Mapping, Sequence

from ..clock import Clock
from ..errors import BrokerUnavailableError, FencedError, UnknownOutcomeError
from .interface import GroupSnapshot, OutputRecord, Partition
from .sqlite_groups import commit_offsets
from .sqlite_log import LogWriter
from .sqlite_store import Store

__all__ = ["SqlitePublisher", "SqliteTransactionalPublisher"]


class SqlitePublisher:
    """`Publisher` on a connection of its own; each call is one transaction."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._log = store, LogWriter(store, clock)

    def publish(self, records: Sequence[OutputRecord]) -> None:
        placed = self._log.placed(records)
        with self._store.transaction() as connection:
            self._log.append(connection, placed)

    def close(self) -> None:
        self._store.close()


class SqliteTransactionalPublisher:
    """`TransactionalPublisher` on a connection of its own. A newer one of the same id has a higher epoch."""

    def __init__(self, store: Store, transactional_id: str, clock: Clock) -> None:
        self._store, self._id, self._log = store, transactional_id, LogWriter(store, clock)
        self._epoch = self._next_epoch()

    def publish(
        self, records: Sequence[OutputRecord], offsets: Mapping[Partition, int], snapshot: GroupSnapshot
    ) -> None:
        try:
            placed = self._log.placed(records)
            with self._store.transaction() as connection:
                (epoch,) = connection.execute("SELECT epoch FROM producers WHERE id = ?", (self._id,)).fetchone()
                if epoch != self._epoch:
                    raise FencedError(
                        f"another process writes as {self._id!r}; give each process of the group its own ordinal"
                    )
                commit_offsets(connection, offsets, snapshot)
                self._log.append(connection, placed)
        except BrokerUnavailableError as error:
            raise UnknownOutcomeError(str(error)) from error

    def reset(self) -> None:
        self._epoch = self._next_epoch()

    def close(self) -> None:
        self._store.close()

    def _next_epoch(self) -> int:
        with self._store.transaction() as connection:
            query = "INSERT INTO producers (id, epoch) VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET epoch = epoch + 1"
            connection.execute(query, (self._id,))
            (epoch,) = connection.execute("SELECT epoch FROM producers WHERE id = ?", (self._id,)).fetchone()
        return int(epoch)
