"""What the sides of the engine's benchmark are asked: random tokens and noise, the same for all of them."""

from dataclasses import dataclass

import numpy as np

from memelens.model.packing import MemeTokens
from memelens.model.picture_patches import PicturePatches
from memelens.model.prompt import Answer, Plan
from memelens.model.sheets import Sheet

from .engine_geometry import IDS, VISION_END, VISION_START, Geometry

__all__ = ["BenchmarkMeme", "Workload"]

_FIRST_WORD = 20
_NO_TEXTS = Sheet("", "", "", "", "", ())


@dataclass(frozen=True, slots=True, eq=False)
class BenchmarkMeme:
    """A meme as tokens of text, and a picture."""

    text: tuple[int, ...]
    picture: PicturePatches


class Workload:
    """Plans, questions and memes of a geometry."""

    def __init__(self, geometry: Geometry, *, seed: int = 1) -> None:
        self.geometry = geometry
        self._random = np.random.default_rng(seed)
        self._static = self._words(geometry.static)
        self._openings = [self._words(geometry.opening) for _ in range(geometry.tasks)]
        self._labels = [
            tuple(self._words(geometry.label) for _ in range(geometry.labels)) for _ in range(geometry.tasks)
        ]
        self.questions = [self._words(geometry.question) for _ in range(geometry.tasks)]
        self._system, self._header = self._words(geometry.system), self._words(geometry.header)

    def memes(self, count: int) -> list[BenchmarkMeme]:
        """So many memes, all of one size."""
        return [BenchmarkMeme(self._words(self.geometry.text), self._noise()) for _ in range(count)]

    def plan(self, tasks: int) -> Plan:
        """The packed side's plan for the first so many tasks."""
        answers = tuple(
            Answer(self.name(task), str(number), self._openings[task], label)
            for task in range(tasks)
            for number, label in enumerate(self._labels[task])
        )
        return Plan(self._static, _NO_TEXTS, tuple(self.name(task) for task in range(tasks)), answers)

    @staticmethod
    def name(task: int) -> str:
        """Name of a task's label set."""
        return f"task-{task}"

    def packed(self, meme: BenchmarkMeme) -> MemeTokens:
        """A meme between the root and the branches."""
        return MemeTokens((VISION_START,), self.geometry.grid, (VISION_END, *meme.text, *self._header))

    def asked(self, meme: BenchmarkMeme, task: int | None) -> list[int]:
        """The usual prompt: system, picture, text, and a task's question where there is one."""
        image = [VISION_START, *[IDS.image] * self.geometry.image_tokens, VISION_END]
        return [*self._system, *image, *meme.text, *(self.questions[task] if task is not None else ())]

    def _words(self, count: int) -> tuple[int, ...]:
        return tuple(self._random.integers(_FIRST_WORD, self.geometry.vocabulary, count).tolist())

    def _noise(self) -> PicturePatches:
        rows, columns = (2 * side for side in self.geometry.grid)
        values = self._random.standard_normal((rows * columns, 3 * 2 * 16 * 16), dtype=np.float32)
        return PicturePatches(values, rows, columns)
