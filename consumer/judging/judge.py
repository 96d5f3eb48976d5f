"""From raw scores to a judgement: calibration, probabilities, labels, and what the policy decides on them.

Vectorised over the posts of a batch that share label sets and language. What is decided is decided on the probabilities
as they are published (six digits), so that everybody who reads a verdict comes to the same flags.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...model.calibration import Calibration
from ...model.engine import EngineDescription, Scores
from ...model.errors import CheckpointError, MemeError
from ...taxonomy import LABEL_SETS, LabelSet, Language, Task
from ..messages import Evidence, Route
from .answering import Answers
from .deciding import Decider
from .explaining import WantedRationale, rationale_languages, wanted_rationales
from .policy import Policy, WhichRationales

__all__ = ["Judge", "Judgement"]

_LEAST_TEMPERATURE = 1e-3


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is published of one post's scores: one entry for each task answered, in the order of the scores.

    `sets` are the label sets served, `probabilities` those of a set's labels in its order (they sum to 1 within 1e-9,
    unless several labels may hold at once).
    """

    sets: tuple[LabelSet, ...]
    evidence: tuple[Evidence, ...]
    labels: tuple[str, ...]
    probabilities: tuple[tuple[float, ...], ...]
    scores: tuple[float, ...]
    flagged: tuple[bool, ...]
    abstained: tuple[bool, ...]
    priority: float
    route: Route
    rationales: tuple[WantedRationale, ...]

    @property
    def any_flagged(self) -> bool:
        """Whether any task is."""
        return True in self.flagged


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """What posts with the same label sets and language share."""

    answers: Answers
    decider: Decider
    evidence: tuple[Evidence, ...]
    languages: tuple[Language, ...]


def _not_finite() -> MemeError:
    return MemeError("scores-not-finite", "the model's scores hold NaN or an infinity")


class Judge:
    """A policy and a model's calibration, ready to judge. Safe to share between threads."""

    def __init__(self, policy: Policy, description: EngineDescription) -> None:
        """Raises CheckpointError where the calibration doesn't fit its label sets."""
        _check(description.calibration)
        self._policy, self._description = policy, description
        self._groups: dict[tuple[tuple[str, ...], Language | None], _Group] = {}

    def judge(self, scores: Sequence[Scores], languages: Sequence[Language | None]) -> list[Judgement | MemeError]:
        """A judgement for each post; `languages` are those of their memes (None: outside the nine).

        Scores that hold NaN or an infinity become a MemeError (`scores-not-finite`): a number out of nothing must
        neither pass for an answer nor stop its neighbours.
        """
        judged: list[Judgement | MemeError] = [_not_finite() for _ in scores]
        places = defaultdict(list)
        for place, (one, language) in enumerate(zip(scores, languages, strict=True)):
            places[one.sets, language].append(place)
        for (sets, language), members in places.items():
            group = self._group(sets, language)
            flat = np.array([scores[place].log_probabilities for place in members], dtype=np.float64)
            finite: NDArray[np.bool_] = np.asarray(np.isfinite(flat).all(axis=1))
            good = [place for place, is_finite in zip(members, finite.tolist(), strict=True) if is_finite]
            for place, judgement in zip(good, self._judge(group, flat[finite]), strict=True):
                judged[place] = judgement
        return judged

    def _judge(self, group: _Group, flat: NDArray[np.float64]) -> list[Judgement]:
        answered = group.answers.answer(flat)
        decisions = group.decider.decide(answered.scores)
        columns: tuple[NDArray[Any], ...] = (
            answered.tops,
            answered.probabilities,
            answered.scores,
            decisions.flagged,
            answered.leads < self._policy.abstain_margin,
            decisions.priority,
        )
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [
            self._judgement(group, row, decisions.routes[place], decisions.weighted[place])
            for place, row in enumerate(rows)
        ]

    def _judgement(self, group: _Group, row: tuple[Any, ...], route: Route, weighted: NDArray[np.float64]) -> Judgement:
        tops, padded, scores, flagged, abstained, priority = row
        sets = group.answers.sets
        labels, probabilities = group.answers.names(tops), group.answers.trimmed(padded)
        wanted: tuple[WantedRationale, ...] = ()
        if self._explains(flagged):
            wanted = wanted_rationales(
                self._policy.rationales,
                group.languages,
                sets=sets,
                labels=labels,
                probabilities=probabilities,
                flagged=flagged,
                weighted=weighted.tolist(),
            )
        return Judgement(
            sets=sets,
            evidence=group.evidence,
            labels=labels,
            probabilities=probabilities,
            scores=tuple(scores),
            flagged=tuple(flagged),
            abstained=tuple(abstained),
            priority=priority,
            route=route,
            rationales=wanted,
        )

    def _explains(self, flagged: Sequence[bool]) -> bool:
        which = self._policy.rationales.which
        return True in flagged if which is WhichRationales.FLAGGED else which is not WhichRationales.NONE

    def _group(self, sets: tuple[str, ...], language: Language | None) -> _Group:
        group = self._groups.get((sets, language))
        if group is None:
            group = self._groups[sets, language] = self._prepare(sets, language)
        return group

    def _prepare(self, sets: tuple[str, ...], language: Language | None) -> _Group:
        answers = Answers(sets, language, self._description.calibration)
        tasks = [one.task for one in answers.sets]
        if len(set(tasks)) != len(tasks):
            raise ValueError(f"a task was scored twice: {' '.join(sets)}")
        evidence = tuple(self._evidence(task, language) for task in tasks)
        rule, written = self._policy.rationales, self._description.rationale_languages
        return _Group(
            answers,
            Decider(self._policy, tasks, language, evidence),
            evidence,
            rationale_languages(rule, language, written),
        )

    def _evidence(self, task: Task, language: Language | None) -> Evidence:
        return "trained" if language in self._description.trained.get(task, ()) else "transferred"


def _check(calibration: Calibration) -> None:
    for key, one in calibration.sets.items():
        name, _, language = key.partition("/")
        if name not in LABEL_SETS or language not in {"", *Language}:
            raise CheckpointError(f"calibration of {key!r}: no such label set or language; refit it")
        size = len(LABEL_SETS[name].labels)
        if one.bias and len(one.bias) != size:
            raise CheckpointError(f"calibration of {key!r}: {len(one.bias)} biases for {size} labels; refit it")
        if not _LEAST_TEMPERATURE <= one.temperature <= 1 / _LEAST_TEMPERATURE:
            raise CheckpointError(f"calibration of {key!r}: a temperature out of all bounds; refit it")
