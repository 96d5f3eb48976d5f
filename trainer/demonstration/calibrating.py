"""One temperature for each label set, fitted on validation memes: Guo et al. 2017 (arXiv 1706.04599)."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from ...model.calibration import Calibration, LabelSetCalibration
from ...model.engine import Scores
from ...taxonomy import label_set
from .dataset import DrawnMeme
from .scene import labels

__all__ = ["fit_calibration"]

_BOUNDS = (0.2, 5.0)
_SMOOTHING = 0.5


def fit_calibration(memes: Sequence[DrawnMeme], scores: Sequence[Scores]) -> Calibration:
    """The temperature of each label set at which its probabilities fit these memes best.

    Half a wrong answer is added to each set: a model without fault on the validation memes isn't without doubt.
    """
    values: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    gold: dict[str, list[int]] = defaultdict(list)
    for one, given in zip(memes, scores, strict=True):
        right = labels(one.scene, one.language)
        for name, row in given.by_set().items():
            values[name].append(row)
            gold[name].append(label_set(name).labels.index(right[label_set(name).task]))
    fitted = {
        name: LabelSetCalibration(temperature=_temperature(np.array(values[name]), gold[name])) for name in values
    }
    return Calibration(sets=fitted)


def _temperature(values: NDArray[np.float64], gold: Sequence[int]) -> float:
    def loss(temperature: float) -> float:
        log_probabilities = log_softmax(values / temperature, axis=1)
        right = log_probabilities[np.arange(len(gold)), gold]
        return float(-right.sum() - _SMOOTHING * log_probabilities.min(axis=1).mean())

    return round(float(minimize_scalar(loss, bounds=_BOUNDS, method="bounded").x), 3)
