"""Calibration: a temperature and a bias for each label, applied to raw scores after the cache.

Temperature scaling as in Guo et al. 2017 (arXiv 1706.04599), with a bias for each label (their vector scaling with a
shared slope). Fitted by the trainer on validation data, by label set and language, shrunk to the label set's own fit.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ..taxonomy import LABEL_SETS, Language

__all__ = ["Calibration", "LabelSetCalibration"]


class LabelSetCalibration(BaseModel):
    """`softmax(scores / temperature + bias)`; an empty bias is zero."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    temperature: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    bias: tuple[Annotated[float, Field(allow_inf_nan=False)], ...] = ()


class Calibration(BaseModel):
    """Calibration by label set (`hateful`), and by set and language (`hateful/ar`) where there was enough data."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sets: Mapping[str, LabelSetCalibration] = {}

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that change with any of the numbers."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def of(self, label_set: str, language: Language | None) -> LabelSetCalibration:
        """Calibration of a set in a language: the language's own, else the set's, else none."""
        return self.sets.get(f"{label_set}/{language}") or self.sets.get(label_set) or LabelSetCalibration()

    def vectors(
        self, sets: tuple[str, ...], language: Language | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Inverse temperatures and biases for a flat score vector of these sets: two arrays of shape (labels,)."""
        scales, biases = [], []
        for name in sets:
            one, size = self.of(name, language), len(LABEL_SETS[name].labels)
            scales += [1 / one.temperature] * size
            biases += list(one.bias) or [0.0] * size
        return np.array(scales), np.array(biases)
