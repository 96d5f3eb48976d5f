"""Rationales that nobody wrote yet."""

from collections.abc import Sequence

from ...model.engine import RationaleRequest
from ..cache.scores import CacheKeys, ScoreCache
from ..clock import Clock
from ..judging.explaining import WantedRationale
from ..metrics import Metrics
from ..running.loops import Heart
from ..running.mailbox import Mailbox
from ..tracking.lanes import Lanes
from ..tracking.tickets import Ticket, Unexplained
from .engine_turns import EngineTurns
from .judge import Writing

__all__ = ["ExplainStep"]

_Wish = tuple[str, WantedRationale]
"""Key of the scores, and what is to be explained."""


class ExplainStep:
    """Has missing rationales written, each once for equal memes.

    A verdict goes without one that the model can't give: it matters more that the post is judged.
    """

    name = "explain"

    def __init__(  # noqa: PLR0913 - explicit dependencies
        self,
        inbox: Mailbox[Unexplained],
        done: Mailbox[Ticket],
        *,
        most_posts: int,
        engine: EngineTurns,
        writing: Writing,
        cache: ScoreCache,
        lanes: Lanes,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._inbox, self._done, self._most_posts = inbox, done, most_posts
        self._engine, self._writing, self._cache, self._lanes = engine, writing, cache, lanes
        self._metrics = metrics
        self.heart = Heart(clock)

    def turn(self) -> None:
        arrived = self._inbox.take(self._most_posts, 0.2)
        posts = self._lanes.still_wanted(arrived)
        if not posts:
            return
        with self._metrics.step("explain", len(posts)), self.heart.waiting_for("engine"):
            texts = self._written(posts)
            self._done.put([self._finished(one, texts) for one in posts])

    def _written(self, posts: Sequence[Unexplained]) -> dict[_Wish, str]:
        wishes: dict[_Wish, tuple[CacheKeys, RationaleRequest]] = {}
        for (_, prepared, keys, _, _), judgement, found in posts:
            for one in judgement.rationales:
                if one not in found:
                    request = RationaleRequest(prepared.meme, one.label_set, one.label, one.language)
                    wishes.setdefault((keys.scores, one), (keys, request))
        answers = self._engine.explain([request for _, request in wishes.values()])
        texts = {
            wish: text for wish, text in zip(wishes, answers, strict=True) if isinstance(text, str) and text.strip()
        }
        self._metrics.unexplained.inc(len(wishes) - len(texts))
        self._cache.put_rationales([(wishes[wish][0], wish[1], text) for wish, text in texts.items()])
        return texts

    def _finished(self, post: Unexplained, texts: dict[_Wish, str]) -> Ticket:
        key = post.scored.keys.scores
        own = {one: texts[key, one] for one in post.judgement.rationales if (key, one) in texts}
        return self._writing.write(post.scored, post.judgement, {**post.found, **own})
