"""Every record between poll and acknowledgement, by partition: order of leaving, watermarks, what is forgotten."""

import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Protocol, TypeVar

from ..brokers.interface import GroupSnapshot, Partition, Record
from .flow import InFlight
from .offsets import Watermark
from .ordering import Ordering
from .tickets import Lane, Ticket

__all__ = ["Lanes"]


class _HasTicket(Protocol):
    @property
    def ticket(self) -> Ticket: ...


_Carrier = TypeVar("_Carrier", bound=_HasTicket)


class _Book:
    """What is known of an open lane. `start` is the first offset received."""

    def __init__(self, partition: Partition, start: int) -> None:
        self.lane = Lane(partition)
        self.start = start
        self.watermark = Watermark()
        self.ordering: Ordering[Ticket] = Ordering()
        self.committed: int | None = None
        self.polls: deque[tuple[int, float]] = deque()  # last offset and time of each poll that isn't finished

    def receive(self, records: Sequence[Record], now: float) -> None:
        self.watermark.receive([record.offset for record in records])
        self.polls.append((records[-1].offset, now))

    def finish(self, offsets: Sequence[int]) -> None:
        self.watermark.finish(offsets)
        while self.polls and self.polls[0][0] < (self.watermark.offset or 0):
            self.polls.popleft()


