"""The way of a post without queue and cache: prepare, score, judge, explain; the verdict as it would be published."""

from collections.abc import Sequence
from typing import Any

import orjson

from ..model.engine import Engine, RationaleRequest, Scores
from ..model.errors import MemeError
from .brokers.interface import Partition, Record
from .clock import Clock
from .errors import PoisonError
from .judging.judge import Judge, Judgement
from .judging.policy import Policy
from .messages import Post
from .prepared import PreparedPost
from .preparing import PreparingLimits, inline_image, prepare
from .wire.verdicts import OutputTopics, Rationale, VerdictWriter

__all__ = ["Classifier"]

_VERDICTS_ONLY = OutputTopics("verdicts", harm=None, target=None, intent=None, affect=None, flagged=None)


class Classifier:
    """Judges posts whose pictures are inline."""

    def __init__(self, engine: Engine, policy: Policy, clock: Clock, limits: PreparingLimits) -> None:
        self._engine, self._clock, self._limits = engine, clock, limits
        self._judge = Judge(policy, engine.description)
        self._writer = VerdictWriter(_VERDICTS_ONLY, engine.description, policy)

    def classify(self, post: Post) -> dict[str, Any]:
        """The verdict on a post (docs/wire.md).

        Raises:
            PoisonError: it can't be judged.
            EngineUnavailableError: it wasn't judged; the same call may succeed later.
        """
        now = self._clock.time()
        record = Record(Partition("files", 0), 0, None, b"", timestamp_ms=round(now * 1000))
        prepared = prepare(record, post, inline_image(post), self._limits)
        (scores,) = self._engine.score([prepared.meme])
        judgement = self._judged(scores, prepared)
        rationales = self._explain(prepared, judgement)
        (written,) = self._writer.records(prepared, judgement, rationales, judged_at=now)
        verdict: dict[str, Any] = orjson.loads(written.value or b"")
        return verdict

    def _judged(self, scores: Scores | MemeError, prepared: PreparedPost) -> Judgement:
        judged = scores if isinstance(scores, MemeError) else self._judge.judge([scores], [prepared.meme.language])[0]
        if isinstance(judged, MemeError):
            raise PoisonError(judged.kind, judged.reason) from judged
        return judged

    def _explain(self, prepared: PreparedPost, judgement: Judgement) -> Sequence[Rationale]:
        wanted = judgement.rationales
        requests = [RationaleRequest(prepared.meme, one.label_set, one.label, one.language) for one in wanted]
        texts = self._engine.explain(requests) if requests else []
        return [
            Rationale(one.task, one.label, one.language.value, text)
            for one, text in zip(wanted, texts, strict=True)
            if isinstance(text, str)
        ]
