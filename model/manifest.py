"""`memelens.json` beside a checkpoint's weights: how the checkpoint wants to be asked, and what it knows.

A request that contradicts it is refused. Who knows better writes a file of their own and names it in the settings
(`engine.manifest`): it stands above the checkpoint's.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ..taxonomy import TASKS, LabelSet, Language, Task, UnknownNameError, label_set, served_set
from .calibration import Calibration
from .errors import CheckpointError

__all__ = ["FILE", "LabelLanguage", "Layout", "Manifest", "PromptVersion", "Terminator"]

FILE = "memelens.json"


class Layout(StrEnum):
    """Where the task stands: in a branch after the meme, or in the system prompt before it."""

    SHARED_PREFIX = "shared-prefix"
    MEMELENS = "memelens"


class PromptVersion(StrEnum):
    """Wording of the prompt. A text that was trained with is never changed: a new one gets a new version."""

    FULL = "full-1"
    """Questions, definitions and labels of all tasks stand before the meme."""
    BRIEF = "brief-1"
    """One line before the meme, English identifiers as task names and labels: for very small models."""
    RELEASED = "released-1"
    """What QCRI/MemeLens-VLM was trained with."""


class LabelLanguage(StrEnum):
    """Language of questions and labels: English for all memes, or the meme's own."""

    ENGLISH = "en"
    NATIVE = "native"


class Terminator(StrEnum):
    """What follows a label; an explanation can only follow a newline."""

    NEWLINE = "newline"
    END_OF_TURN = "end-of-turn"


class Manifest(BaseModel):
    """How a checkpoint wants to be asked. Unknown keys are refused: they may be what matters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    name: Annotated[str, Field(min_length=1)]
    """Published as the model's name."""
    layout: Layout = Layout.SHARED_PREFIX
    prompt: PromptVersion = PromptVersion.FULL
    label_language: LabelLanguage = LabelLanguage.ENGLISH
    terminator: Terminator = Terminator.NEWLINE
    rationale_languages: frozenset[Language] = frozenset()
    """Empty: the checkpoint doesn't explain."""
    min_pixels: Annotated[int, Field(ge=1)] | None = None
    """Pictures are scaled up to this many pixels; None: as `preprocessor_config.json` says."""
    max_pixels: Annotated[int, Field(ge=1)] | None = None
    """Pictures are scaled down to this many pixels; None: as `preprocessor_config.json` says."""
    trained: Mapping[Task, frozenset[Language]] = {}
    """Languages with labelled rows in training, by task."""
    serve: Mapping[str, str] = {}
    """Label set that is asked instead of the taxonomy's, by task (`sarcasm`) or task and language (`sarcasm/bn`)."""
    remove_prior: bool = False
    """Subtract the scores of memes without content: for a base model that was never trained on these labels."""
    calibration: Calibration = Calibration()
    licence: str = ""
    demonstration: bool = False
    """A toy that knows nothing of the real world."""

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        released = self.prompt is PromptVersion.RELEASED
        if released != (self.layout is Layout.MEMELENS):
            raise ValueError(f"layout {self.layout} can't be asked with prompt {self.prompt}")
        if self.label_language is LabelLanguage.NATIVE and self.prompt is not PromptVersion.FULL:
            raise ValueError(f"prompt {self.prompt} has English labels only; set label_language to en")
        if self.rationale_languages and self.terminator is not Terminator.NEWLINE:
            raise ValueError("rationales follow a newline; set terminator to newline, or rationale_languages to []")
        if released and self.rationale_languages - {Language.ENGLISH}:
            raise ValueError("layout memelens explains in English only; set rationale_languages to [en]")
        if self.min_pixels and self.max_pixels and self.min_pixels > self.max_pixels:
            raise ValueError(f"min_pixels {self.min_pixels} is above max_pixels {self.max_pixels}")
        for key, name in self.serve.items():
            _check_served(key, name)
        _check_calibration(self.calibration)
        return self

    @classmethod
    def parse(cls, text: str | bytes, *, file: str) -> "Manifest":
        """Read a manifest.

        Raises:
            CheckpointError: what is wrong with `file`, in one line.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            problems = "; ".join(_sentence(problem["loc"], problem["msg"]) for problem in error.errors())
            raise CheckpointError(f"{file}: {problems}") from error

    @property
    def tasks(self) -> tuple[Task, ...]:
        """The twenty, and those of the extended ones that the checkpoint was trained on."""
        return (*TASKS, *(task for task in Task if task not in TASKS and self.trained.get(task)))

    def asked_sets(self, language: Language | None) -> tuple[LabelSet, ...]:
        """The label set of each task that a meme in this language is asked about."""
        return tuple(self._asked_set(task, language) for task in self.tasks)

    def _asked_set(self, task: Task, language: Language | None) -> LabelSet:
        name = self.serve.get(f"{task}/{language}") or self.serve.get(task)
        return label_set(name) if name else served_set(task, language)


def _sentence(where: tuple[int | str, ...], what: str) -> str:
    place = ".".join(str(step) for step in where)
    return f"{place}: {what}" if place else what.removeprefix("Value error, ")


def _check_served(key: str, name: str) -> None:
    task, _, language = key.partition("/")
    if task not in set(Task):
        raise UnknownNameError("task", task, Task)
    if language and language not in set(Language):
        raise UnknownNameError("language", language, Language)
    if label_set(name).task != task:
        raise ValueError(f"serve.{key}: label set {name} answers {label_set(name).task}, not {task}")


def _check_calibration(calibration: Calibration) -> None:
    for key, one in calibration.sets.items():
        name, _, language = key.partition("/")
        if language and language not in set(Language):
            raise UnknownNameError("language", language, Language)
        size = len(label_set(name).labels)
        if one.bias and len(one.bias) != size:
            raise ValueError(f"calibration.{key}: {len(one.bias)} biases for the {size} labels of {name}")
