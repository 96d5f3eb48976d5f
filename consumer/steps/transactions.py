"""Exactly once: outputs, dead letters and offsets in one transaction for each batch."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import structlog

from ..brokers.interface import Partition, Subscription, TransactionalPublisher
from ..errors import (
    BrokerUnavailableError,
    PoisonError,
    RetryLaterError,
    UnknownOutcomeError,
)
from ..metrics import Metrics
from ..running.retrying import Retrying
from ..tracking.lanes import Lanes
from ..tracking.tickets import Ticket
from .publish import dead_letter_too_large
from .refusing import Refusing

__all__ = ["ExactlyOnce"]

_log = structlog.get_logger(__name__)


class ExactlyOnce:
    """`Delivery` in transactions. Tickets must leave contiguously by partition.

    Each transaction holds records that were polled under one membership and is committed under that; where it has
    changed, the broker refuses, and the records are read again by whoever owns them now. Where the outcome is unknown,
    nothing is ever sent again from memory: what is committed decides where to go on reading.
    """

    def __init__(  # noqa: PLR0913 - explicit dependencies
        self,
        publisher: TransactionalPublisher,
        subscription: Subscription,
        *,
        lanes: Lanes,
        retrying: Retrying,
        refusing: Refusing,
        metrics: Metrics,
    ) -> None:
        self._publisher, self._subscription = publisher, subscription
        self._lanes, self._retrying, self._refusing, self._metrics = lanes, retrying, refusing, metrics

    def deliver(self, tickets: Sequence[Ticket]) -> list[Ticket]:
        acknowledged: list[Ticket] = []
        # A later generation's records of a partition come after an earlier one's.
        for _, group in groupby(sorted(tickets, key=_membership), key=_membership):
            acknowledged += self._deliver(list(group))
        return acknowledged

    def settle(self) -> None:
        """Offsets are in the transactions."""

    def close(self) -> None:
        self._publisher.close()

    def _deliver(self, tickets: list[Ticket]) -> list[Ticket]:
        tickets = self._lanes.keep_open(tickets)
        if not tickets:
            return []
        try:
            self._publish(tickets)
        except PoisonError as error:
            return self._deliver_apart(tickets, error)
        except (UnknownOutcomeError, BrokerUnavailableError) as error:
            _log.warning("transaction of unknown outcome, reading again", reason=str(error))
            self._begin_again(None, reset=True)
        except RetryLaterError as error:
            _log.info("membership changed, transaction rolled back", reason=str(error))
            self._begin_again({ticket.lane.partition for ticket in tickets}, reset=False)
        else:
            self._lanes.finish(tickets)
            return tickets
        self._lanes.drop(tickets)
        return []

    def _publish(self, tickets: Sequence[Ticket]) -> None:
        records = [record for ticket in tickets for record in ticket.outputs]
        offsets = {ticket.lane.partition: ticket.record.offset + 1 for ticket in tickets}
        self._publisher.publish(records, offsets, tickets[0].snapshot)

    def _deliver_apart(self, tickets: list[Ticket], error: PoisonError) -> list[Ticket]:
        """One of these is too large for its topic: each in a transaction of its own, that one as a dead letter."""
        if len(tickets) > 1:
            return [one for ticket in tickets for one in self._deliver([ticket])]
        if tickets[0].kind:
            raise dead_letter_too_large(error) from error
        return self._deliver([self._refusing.refuse(tickets[0], error)])

    def _begin_again(self, partitions: set[Partition] | None, *, reset: bool) -> None:
        """Forget what is in flight (None: of all partitions), and read again from what is committed."""
        self._metrics.rewinds.inc()
        starts = self._lanes.rewind(partitions)
        if reset:
            self._retrying.call("transaction", self._publisher.reset, BrokerUnavailableError)
        committed: Mapping[Partition, int] = self._retrying.call(
            "transaction", lambda: self._subscription.committed(starts), RetryLaterError
        )
        self._lanes.seek({partition: committed.get(partition, start) for partition, start in starts.items()})


def _membership(ticket: Ticket) -> tuple[int, str]:
    return ticket.snapshot.generation, ticket.snapshot.member
