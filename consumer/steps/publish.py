"""The last step: outputs in order, acknowledged, and then the offsets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from ..brokers.interface import GroupSnapshot, Publisher, Subscription
from ..clock import Clock
from ..errors import BrokerUnavailableError, OperatorError, PoisonError, RetryLaterError
from ..metrics import Metrics
from ..running.loops import Heart
from ..running.mailbox import Mailbox
from ..running.retrying import Retrying
from ..tracking.flow import InFlight
from ..tracking.lanes import Lanes
from ..tracking.tickets import Ticket
from .erasing import Erasing
from .poison_watch import PoisonWatch
from .refusing import Refusing
from .upkeep import LagWatch

__all__ = ["AtLeastOnce", "CommitLimits", "Delivery", "PublishStep", "dead_letter_too_large"]

_log = structlog.get_logger(__name__)


class Delivery(Protocol):
    """How outputs and offsets are written. One thread, but for `close`, which comes after it has ended."""

    def deliver(self, tickets: Sequence[Ticket]) -> list[Ticket]:
        """Write the outputs of tickets that may leave, in this order; those that are acknowledged.

        The others were dropped: their partitions are read again. Waits as long as the broker doesn't answer.

        Raises:
            OperatorError, FencedError, StoppedError: nothing was finished that isn't acknowledged.
        """
        ...

    def settle(self) -> None:
        """Commit what is due; called at least every 0.1 s. Raises FencedError, OperatorError."""
        ...

    def close(self) -> None:
        """Commit what is acknowledged, if possible, and close the publisher. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class CommitLimits:
    """When watermarks are committed: at the first bound. A crash repeats so much, and what is in flight."""

    max_posts: int = 2000
    max_age_seconds: float = 0.5


class AtLeastOnce:
    """Outputs are acknowledged first; watermarks are committed after them, some time later."""

    def __init__(  # noqa: PLR0913 - explicit dependencies
        self,
        publisher: Publisher,
        subscription: Subscription,
        snapshot: Callable[[], GroupSnapshot],
        *,
        limits: CommitLimits,
        lanes: Lanes,
        retrying: Retrying,
        refusing: Refusing,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        """`snapshot` is the membership of the last poll: what was revoked since has no open lane."""
        self._publisher, self._subscription, self._snapshot = publisher, subscription, snapshot
        self._limits, self._lanes, self._retrying, self._refusing = limits, lanes, retrying, refusing
        self._clock, self._metrics = clock, metrics
        self._posts = 0
        self._committed_at = clock.monotonic()

    def deliver(self, tickets: Sequence[Ticket]) -> list[Ticket]:
        try:
            self._publish(tickets)
        except PoisonError:
            for ticket in tickets:
                self._deliver_alone(ticket)
        acknowledged = self._lanes.keep_open(tickets)
        self._lanes.finish(acknowledged)
        self._posts += len(acknowledged)
        return acknowledged

    def settle(self) -> None:
        if self._posts < self._limits.max_posts and self._clock.monotonic() < self._due_at():
            return
        self._posts, self._committed_at = 0, self._clock.monotonic()
        self._commit()

    def close(self) -> None:
        try:
            self._commit()
        except OperatorError as error:
            _log.warning("last commit failed", reason=str(error))
        self._publisher.close()

    def _due_at(self) -> float:
        return self._committed_at + self._limits.max_age_seconds

    def _commit(self) -> None:
        # The membership first: what is given up afterwards has no watermark any more, or is refused under it.
        snapshot = self._snapshot()
        ours = {one: offset for one, offset in self._lanes.uncommitted().items() if one in snapshot.assignment}
        if not ours or not snapshot.joined:
            return
        try:
            with self._metrics.step("commit", 0):
                self._subscription.commit(ours, snapshot)
        except RetryLaterError as error:
            _log.info("commit refused, will try again", reason=str(error))
        else:
            self._lanes.committed(ours)

    def _publish(self, tickets: Sequence[Ticket]) -> None:
        def attempt() -> None:
            # Anew for each attempt: a partition given up meanwhile has another owner, who may be further by now.
            self._publisher.publish([record for ticket in tickets if ticket.lane.open for record in ticket.outputs])

        self._retrying.call("publish", attempt, BrokerUnavailableError)

    def _deliver_alone(self, ticket: Ticket) -> None:
        try:
            self._publish([ticket])
        except PoisonError as error:
            if ticket.kind:
                raise dead_letter_too_large(error) from error
            self._deliver_alone(self._refusing.refuse(ticket, error))


class PublishStep:
    """Lets tickets leave in order, erases what deletions ask for, delivers, and commits what is due."""

    name = "publish"

    def __init__(  # noqa: PLR0913 - explicit dependencies
        self,
        inbox: Mailbox[Ticket],
        delivery: Delivery,
        *,
        most_posts: int,
        in_flight: InFlight,
        lanes: Lanes,
        erasing: Erasing,
        poison: PoisonWatch,
        lag: LagWatch,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._inbox, self._delivery, self._most_posts = inbox, delivery, most_posts
        self._in_flight, self._lanes, self._erasing = in_flight, lanes, erasing
        self._poison, self._lag = poison, lag
        self._clock, self._metrics = clock, metrics
        self.heart = Heart(clock)

    def turn(self) -> None:
        done = self._inbox.take(self._most_posts, 0.1)
        if done:
            self._release_pictures(done)
            free = self._lanes.leave(done)
            for start in range(0, len(free), self._most_posts):
                self._deliver(free[start : start + self._most_posts])
        self._erase(())
        with self.heart.waiting_for("broker"):
            self._delivery.settle()
            self._lag.look()

    def _erase(self, keys: Sequence[bytes]) -> None:
        with self.heart.waiting_for("cache"):
            self._erasing.erase(keys)

    def _release_pictures(self, done: Sequence[Ticket]) -> None:
        self._in_flight.release_pictures(sum([ticket.picture_bytes for ticket in done]))
        for ticket in done:
            ticket.picture_bytes = 0

    def _deliver(self, tickets: Sequence[Ticket]) -> None:
        self._erase([ticket.erases for ticket in tickets if ticket.erases is not None])
        with self._metrics.step("publish", len(tickets)), self.heart.waiting_for("broker"):
            acknowledged = self._delivery.deliver(tickets)
        self._metrics.publish_posts.observe(len(tickets))
        self._metrics.acknowledged(acknowledged, self._clock.monotonic())
        self._poison.see(bool(ticket.kind) for ticket in acknowledged)


def dead_letter_too_large(error: PoisonError) -> OperatorError:
    """What to do where not even a dead letter can be written."""
    return OperatorError(f"the dead-letter topic doesn't take a dead letter ({error}); raise its max.message.bytes")
