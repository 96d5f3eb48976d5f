"""Scores that the cache knows, and who has to compute the others."""

from ..cache.scores import ScoreCache
from ..clock import Clock
from ..metrics import Metrics
from ..running.loops import Heart
from ..running.mailbox import Mailbox
from ..tracking.lanes import Lanes
from ..tracking.tickets import Ready, Scored, Wanted
from .score import BatchQueue
from .single_flight import SingleFlight

__all__ = ["LookupStep"]

_MOST_POSTS = 500


class LookupStep:
    """Asks the cache with one round trip for all that has arrived; an outage of the cache is a run of misses."""

    name = "lookup"

    def __init__(  # noqa: PLR0913 - explicit dependencies
        self,
        inbox: Mailbox[Ready],
        queue: BatchQueue,
        flights: SingleFlight[Wanted],
        scored: Mailbox[Scored],
        *,
        cache: ScoreCache,
        lanes: Lanes,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._inbox, self._queue, self._flights, self._scored = inbox, queue, flights, scored
        self._cache, self._lanes, self._metrics = cache, lanes, metrics
        self.heart = Heart(clock)

    def turn(self) -> None:
        arrived = self._inbox.take(_MOST_POSTS, 0.2)
        posts = self._lanes.still_wanted(arrived)
        if not posts:
            return
        with self._metrics.step("lookup", len(posts)):
            keys = [self._cache.keys(one.prepared) for one in posts]
            found = self._cache.get_scores(keys)
        hits: list[Scored] = []
        misses: list[Wanted] = []
        for (ticket, prepared), key, scores in zip(posts, keys, found, strict=True):
            if scores is not None:
                hits.append(Scored(ticket, prepared, key, scores, cached=True))
            else:
                misses.append(Wanted(ticket, prepared, key))
        self._metrics.looked_up("scores", len(hits), len(misses))
        self._scored.put(hits)
        leading = [one for one in misses if self._flights.join(one.keys.scores, one)]
        self._metrics.shared.inc(len(misses) - len(leading))
        self._queue.put(leading)
