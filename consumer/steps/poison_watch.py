"""A watch on the share of posts that can't be judged: one bad post is the post's fault, most of them are ours."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from ..errors import OperatorError
from ..metrics import Metrics

__all__ = ["PoisonLimits", "PoisonWatch"]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PoisonLimits:
    """Alert where more than `share` of the last `window` posts were dead letters, and halt there if `halts`."""

    share: float = 0.5
    window: int = 1000
    halts: bool = False


class PoisonWatch:
    """Counts dead letters among the last posts. One thread."""

    def __init__(self, limits: PoisonLimits, metrics: Metrics) -> None:
        self._limits, self._metrics = limits, metrics
        self._last: deque[bool] = deque(maxlen=limits.window)
        self._poison = 0
        self._alerted = False

    def see(self, poison: Iterable[bool]) -> None:
        """Count finished posts, True for a dead letter.

        Raises:
            OperatorError: the share is above the bound, and that is to halt.
        """
        for one in poison:
            if len(self._last) == self._limits.window:
                self._poison -= self._last[0]
            self._last.append(one)
            self._poison += one
        share = self._poison / max(1, len(self._last))
        self._metrics.poison_share.set(share)
        above = share > self._limits.share and len(self._last) == self._limits.window
        if above and not self._alerted:
            _log.error("too many dead letters", share=round(share, 3), of_last=self._limits.window)
        self._alerted = above
        if above and self._limits.halts:
            raise OperatorError(
                f"{share:.0%} of the last {self._limits.window} posts are dead letters, allowed are "
                f"{self._limits.share:.0%}; look at the reasons in the dead-letter topic, correct their cause"
            )
