"""From nothing to a checkpoint folder: draw, look, train, save, calibrate, judge."""

from dataclasses import dataclass, field
from typing import Protocol

from .looking import LookingSettings
from .training import TrainingSettings

__all__ = ["BuildSettings", "Progress", "build"]


class Progress(Protocol):
    """Hears how far a long step is."""

    def __call__(self, what: str, done: int, of: int, note: str = "") -> None:
        """`done` of `of` units of a step are done."""
        ...


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """How much is drawn and how long is trained; the defaults take about half an hour on two threads."""

    memes: int = 21_600
    validation_memes: int = 900
    test_memes: int = 900
    seed: int = 1
    looking: LookingSettings = field(default_factory=LookingSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)
