"""The poll thread: the one owner of the subscription, which never waits for anything but `poll`."""

from dataclasses import dataclass

import structlog

from ..brokers.interface import NOT_JOINED, GroupSnapshot, Partition, PollResult, Subscription
from ..clock import Clock
from ..errors import BrokerUnavailableError
from ..metrics import Metrics
from ..running.halting import Control
from ..running.loops import Heart
from ..running.mailbox import Mailbox
from ..running.retrying import Retrying
from ..tracking.flow import InFlight
from ..tracking.lanes import Lanes
from ..tracking.tickets import Ticket

__all__ = ["PollLimits", "PollStep"]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PollLimits:
    """How to poll, and the ends after which the pipeline stops by itself (None: never).

    It is idle while the group is joined, nothing is in flight and nothing comes.
    """

    timeout_seconds: float = 0.1
    max_records: int = 500
    max_posts: int | None = None
    until_idle_seconds: float | None = None

    @property
    def finite(self) -> bool:
        """Whether the pipeline ends by itself."""
        return self.max_posts is not None or self.until_idle_seconds is not None


class PollStep:
    """Polls records, admits them within the bounds, and hands them on as whole lists."""

    name = "poll"

    def __init__(  # noqa: PLR0913 - explicit dependencies
        self,
        subscription: Subscription,
        lanes: Lanes,
        in_flight: InFlight,
        outbox: Mailbox[Ticket],
        *,
        limits: PollLimits,
        control: Control,
        retrying: Retrying,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._subscription, self._lanes, self._in_flight, self._outbox = subscription, lanes, in_flight, outbox
        self._limits, self._control, self._retrying, self._clock = limits, control, retrying, clock
        self._metrics = metrics
        self.heart = Heart(clock)
        self.snapshot = NOT_JOINED
        self._paused: frozenset[Partition] = frozenset()
        self._record_bytes = 0.0  # mean of what came lately
        self._active_at = clock.monotonic()

    def turn(self) -> None:
        for partition, offset in self._lanes.take_seeks(self._subscription.assignment()).items():
            self._subscription.seek(partition, offset)
        room = self._room()
        self._pause(self._subscription.assignment() if not room else self._lanes.overlong())
        result = self._retrying.call("poll", lambda: self._poll(max(1, room)), BrokerUnavailableError)
        self._note(result.snapshot)
        self._admit(result)
        self._stop_by_itself(came=bool(result.records))

    def _poll(self, max_records: int) -> PollResult:
        return self._subscription.poll(self._limits.timeout_seconds, max_records)

    def _note(self, snapshot: GroupSnapshot) -> None:
        if snapshot.assignment != self.snapshot.assignment:
            held = sorted(partition.index for partition in snapshot.assignment)
            _log.info("assigned", partitions=held, generation=snapshot.generation)
        self.snapshot = snapshot

    def _room(self) -> int:
        """How many records may be admitted now."""
        if self._control.stopping.is_set() or self._control.halted:
            return 0
        room = min(self._in_flight.room(self._record_bytes), self._limits.max_records)
        if self._limits.max_posts is None:
            return room
        # In flight first: what is finished between the two counts twice then, and never not at all. What was dropped
        # counts as neither, since it is read again.
        in_flight = self._in_flight.posts
        return max(0, min(room, self._limits.max_posts - in_flight - self._lanes.finished))

    def _pause(self, wanted: frozenset[Partition]) -> None:
        # Every time, since what is given up and taken back between two polls isn't paused any more.
        if wanted:
            self._subscription.pause(wanted)
        if resumed := self._paused - wanted:
            self._subscription.resume(resumed)
        self._paused = wanted

    def _admit(self, result: PollResult) -> None:
        # Once it is over, what comes is left to the next start: nothing after it is ever admitted or committed. At any
        # other time everything is admitted, since the position has moved on.
        if not result.records or self._control.stopping.is_set() or self._control.halted:
            return
        tickets = self._lanes.admit(result.records, result.snapshot, self._clock.monotonic())
        mean = sum([record.size_bytes for record in result.records]) / len(result.records)
        self._record_bytes = max(mean, 0.9 * self._record_bytes)
        self._metrics.polled.inc(len(tickets))
        self._outbox.put(tickets)

    def _stop_by_itself(self, *, came: bool) -> None:
        limits, now = self._limits, self._clock.monotonic()
        # Not before they are through: stopping gives what is in flight only so much time.
        if limits.max_posts is not None and self._lanes.finished >= limits.max_posts and not self._in_flight.posts:
            self._control.stop(f"{self._lanes.finished} posts are through")
        if came or self._in_flight.posts or not self.snapshot.joined:
            self._active_at = now
        elif limits.until_idle_seconds is not None and now - self._active_at >= limits.until_idle_seconds:
            self._control.stop(f"no post came for {limits.until_idle_seconds:g} s")
