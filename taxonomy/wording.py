"""How tasks and labels are worded in each of the nine languages, read from one data file a language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from .languages import Language
from .tasks import Task

__all__ = ["TaskWording", "Wording", "wording"]

_Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class TaskWording(BaseModel):
    """A task's short name (it opens the task's branch), its question, and one sentence that defines it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: _Phrase
    question: _Phrase
    definition: _Phrase


class Wording(BaseModel):
    """One language's wording: `tasks` by task, `labels` by label set and label."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tasks: Mapping[Task, TaskWording]
    labels: Mapping[str, Mapping[str, _Phrase]]

    def label(self, label_set: str, label: str) -> str:
        """How a label of that set is written in this language."""
        return self.labels[label_set][label]


@cache
def wording(language: Language) -> Wording:
    """Wording of a language, from `taxonomy/wordings/<language>.toml`."""
    text = resources.files(__package__).joinpath("wordings", f"{language.value}.toml").read_text(encoding="utf-8")
    return Wording.model_validate(tomllib.loads(text))
