"""Making a ticket's dead letter, wherever on its way it turns out that it can't be judged."""

from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from ...model.errors import MemeError
from ..clock import Clock
from ..errors import PoisonError, told
from ..tracking.tickets import Ticket
from ..wire.dead_letters import dead_letter

__all__ = ["DeadLetterOptions", "Refusing"]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DeadLetterOptions:
    """Where dead letters go, what their headers say of us, and how large one may be."""

    topic: str
    group: str
    version: str
    max_bytes: int


class Refusing:
    """Gives tickets a dead letter for outputs; it goes on and is published like any other. Safe to share."""

    def __init__(self, options: DeadLetterOptions, clock: Clock) -> None:
        self._options, self._clock = options, clock

    def refuse(self, ticket: Ticket, error: Exception) -> Ticket:
        """The ticket, with its dead letter.

        An error that nobody foresaw is a defect of ours: its text may hold content, so only its class is told.
        """
        expected = isinstance(error, PoisonError | MemeError)
        kind = error.kind if isinstance(error, PoisonError | MemeError) else "unexpected"
        record = ticket.record
        log = _log.info if expected else _log.error
        log("refused", kind=kind, partition=record.partition.index, offset=record.offset, error=type(error).__name__)
        options = self._options
        letter = dead_letter(
            record,
            kind=kind,
            reason=told(error),
            exception_class=f"{type(error).__module__}.{type(error).__qualname__}",
            topic=options.topic,
            group=options.group,
            version=options.version,
            first_failed_at=datetime.fromtimestamp(self._clock.time(), UTC),
            attempts=1,
            max_bytes=options.max_bytes,
        )
        ticket.outputs, ticket.erases, ticket.kind = (letter,), None, kind
        return ticket
