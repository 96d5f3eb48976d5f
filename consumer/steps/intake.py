"""From records to posts: decoded in the order received, each sent where it has to go next."""

from dataclasses import dataclass, field

from ..clock import Clock
from ..messages import Post
from ..metrics import Metrics
from ..preparing import PreparingLimits, inline_image, prepare
from ..running.loops import Heart
from ..running.mailbox import Mailbox
from ..tracking.lanes import Lanes
from ..tracking.tickets import Ready, Ticket
from ..wire.decoding import DecodingLimits, Deletion, decode
from ..wire.verdicts import VerdictWriter
from .fetch import FetchStage
from .refusing import Refusing

__all__ = ["IntakeLimits", "IntakeStep"]

_MOST_TICKETS = 500


@dataclass(frozen=True, slots=True)
class IntakeLimits:
    """Caps of decoding and of preparing."""

    decoding: DecodingLimits = field(default_factory=DecodingLimits)
    preparing: PreparingLimits = field(default_factory=PreparingLimits)


class IntakeStep:
    """Decodes and prepares; posts with a picture by reference go to `fetching`, which does the rest for them.

    With `contiguous`, tickets leave in the order of their partition, else of their key.
    """

    name = "intake"

    def __init__(  # noqa: PLR0913 - explicit dependencies
        self,
        inbox: Mailbox[Ticket],
        fetching: FetchStage,
        ready: Mailbox[Ready],
        done: Mailbox[Ticket],
        *,
        contiguous: bool,
        limits: IntakeLimits,
        lanes: Lanes,
        writer: VerdictWriter,
        refusing: Refusing,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._inbox, self._fetching, self._ready, self._done = inbox, fetching, ready, done
        self._contiguous, self._limits, self._lanes = contiguous, limits, lanes
        self._writer, self._refusing, self._metrics = writer, refusing, metrics
        self.heart = Heart(clock)

    def turn(self) -> None:
        tickets = self._inbox.take(_MOST_TICKETS, 0.2)
        if not tickets:
            return
        ready: list[Ready] = []
        done: list[Ticket] = []
        fetched: list[tuple[Ticket, Post]] = []
        with self._metrics.step("decode", len(tickets)):
            for ticket in tickets:
                self.heart.beat()  # each record is a sign of life: a list of large ones takes long
                try:
                    self._take_in(ticket, ready, done, fetched)
                except Exception as error:  # noqa: BLE001 - poison, or a defect that this one record brings out
                    done.append(self._refusing.refuse(ticket, error))
        self._lanes.enter(tickets)
        self._ready.put(ready)
        self._done.put(done)
        for ticket, post in fetched:
            self._fetching.submit(ticket, post)

    def _take_in(
        self, ticket: Ticket, ready: list[Ready], done: list[Ticket], fetched: list[tuple[Ticket, Post]]
    ) -> None:
        record = ticket.record
        ticket.key = None if self._contiguous else record.key
        post = decode(record, self._limits.decoding)
        if isinstance(post, Deletion):
            ticket.outputs, ticket.erases = self._writer.tombstones(record), post.key
            done.append(ticket)
            return
        if ticket.key is None and not self._contiguous:
            ticket.key = post.post_id.encode()
        if post.image is not None and post.image.uri is not None:
            fetched.append((ticket, post))
        else:
            ready.append(Ready(ticket, prepare(record, post, inline_image(post), self._limits.preparing)))
