"""Topics, partitions and records of the embedded broker: appending, reading, and what is removed."""

import itertools
import random
import sqlite3
import struct
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..clock import Clock
from ..errors import OperatorError, PoisonError
from .interface import Headers, OutputRecord, Partition, Record
from .sqlite_store import IDS_PER_PARTITION, Store

__all__ = ["PAGE_BYTES", "LogWriter", "Topic", "fetch", "find_topic", "offset_at", "read_all", "spans"]

PAGE_BYTES = 32 * 1024 * 1024
"""A page of records ends with the one that reaches this."""

_LENGTHS = struct.Struct(">II")
_PAGE_RECORDS = 500
_TIDIED_AT_LEAST = 1000
_Row = tuple[int, int, bytes | None, bytes | None, bytes | None]
"""Id, timestamp, key, headers and value."""
_INSERT = "INSERT INTO records (id, timestamp_ms, key, headers, value) VALUES (?, ?, ?, ?, ?)"
_FETCH = "SELECT id, timestamp_ms, key, headers, value FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"


@dataclass(frozen=True)
class Topic:
    """A topic as it was created; `ids` are its partitions', by index."""

    name: str
    max_message_bytes: int
    retention_ms: int | None
    compact: bool
    ids: tuple[int, ...]

    @cached_property
    def partitions(self) -> Mapping[int, Partition]:
        """Partitions by id."""
        return {one: Partition(self.name, index) for index, one in enumerate(self.ids)}


def find_topic(store: Store, name: str) -> Topic:
    """Look a topic up.

    Raises:
        OperatorError: there is none of this name.
    """
    rows = store.rows(
        "SELECT max_message_bytes, retention_ms, compact, partitions.id FROM topics JOIN partitions "
        "ON topic = topics.id WHERE name = ? ORDER BY number",
        name,
    )
    if not rows:
        raise OperatorError(f"there is no topic {name!r}; create it with `memelens topics create`")
    most_bytes, retention_ms, compact, _ = rows[0]
    return Topic(name, most_bytes, retention_ms, bool(compact), tuple(row[3] for row in rows))


def spans(store: Store, topic: Topic) -> Mapping[int, range]:
    """Offsets from the first retained one to the end, by partition id."""
    marks = ", ".join("?" * len(topic.ids))
    query = f"SELECT id, begin_offset, end_offset FROM partitions WHERE id IN ({marks})"  # noqa: S608 - only marks
    return {one: range(begin, end) for one, begin, end in store.rows(query, *topic.ids)}


def fetch(store: Store, topic: Topic, partition: int, offsets: range, max_records: int) -> list[Record]:
    """Records of a partition (by id): so many at most, or a page."""
    base, where = partition * IDS_PER_PARTITION, topic.partitions[partition]
    records: list[Record] = []
    size = 0
    with store.reading() as connection:
        cursor = connection.execute(_FETCH, (base + offsets.start, base + offsets.stop, max_records))
        for number, timestamp_ms, key, headers, value in cursor:
            record = Record(where, number - base, key, value, _unpacked(headers), timestamp_ms)
            records.append(record)
            size += record.size_bytes
            if size >= PAGE_BYTES:
                break
        cursor.close()
    return records


def read_all(store: Store, topic: Topic, partition: int, offsets: range) -> Iterator[Record]:
    """All records at these offsets of a partition, a page at a time."""
    while page := fetch(store, topic, partition, offsets, _PAGE_RECORDS):
        yield from page
        offsets = range(page[-1].offset + 1, offsets.stop)


def offset_at(store: Store, partition: int, span: range, timestamp_ms: int) -> int:
    """First offset at or after a time; the end where there is none. Times never run backwards within a partition."""
    base = partition * IDS_PER_PARTITION
    query = "SELECT id, timestamp_ms FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT 1"

    def following(offset: int) -> tuple[int, int] | None:
        return next(iter(store.rows(query, base + offset, base + span.stop)), None)

    def is_late(offset: int) -> bool:
        found = following(offset)
        return found is None or found[1] >= timestamp_ms

    found = following(span.start + bisect_left(span, True, key=is_late))
    return found[0] - base if found else span.stop


