"""From scores to records: the policy's judgement, the rationales that the cache has, the verdict."""

from collections.abc import Mapping, Sequence

from ..cache.scores import ScoreCache
from ..clock import Clock
from ..judging.explaining import WantedRationale
from ..judging.judge import Judge, Judgement
from ..metrics import Metrics
from ..running.loops import Heart
from ..running.mailbox import Mailbox
from ..tracking.lanes import Lanes
from ..tracking.tickets import Scored, Ticket, Unexplained
from ..wire.verdicts import Rationale, VerdictWriter
from .refusing import Refusing

__all__ = ["JudgeStep", "Writing"]

_MOST_POSTS = 256


class Writing:
    """Writes the records of judged posts."""

    def __init__(self, writer: VerdictWriter, refusing: Refusing, clock: Clock) -> None:
        self._writer, self._refusing, self._clock = writer, refusing, clock

    def write(self, scored: Scored, judgement: Judgement, texts: Mapping[WantedRationale, str]) -> Ticket:
        """The ticket, with its verdict records, or with a dead letter where a defect of ours keeps it from them."""
        ticket = scored.ticket
        rationales = [
            Rationale(one.task, one.label, one.language.value, texts[one])
            for one in judgement.rationales
            if one in texts
        ]
        try:
            ticket.outputs = self._writer.records(
                scored.prepared, judgement, rationales, judged_at=self._clock.time(), cached=scored.cached
            )
        except Exception as error:  # noqa: BLE001 - a defect that this one post brings out
            self._refusing.refuse(ticket, error)
        return ticket


class JudgeStep:
    """Judges all that has arrived at once; posts whose rationales have to be written go to `unexplained`."""

    name = "judge"

    def __init__(  # noqa: PLR0913 - explicit dependencies
        self,
        inbox: Mailbox[Scored],
        unexplained: Mailbox[Unexplained],
        done: Mailbox[Ticket],
        *,
        judge: Judge,
        writing: Writing,
        cache: ScoreCache,
        lanes: Lanes,
        refusing: Refusing,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._inbox, self._unexplained, self._done = inbox, unexplained, done
        self._judge, self._writing, self._cache, self._lanes = judge, writing, cache, lanes
        self._refusing, self._metrics = refusing, metrics
        self.heart = Heart(clock)

    def turn(self) -> None:
        arrived = self._inbox.take(_MOST_POSTS, 0.2)
        posts = self._lanes.still_wanted(arrived)
        if not posts:
            return
        with self._metrics.step("judge", len(posts)):
            judged = self._judged(posts)
            found = self._found(judged)
            done: list[Ticket] = []
            unexplained: list[Unexplained] = []
            for (scored, judgement), texts in zip(judged, found, strict=True):
                if len(texts) == len(judgement.rationales):
                    done.append(self._writing.write(scored, judgement, texts))
                else:
                    unexplained.append(Unexplained(scored, judgement, texts))
        self._done.put(done)
        self._unexplained.put(unexplained)

    def _judged(self, posts: Sequence[Scored]) -> list[tuple[Scored, Judgement]]:
        answers = self._judge.judge([one.scores for one in posts], [one.prepared.meme.language for one in posts])
        judged: list[tuple[Scored, Judgement]] = []
        for one, answer in zip(posts, answers, strict=True):
            if isinstance(answer, Judgement):
                judged.append((one, answer))
            else:
                self._done.put([self._refusing.refuse(one.ticket, answer)])
        self._metrics.judged((answer, one.prepared.meme.language or "other") for one, answer in judged)
        return judged

    def _found(self, judged: Sequence[tuple[Scored, Judgement]]) -> list[dict[WantedRationale, str]]:
        """Rationales that the cache has, for each post, with one round trip."""
        wanted = [(scored.keys, one) for scored, judgement in judged for one in judgement.rationales]
        if not wanted:
            return [{} for _ in judged]
        texts = iter(self._cache.get_rationales(wanted))
        found = []
        for _, judgement in judged:
            pairs = [(one, next(texts)) for one in judgement.rationales]
            found.append({one: text for one, text in pairs if text is not None})
        hits = sum(len(one) for one in found)
        self._metrics.looked_up("rationales", hits, len(wanted) - hits)
        return found
