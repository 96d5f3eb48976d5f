"""What another policy would have said of verdicts that are out already. Needs no model: verdicts hold the scores."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydantic import ValidationError

from ...taxonomy import TASKS, Language, Task
from ..messages import Evidence, Route, Verdict
from .deciding import Decider
from .policy import Policy

__all__ = ["Change", "Comparison", "compare"]

_NINE = frozenset(Language)


@dataclass(frozen=True, slots=True)
class Change:
    """A verdict that would come out differently."""

    post_id: str
    language: str
    before: Route
    after: Route
    gained: tuple[Task, ...]
    lost: tuple[Task, ...]


@dataclass(slots=True)
class Comparison:
    """Sums over the verdicts read. `gained` and `lost` count flags by task, `routes` pairs of before and after."""

    verdicts: int = 0
    skipped: int = 0
    changes: list[Change] = field(default_factory=list)
    routes: Counter[tuple[Route, Route]] = field(default_factory=Counter)
    gained: Counter[Task] = field(default_factory=Counter)
    lost: Counter[Task] = field(default_factory=Counter)


def compare(policy: Policy, contents: Iterable[Mapping[str, Any]]) -> Comparison:
    """Decide again on every verdict; what is no verdict is counted as skipped."""
    comparison, deciders = Comparison(), _Deciders(policy)
    for content in contents:
        try:
            verdict = Verdict.model_validate(content)
        except ValidationError:
            comparison.skipped += 1
            continue
        change = deciders.change(verdict)
        comparison.verdicts += 1
        comparison.routes[change.before, change.after] += 1
        comparison.gained.update(change.gained)
        comparison.lost.update(change.lost)
        if change.gained or change.lost or change.before != change.after:
            comparison.changes.append(change)
    return comparison


class _Deciders:
    """A policy, prepared once for each language and kind of evidence that occurs."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._known: dict[tuple[Any, ...], Decider] = {}

    def change(self, verdict: Verdict) -> Change:
        labels = {task: verdict.labels[task] for task in TASKS if task in verdict.labels}
        # A later version may know more languages and tasks: to this one they are outside the nine, and no tasks.
        language = Language(verdict.language) if verdict.language_supported and verdict.language in _NINE else None
        decider = self._decider(tuple(labels), language, tuple(label.evidence for label in labels.values()))
        decisions = decider.decide(np.array([[label.score for label in labels.values()]]))
        flagged = {task: bool(now) for task, now in zip(labels, decisions.flagged[0], strict=True)}
        return Change(
            post_id=verdict.post_id,
            language=verdict.language,
            before=verdict.route,
            after=decisions.routes[0],
            gained=tuple(task for task, now in flagged.items() if now and not labels[task].flagged),
            lost=tuple(task for task, now in flagged.items() if labels[task].flagged and not now),
        )

    def _decider(self, tasks: tuple[Task, ...], language: Language | None, evidence: tuple[Evidence, ...]) -> Decider:
        key = (tasks, language, evidence)
        if key not in self._known:
            self._known[key] = Decider(self._policy, tasks, language, evidence)
        return self._known[key]
