"""What a policy decides on scores: flags, priority and route, for many posts at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...taxonomy import Language, Task, family_of
from ..messages import Evidence, Route
from .policy import Condition, Policy

__all__ = ["Decider", "Decisions"]

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Decisions:
    """`flagged` (posts, tasks), `priority` and `routes` (posts,), `weighted` is weight times score (posts, tasks)."""

    flagged: _Bools
    priority: _Floats
    routes: Sequence[Route]
    weighted: _Floats


class Decider:
    """A policy, prepared for posts of one language (None: outside the nine) with answers to the same tasks."""

    def __init__(
        self, policy: Policy, tasks: Sequence[Task], language: Language | None, evidence: Sequence[Evidence]
    ) -> None:
        self._policy = policy
        self._supported = language is not None
        self._columns = {task: column for column, task in enumerate(tasks)}
        self._families = [family_of(task) for task in tasks]
        self._weights = np.array([policy.weight(task) for task in tasks])
        self._thresholds = np.array(
            [_threshold(policy, task, language, said) for task, said in zip(tasks, evidence, strict=True)]
        )

    def decide(self, scores: _Floats) -> Decisions:
        """Decisions on scores of shape (posts, tasks)."""
        flagged = scores >= self._thresholds
        weighted = self._weights * scores
        priority = np.round(np.where(flagged, weighted, 0.0).max(axis=1, initial=0.0), 6)
        return Decisions(flagged, priority, self._routes(scores, flagged, priority), weighted)

    def _routes(self, scores: _Floats, flagged: _Bools, priority: _Floats) -> list[Route]:
        routes: list[Route] = [self._policy.otherwise] * len(scores)
        open_posts = np.ones(len(scores), dtype=np.bool_)
        for rule in self._policy.routes:
            holds = open_posts & self._holds(rule.when, scores, flagged, priority)
            for post in np.flatnonzero(holds).tolist():
                routes[post] = rule.route
            open_posts &= ~holds
        return routes

    def _holds(self, condition: Condition, scores: _Floats, flagged: _Bools, priority: _Floats) -> _Bools:
        holds = np.full(len(scores), condition.language_supported in {None, self._supported})
        if condition.flagged is not None:
            holds &= flagged.any(axis=1) == condition.flagged
        if condition.tasks:
            holds &= self._any(flagged, [task in condition.tasks for task in self._columns])
        if condition.families:
            holds &= self._any(flagged, [family in condition.families for family in self._families])
        if condition.min_priority is not None:
            holds &= priority >= condition.min_priority
        for task, least in condition.scores.items():
            column = self._columns.get(task)
            holds &= False if column is None else scores[:, column] >= least
        return holds

    @staticmethod
    def _any(flagged: _Bools, asked: Sequence[bool]) -> _Bools:
        return np.asarray((flagged & np.array(asked, dtype=np.bool_)).any(axis=1))


def _threshold(policy: Policy, task: Task, language: Language | None, evidence: Evidence) -> float:
    """Infinite where the task can't flag."""
    threshold = policy.threshold(task, language)
    if threshold is None or (evidence == "transferred" and not policy.flags_transferred(task, language)):
        return np.inf
    return threshold