class LogWriter:
    """Appends records. One thread at a time."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._topics: dict[str, Topic] = {}
        self._turns = itertools.count(random.randrange(1 << 16))

    def placed(self, records: Iterable[OutputRecord]) -> Mapping[tuple[str, int], list[OutputRecord]]:
        """Records by topic and partition id, in their order.

        Raises:
            PoisonError: one is too large for its topic.
            OperatorError: a topic is missing, or compacted and the record has no key.
        """
        places: dict[tuple[str, int], list[OutputRecord]] = {}
        for record in records:
            topic = self._topic(record.topic)
            _require_fitting(record, topic)
            turn = next(self._turns) if record.key is None else zlib.crc32(record.key)
            places.setdefault((topic.name, topic.ids[turn % len(topic.ids)]), []).append(record)
        return places

    def append(self, connection: sqlite3.Connection, placed: Mapping[tuple[str, int], list[OutputRecord]]) -> None:
        """Write within a transaction, and remove what is no longer retained of the same partitions."""
        now_ms = round(self._clock.time() * 1000)
        for (name, partition), records in placed.items():
            topic = self._topic(name)
            _append(connection, topic, partition, records, now_ms)
            if topic.retention_ms is not None:
                _expire(connection, partition, now_ms - topic.retention_ms, 2 * len(records) + _TIDIED_AT_LEAST)

    def _topic(self, name: str) -> Topic:
        if name not in self._topics:
            self._topics[name] = find_topic(self._store, name)
        return self._topics[name]


def _require_fitting(record: OutputRecord, topic: Topic) -> None:
    headers = sum([len(name) + len(value) for name, value in record.headers])
    size = len(record.key or b"") + len(record.value or b"") + headers
    if size > topic.max_message_bytes:
        reason = f"a record of {size} bytes is too large for {topic.name}, which takes {topic.max_message_bytes}"
        raise PoisonError("output-too-large", reason)
    if topic.compact and record.key is None:
        raise OperatorError(f"{topic.name} is compacted, so its records need keys; write keyless ones to another topic")


def _append(
    connection: sqlite3.Connection, topic: Topic, partition: int, records: Sequence[OutputRecord], now_ms: int
) -> None:
    query = "SELECT end_offset, last_ms FROM partitions WHERE id = ?"
    end, last_ms = connection.execute(query, (partition,)).fetchone()
    stamp, first = max(now_ms, last_ms), partition * IDS_PER_PARTITION + end
    rows = [(first + place, stamp, one.key, _packed(one.headers), one.value) for place, one in enumerate(records)]
    connection.executemany(_INSERT, _compacted(connection, partition, rows) if topic.compact else rows)
    query = "UPDATE partitions SET end_offset = end_offset + ?, last_ms = ? WHERE id = ?"
    connection.execute(query, (len(records), stamp, partition))


def _compacted(connection: sqlite3.Connection, partition: int, rows: Sequence[_Row]) -> Iterable[_Row]:
    """The last of these rows for each key; what was stored before under the same keys goes."""
    last = {row[2]: row for row in rows}
    keys = [(partition, key) for key in last]
    connection.executemany(
        "DELETE FROM records WHERE id = (SELECT id FROM newest WHERE partition = ? AND key = ?)", keys
    )
    newest = [(partition, key, row[0]) for key, row in last.items()]
    connection.executemany("INSERT OR REPLACE INTO newest (partition, key, id) VALUES (?, ?, ?)", newest)
    return last.values()


def _expire(connection: sqlite3.Connection, partition: int, cutoff_ms: int, most: int) -> None:
    """Remove the oldest records of a partition that are older than a time, at most so many."""
    query = "SELECT begin_offset, end_offset FROM partitions WHERE id = ?"
    begin, end = connection.execute(query, (partition,)).fetchone()
    base = partition * IDS_PER_PARTITION
    first = "SELECT id, timestamp_ms FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT 1"
    oldest = connection.execute(first, (base + begin, base + end)).fetchone()
    if oldest is None or oldest[1] >= cutoff_ms:
        return
    stop = min(oldest[0] + most, base + end)
    connection.execute(
        "DELETE FROM records WHERE id >= ? AND id < ? AND timestamp_ms < ?", (oldest[0], stop, cutoff_ms)
    )
    kept = connection.execute(first, (oldest[0], base + end)).fetchone()
    begin = kept[0] if kept else base + end
    connection.execute("DELETE FROM newest WHERE id >= ? AND id < ?", (oldest[0], begin))
    connection.execute("UPDATE partitions SET begin_offset = ? WHERE id = ?", (begin - base, partition))


def _packed(headers: Headers) -> bytes | None:
    """Each header as two lengths, name and value."""
    if not headers:
        return None
    encoded = [(name.encode(), value) for name, value in headers]
    return b"".join([_LENGTHS.pack(len(name), len(value)) + name + value for name, value in encoded])


def _unpacked(packed: bytes | None) -> Headers:
    headers, place = [], 0
    while packed and place < len(packed):
        name_bytes, value_bytes = _LENGTHS.unpack_from(packed, place)
        middle = place + _LENGTHS.size + name_bytes
        headers.append((packed[place + _LENGTHS.size : middle].decode(), packed[middle : middle + value_bytes]))
        place = middle + value_bytes
    return tuple(headers)
