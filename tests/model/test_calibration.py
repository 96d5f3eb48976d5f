"""Calibration: numbers by label set and language that change probabilities and no cached score."""

import numpy as np
import pytest
from pydantic import ValidationError

from memelens.model.calibration import Calibration, LabelSetCalibration
from memelens.taxonomy import LABEL_SETS, Language

FITTED = Calibration.model_validate(
    {
        "sets": {
            "hateful": {"temperature": 2.0, "bias": [0.5, -0.5]},
            "hateful/ar": {"temperature": 4.0},
            "humor": {"temperature": 0.5},
        }
    }
)


@pytest.mark.parametrize(
    ("name", "language", "temperature"),
    [
        ("hateful", Language.ARABIC, 4.0),
        ("hateful", Language.HINDI, 2.0),
        ("hateful", None, 2.0),
        ("humor", Language.ARABIC, 0.5),
        ("toxic", Language.ARABIC, 1.0),
    ],
)
def test_the_languages_own_fit_goes_first(name: str, language: Language | None, temperature: float) -> None:
    """Then the set's, then none."""
    assert FITTED.of(name, language).temperature == temperature


def test_vectors_are_laid_out_like_scores() -> None:
    """One slope and one bias for each label, set after set."""
    scales, biases = FITTED.vectors(("humor", "hateful", "toxic"), Language.HINDI)
    sizes = [len(LABEL_SETS[name].labels) for name in ("humor", "hateful", "toxic")]
    assert scales.tolist() == np.repeat([2.0, 0.5, 1.0], sizes).tolist()
    assert biases.tolist() == [0.0] * sizes[0] + [0.5, -0.5] + [0.0] * sizes[2]


def test_the_digest_follows_the_numbers() -> None:
    """Equal numbers have equal digests in any order of keys; any other number has another."""
    turned = Calibration(sets={name: FITTED.sets[name] for name in sorted(FITTED.sets, reverse=True)})
    assert turned.digest == FITTED.digest
    other = Calibration(sets={**FITTED.sets, "humor": LabelSetCalibration(temperature=0.51)})
    assert len({FITTED.digest, other.digest, Calibration().digest}) == 3


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": 0}, {"temperature": -1}, {"temperature": "inf"}, {"bias": [float("nan")]}, {"slope": 1}],
    ids=str,
)
def test_numbers_that_would_spoil_every_probability_are_refused(wrong: dict[str, object]) -> None:
    """No temperature of zero or infinity, no bias that is no number, no key that would be ignored."""
    with pytest.raises(ValidationError):
        LabelSetCalibration.model_validate(wrong)
