"""From raw scores to answers: calibration, probabilities, coarse sets as sums, the score of each task.

Everything is padded to (posts, tasks, labels), `labels` being the size of the largest set, so that a batch is a few
array operations.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...model.calibration import Calibration
from ...taxonomy import LABEL_SETS, LabelSet, Language, served_set

__all__ = ["Answered", "Answers"]

_Floats = NDArray[np.float64]
_LARGEST = 1e6  # of a raw score: far beyond any probability that isn't 0, and no temperature makes it overflow
_PARTS = 1_000_000  # probabilities are published with six digits


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """Answers to a batch. `probabilities` (posts, tasks, labels) have six digits and are 0 in the padding.

    `tops` are the places of the most probable labels, `leads` how far each is ahead of the next (infinite where several
    labels may hold at once), `scores` what the flagging labels come to: each of shape (posts, tasks).
    """

    probabilities: _Floats
    tops: NDArray[np.intp]
    leads: _Floats
    scores: _Floats


class Answers:
    """Label sets as they were scored in a language, and how their scores become probabilities of the served ones.

    A scored set whose coarse form is served in that language is published as that: its labels are sums over fine ones.
    """

    def __init__(self, scored: Sequence[str], language: Language | None, calibration: Calibration) -> None:
        fine = [LABEL_SETS[name] for name in scored]
        self.sets = tuple(_published(one, language) for one in fine)
        self._sizes = [len(one.labels) for one in self.sets]
        self._names = [one.labels for one in self.sets]
        width = max(len(one.labels) for one in fine)
        self._columns, real = _padded(fine, width)
        scale, bias = calibration.vectors(tuple(scored), language)
        self._scale = np.where(real, scale[self._columns], 0.0)
        self._bias = np.where(real, bias[self._columns], -np.inf)
        self._multiple = np.array([one.multiple for one in self.sets])
        self._flagging = np.zeros((len(self.sets), width))
        for row, one in enumerate(self.sets):
            self._flagging[row, : len(one.labels)] = [label in one.flagging for label in one.labels]
        coarsened = any(mine is not theirs for mine, theirs in zip(self.sets, fine, strict=True))
        self._sums = _sums(fine, self.sets, width) if coarsened else None

    def answer(self, flat: _Floats) -> Answered:
        """Answers to finite scores of shape (posts, labels of all scored sets)."""
        raw = np.clip(flat, -_LARGEST, _LARGEST)[:, self._columns]
        probabilities = _softmax(raw * self._scale + self._bias)
        if self._multiple.any():
            each = _sigmoid(_logit(raw) * self._scale + self._bias)
            probabilities = np.where(self._multiple[:, None], each, probabilities)
        if self._sums is not None:
            probabilities = np.einsum("ptf,tfc->ptc", probabilities, self._sums)
        parts = self._whole_parts(probabilities)
        ordered = np.sort(parts, axis=-1)
        flagging = parts * self._flagging
        return Answered(
            probabilities=parts / _PARTS,
            tops=parts.argmax(axis=-1),
            leads=np.where(self._multiple, np.inf, (ordered[..., -1] - ordered[..., -2]) / _PARTS),
            scores=np.where(self._multiple, flagging.max(axis=-1), flagging.sum(axis=-1)) / _PARTS,
        )

    def names(self, tops: Sequence[int]) -> tuple[str, ...]:
        """Labels at these places, one for each task."""
        return tuple([labels[top] for labels, top in zip(self._names, tops, strict=True)])

    def trimmed(self, probabilities: Sequence[Sequence[float]]) -> tuple[tuple[float, ...], ...]:
        """Probabilities of one post without the padding."""
        return tuple([tuple(row[:size]) for row, size in zip(probabilities, self._sizes, strict=True)])

    def _whole_parts(self, probabilities: _Floats) -> _Floats:
        """Millionths; what rounding leaves over goes to the most probable label, so that they sum to a million."""
        parts = np.rint(probabilities * _PARTS)
        tops = parts.argmax(axis=-1)[..., None]
        rest = np.where(self._multiple, 0.0, _PARTS - parts.sum(axis=-1))[..., None]
        np.put_along_axis(parts, tops, np.take_along_axis(parts, tops, -1) + rest, -1)
        return parts


def _published(scored: LabelSet, language: Language | None) -> LabelSet:
    served = served_set(scored.task, language)
    return served if served.fine == scored.name else scored


def _padded(sets: Sequence[LabelSet], width: int) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Places in the flat vector of each set's labels, and which of them are real: both (tasks, width)."""
    columns = np.zeros((len(sets), width), dtype=np.intp)
    real = np.zeros((len(sets), width), dtype=np.bool_)
    start = 0
    for row, one in enumerate(sets):
        size = len(one.labels)
        columns[row] = start
        columns[row, :size] = range(start, start + size)
        real[row, :size] = True
        start += size
    return columns, real


def _sums(fine: Sequence[LabelSet], served: Sequence[LabelSet], width: int) -> _Floats:
    """(tasks, scored labels, served labels): 1 where a scored label counts into a served one."""
    sums = np.zeros((len(fine), width, width))
    for row, (mine, theirs) in enumerate(zip(fine, served, strict=True)):
        for column, label in enumerate(theirs.labels):
            for part in theirs.sums[label] if theirs is not mine else (label,):
                sums[row, mine.labels.index(part), column] = 1
    return sums


def _softmax(logits: _Floats) -> _Floats:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def _logit(log_probability: _Floats) -> _Floats:
    """Of yes/no questions, whose scores are the log-probabilities of yes."""
    bounded = np.clip(log_probability, -700.0, -1e-12)
    return np.asarray(bounded - np.log(-np.expm1(bounded)))


def _sigmoid(logits: _Floats) -> _Floats:
    return np.exp(-np.logaddexp(0.0, -logits))
