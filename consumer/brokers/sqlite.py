"""The embedded broker: the whole contract on one SQLite file, shared by the threads and processes of one machine."""

import heapq
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from ..clock import Clock, SystemClock
from .interface import Record, Revocation, StartAt, TopicDescription, TopicSpec
from .sqlite_log import Topic, find_topic, offset_at, read_all, spans
from .sqlite_publishing import SqlitePublisher, SqliteTransactionalPublisher
from .sqlite_store import Store
from .sqlite_subscription import SqliteSubscription

__all__ = ["SqliteBroker"]

_SCHEME = "sqlite:///"
_LOOK_SECONDS = 0.01
_LARGEST_RECORD_BYTES = 1024 * 1024


class SqliteBroker:
    """`Broker` on a file: `sqlite:///relative/path`, `sqlite:////absolute/path`."""

    def __init__(self, url: str, *, session_seconds: float = 15.0, clock: Clock | None = None) -> None:
        """`session_seconds` is after which a silent member's partitions go to another."""
        self.url = url
        self._path = Path(url.removeprefix(_SCHEME))
        self._session_seconds, self._clock = session_seconds, clock or SystemClock()
        self._lock = threading.Lock()
        self._store: Store | None = None

    def check(self, timeout_seconds: float) -> None:
        with closing(Store(self._path, busy_seconds=timeout_seconds)) as store, store.transaction() as connection:
            # Only what writes finds out that the file can't be written: such a transaction is silently a reading one.
            connection.execute("DELETE FROM topics WHERE false")

    def subscribe(self, topic: str, group: str, *, start_at: StartAt, on_revoked: Revocation) -> SqliteSubscription:
        return SqliteSubscription(
            Store(self._path),
            topic,
            group,
            start_at=start_at,
            on_revoked=on_revoked,
            clock=self._clock,
            session_seconds=self._session_seconds,
        )

    def publisher(self) -> SqlitePublisher:
        return SqlitePublisher(Store(self._path), self._clock)

    def transactional_publisher(self, transactional_id: str) -> SqliteTransactionalPublisher:
        return SqliteTransactionalPublisher(Store(self._path), transactional_id, self._clock)

    def read(self, topic: str, *, start: Mapping[int, int] | None = None, stop_at_end: bool = True) -> Iterator[Record]:
        """As `Broker.read`; records of different partitions come in the order of their time."""
        found = find_topic(self._shared(), topic)
        retained = spans(self._shared(), found)
        wanted = {one: (start or {}).get(index, retained[one].start) for index, one in enumerate(found.ids)}
        if not stop_at_end:
            return self._read_for_ever(found, wanted)
        return self._read_once(found, {one: range(begin, retained[one].stop) for one, begin in wanted.items()})

    def offsets_at(self, topic: str, timestamp_ms: int) -> Mapping[int, int]:
        store = self._shared()
        found = find_topic(store, topic)
        retained = spans(store, found)
        return {index: offset_at(store, one, retained[one], timestamp_ms) for index, one in enumerate(found.ids)}

    def describe_topics(self, names: Iterable[str]) -> Mapping[str, TopicDescription | None]:
        query = (
            "SELECT name, count(*), 1, max_message_bytes, sum(end_offset - begin_offset) "
            "FROM topics JOIN partitions ON topic = topics.id WHERE name = ? GROUP BY topics.id"
        )
        rows = {name: self._shared().rows(query, name) for name in names}
        return {name: TopicDescription(*found[0]) if found else None for name, found in rows.items()}

    def create_topics(self, specs: Iterable[TopicSpec]) -> Sequence[str]:
        created = []
        query = "INSERT OR IGNORE INTO topics (name, max_message_bytes, retention_ms, compact) VALUES (?, ?, ?, ?)"
        with self._shared().transaction() as connection:
            for spec in specs:
                most_bytes = spec.max_message_bytes or _LARGEST_RECORD_BYTES
                made = connection.execute(query, (spec.name, most_bytes, spec.retention_ms, spec.compact))
                if made.rowcount:
                    rows = [(made.lastrowid, number) for number in range(spec.partitions)]
                    connection.executemany("INSERT INTO partitions (topic, number) VALUES (?, ?)", rows)
                    created.append(spec.name)
        return created

    def close(self) -> None:
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    def _shared(self) -> Store:
        """The connection of what has none of its own."""
        with self._lock:
            if self._store is None:
                self._store = Store(self._path)
            return self._store

    def _read_once(self, topic: Topic, wanted: Mapping[int, range]) -> Iterator[Record]:
        with closing(Store(self._path)) as store:
            yield from _merged(store, topic, wanted)

    def _read_for_ever(self, topic: Topic, begins: Mapping[int, int]) -> Iterator[Record]:
        never = threading.Event()
        with closing(Store(self._path)) as store:
            while True:
                store.changed()
                wanted = {one: range(begins[one], span.stop) for one, span in spans(store, topic).items()}
                yield from _merged(store, topic, wanted)
                begins = {one: max(offsets.start, offsets.stop) for one, offsets in wanted.items()}
                while not store.changed():
                    self._clock.wait(never, _LOOK_SECONDS)


def _merged(store: Store, topic: Topic, wanted: Mapping[int, range]) -> Iterator[Record]:
    """Records of all partitions, in the order of their time."""
    return heapq.merge(*[read_all(store, topic, one, offsets) for one, offsets in wanted.items()], key=_time)


def _time(record: Record) -> int:
    return record.timestamp_ms