class Lanes:
    """The lanes of all partitions, and the count of what is in flight. Safe to share between threads.

    `span` bounds the records of one partition after its watermark: a single slow post must not let a crash repeat
    without bound.
    """

    def __init__(
        self, in_flight: InFlight, *, span: int = 50_000, on_drop: Callable[[int], object] = lambda _: None
    ) -> None:
        """`on_drop` is told how many posts in flight were forgotten."""
        self._in_flight, self._span, self._on_drop = in_flight, span, on_drop
        self._changed = threading.Condition()
        self._books: dict[Partition, _Book] = {}
        self._rewinding: set[Partition] = set()
        self._seeks: dict[Partition, int] = {}
        self._closing = False
        self._finished = 0

    # The poll thread.

    def admit(self, records: Sequence[Record], snapshot: GroupSnapshot, now: float) -> list[Ticket]:
        """Tickets of records just polled; those of partitions that are being rewound are dropped."""
        tickets: list[Ticket] = []
        with self._changed:
            for partition, group in groupby(records, key=_partition):
                if partition in self._rewinding:
                    continue
                polled = list(group)
                book = self._books.get(partition)
                if book is None:
                    book = self._books[partition] = _Book(partition, polled[0].offset)
                book.receive(polled, now)
                lane = book.lane
                tickets += [Ticket(record, lane, snapshot, now, record.size_bytes) for record in polled]
        self._in_flight.add(len(tickets), _bytes(tickets))
        return tickets

    def overlong(self) -> frozenset[Partition]:
        """Partitions that wait for a single slow record; nothing more should be polled of them now."""
        with self._changed:
            return frozenset(one for one, book in self._books.items() if book.watermark.span >= self._span)

    def take_seeks(self, assigned: Collection[Partition]) -> Mapping[Partition, int]:
        """Where to go on reading after a rewind; those partitions are admitted again from now on."""
        with self._changed:
            seeks = {partition: offset for partition, offset in self._seeks.items() if partition in assigned}
            for partition in seeks:
                del self._seeks[partition]
                self._rewinding.remove(partition)
            return seeks

    def revoke(self, partitions: Iterable[Partition], *, wait_seconds: float = 0) -> dict[Partition, int]:
        """Forget partitions, after waiting for their work in flight; watermarks that aren't committed yet."""
        wanted = set(partitions)
        with self._changed:
            if wait_seconds:
                self._changed.wait_for(lambda: self._closing or not self._busy(wanted), wait_seconds)
            watermarks = self._uncommitted(wanted)
            self._forget(wanted)
            self._rewinding -= wanted
            for partition in wanted:
                self._seeks.pop(partition, None)
            return watermarks

    # The steps.

    def enter(self, tickets: Iterable[Ticket]) -> None:
        """Take places in the order of leaving, by `ticket.key`; in the order received."""
        with self._changed:
            for ticket in tickets:
                book = self._books.get(ticket.lane.partition)
                if ticket.lane.open and book is not None:
                    book.ordering.enter(ticket.key, ticket)

    def still_wanted(self, arrived: Sequence[_Carrier]) -> list[_Carrier]:
        """Those whose lane is open; the others are dropped."""
        wanted = set(self.keep_open([one.ticket for one in arrived]))
        return [one for one in arrived if one.ticket in wanted]

    def keep_open(self, tickets: Sequence[Ticket]) -> list[Ticket]:
        """The same of bare tickets."""
        kept: list[Ticket] = []
        closed: list[Ticket] = []
        for ticket in tickets:  # a lane may close at any moment: asked twice, a ticket could be neither of both
            (kept if ticket.lane.open else closed).append(ticket)
        self.drop(closed)
        return kept

    def drop(self, tickets: Sequence[Ticket]) -> None:
        """Count out tickets of closed lanes, which nobody will come back with."""
        if tickets:
            self._in_flight.release(len(tickets), _bytes(tickets))
            self._in_flight.release_pictures(sum(ticket.picture_bytes for ticket in tickets))
            self._on_drop(len(tickets))

    # The publishing thread.

    def leave(self, done: Iterable[Ticket]) -> list[Ticket]:
        """Note that these have their outputs; all tickets that may be published now, in an order that keeps keys.

        Tickets of closed lanes are dropped.
        """
        free: list[Ticket] = []
        stale: list[Ticket] = []
        with self._changed:
            by_lane: dict[Lane, list[Ticket]] = {}
            for ticket in done:
                by_lane.setdefault(ticket.lane, []).append(ticket)
            for lane, tickets in by_lane.items():
                if lane.open:
                    ordering = self._books[lane.partition].ordering
                    free += ordering.leave((ticket.key, ticket) for ticket in tickets)
                else:
                    stale += tickets
        self.drop(stale)
        return free

    def finish(self, tickets: Sequence[Ticket]) -> None:
        """The outputs of these are acknowledged."""
        with self._changed:
            for lane, group in groupby(tickets, key=_lane):
                offsets = [ticket.record.offset for ticket in group]
                if lane.open:
                    self._books[lane.partition].finish(offsets)
            self._finished += len(tickets)
            self._changed.notify_all()
        self._in_flight.release(len(tickets), _bytes(tickets))

    def uncommitted(self) -> dict[Partition, int]:
        """Watermarks that moved since they were committed."""
        with self._changed:
            return self._uncommitted(self._books)

    def watermarks(self) -> dict[Partition, int]:
        """Watermarks of all open lanes that have one."""
        with self._changed:
            books = self._books.items()
            return {one: book.watermark.offset for one, book in books if book.watermark.offset is not None}

    def committed(self, offsets: Mapping[Partition, int]) -> None:
        """These watermarks are committed now."""
        with self._changed:
            for partition, offset in offsets.items():
                if partition in self._books:
                    self._books[partition].committed = offset

    def rewind(self, partitions: Iterable[Partition] | None = None) -> dict[Partition, int]:
        """Forget what is in flight of these (None: all) and admit nothing of them until `seek`; where each began."""
        with self._changed:
            wanted = set(self._books) if partitions is None else {one for one in partitions if one in self._books}
            starts = {partition: self._books[partition].start for partition in wanted}
            self._forget(wanted)
            self._rewinding |= wanted
            return starts

    def seek(self, offsets: Mapping[Partition, int]) -> None:
        """The poll thread shall go on from here."""
        with self._changed:
            self._seeks.update({one: offset for one, offset in offsets.items() if one in self._rewinding})

    # Anyone.

    @property
    def finished(self) -> int:
        """Posts whose outputs are acknowledged, since the start."""
        return self._finished

    def partitions(self) -> frozenset[Partition]:
        """Partitions with an open lane."""
        with self._changed:
            return frozenset(self._books)

    def oldest(self) -> float | None:
        """When the oldest work in flight was admitted (monotonic seconds); None where there is none."""
        with self._changed:
            return min((book.polls[0][1] for book in self._books.values() if book.polls), default=None)

    def close(self) -> None:
        """Nobody waits for work in flight any more."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def _busy(self, partitions: set[Partition]) -> bool:
        return any(self._books[one].watermark.unfinished for one in partitions if one in self._books)

    def _uncommitted(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        books = ((one, self._books[one]) for one in partitions if one in self._books)
        return {
            one: book.watermark.offset
            for one, book in books
            if book.watermark.offset is not None and book.watermark.offset != book.committed
        }

    def _forget(self, partitions: Iterable[Partition]) -> None:
        for partition in partitions:
            book = self._books.pop(partition, None)
            if book is not None:
                book.lane.open = False
                self.drop(book.ordering.held_back())
        self._changed.notify_all()


def _partition(record: Record) -> Partition:
    return record.partition


def _lane(ticket: Ticket) -> Lane:
    return ticket.lane


def _bytes(tickets: Iterable[Ticket]) -> int:
    return sum([ticket.size_bytes for ticket in tickets])
