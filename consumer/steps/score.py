"""The engine's thread: micro-batches in, scores out, kept in the cache before they go on."""

import threading
from collections.abc import Iterable, Sequence

from ...model.engine import Scores
from ...model.errors import MemeError
from ..cache.scores import ScoreCache
from ..clock import Clock
from ..metrics import Metrics
from ..running.loops import Heart
from ..running.mailbox import Mailbox
from ..tracking.lanes import Lanes
from ..tracking.tickets import Scored, Ticket, Wanted
from .batching import Batch, Batcher, BatchLimits
from .engine_turns import EngineTurns
from .refusing import Refusing
from .single_flight import SingleFlight

__all__ = ["BatchQueue", "ScoreStep"]

_WAIT_SECONDS = 0.2


class BatchQueue:
    """A batcher between two threads: `put` by the one that looks up, `take` by the one that scores."""

    def __init__(self, limits: BatchLimits, engine: EngineTurns, clock: Clock) -> None:
        self._batcher: Batcher[Wanted] = Batcher(limits)
        self._engine, self._clock = engine, clock
        self._changed = threading.Condition()

    def put(self, wanted: Iterable[Wanted]) -> None:
        """Append; never waits."""
        costs = [(one, self._engine.count_tokens(one.prepared.meme)) for one in wanted]
        with self._changed:
            self._batcher.add(costs, self._clock.monotonic())
            self._changed.notify()

    def take(self) -> Batch[Wanted] | None:
        """The next batch as soon as it is due; None where none is yet."""
        with self._changed:
            due = self._batcher.due_in(self._clock.monotonic())
            if due != 0:
                # Once: whoever calls beats its heart in between, however often others wake this one.
                self._changed.wait(_WAIT_SECONDS if due is None else due)
            now = self._clock.monotonic()
            return self._batcher.take(now) if self._batcher.due_in(now) == 0 else None


class ScoreStep:
    """Computes what the cache didn't know, once for all that wait for it."""

    name = "score"

    def __init__(  # noqa: PLR0913 - explicit dependencies
        self,
        queue: BatchQueue,
        flights: SingleFlight[Wanted],
        scored: Mailbox[Scored],
        done: Mailbox[Ticket],
        *,
        engine: EngineTurns,
        cache: ScoreCache,
        lanes: Lanes,
        refusing: Refusing,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._queue, self._flights, self._scored, self._done = queue, flights, scored, done
        self._engine, self._cache, self._lanes = engine, cache, lanes
        self._refusing, self._metrics = refusing, metrics
        self.heart = Heart(clock)

    def turn(self) -> None:
        batch = self._queue.take()
        if batch is None:
            return
        leading = [one for one in batch.items if not self._abandoned(one)]
        if not leading:
            return
        self._metrics.batch_posts.observe(len(leading))
        self._metrics.batch_age.observe(batch.age_seconds)
        with self._metrics.step("score", len(leading)), self.heart.waiting_for("engine"):
            answers = self._engine.score([one.prepared.meme for one in leading])
        self._hand_on(leading, answers)

    def _hand_on(self, leading: Sequence[Wanted], answers: Sequence[Scores | MemeError]) -> None:
        """Keep the scores, then let all go on that wait for them."""
        good = [(one.keys, answer) for one, answer in zip(leading, answers, strict=True) if isinstance(answer, Scores)]
        with self._metrics.step("keep", len(good)):
            self._cache.put_scores(good)
        scored: list[Scored] = []
        for one, answer in zip(leading, answers, strict=True):
            waiting = self._flights.land(one.keys.scores)
            if isinstance(answer, Scores):
                scored += [Scored(each.ticket, each.prepared, each.keys, answer, cached=False) for each in waiting]
            else:
                self._done.put([self._refusing.refuse(each.ticket, answer) for each in waiting])
        kept = {keys for keys, _ in good}
        self._cache.note_shared([one.keys for one in scored if one.keys not in kept])
        self._scored.put(scored)

    def _abandoned(self, leader: Wanted) -> bool:
        """Whether nobody wants these scores any more, since all partitions of the posts were given up."""
        useless = self._flights.abandon(leader.keys.scores, lambda one: not one.ticket.lane.open)
        self._lanes.drop([one.ticket for one in useless])
        return bool(useless)
