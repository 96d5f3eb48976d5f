"""The engine, shared by two threads: scoring and explaining take turns."""

import threading
from collections.abc import Sequence

from ...model.engine import Engine, Meme, RationaleRequest, Scores
from ...model.errors import EngineUnavailableError, MemeError
from ..running.retrying import Retrying

__all__ = ["EngineTurns"]


class EngineTurns:
    """One call at a time; while the engine is unavailable the call is made again until the pipeline ends.

    A lock isn't fair, but it is enough: between two batches the scoring thread talks to the cache, and explaining gets
    its turn.
    """

    def __init__(self, engine: Engine, retrying: Retrying) -> None:
        self._engine, self._retrying = engine, retrying
        self._lock = threading.Lock()

    def count_tokens(self, meme: Meme) -> int:
        """As `Engine.count_tokens`; waits for nobody."""
        return self._engine.count_tokens(meme)

    def score(self, memes: Sequence[Meme]) -> list[Scores | MemeError]:
        """As `Engine.score`. Raises StoppedError."""
        return self._retrying.call("score", lambda: self._score(memes), EngineUnavailableError)

    def explain(self, requests: Sequence[RationaleRequest]) -> list[str | MemeError]:
        """As `Engine.explain`. Raises StoppedError."""
        return self._retrying.call("explain", lambda: self._explain(requests), EngineUnavailableError)

    def _score(self, memes: Sequence[Meme]) -> list[Scores | MemeError]:
        with self._lock:
            return self._engine.score(memes)

    def _explain(self, requests: Sequence[RationaleRequest]) -> list[str | MemeError]:
        with self._lock:
            return self._engine.explain(requests)
