"""A policy: thresholds, weights and routes that turn calibrated probabilities into a verdict.

docs/policy.md tells what each key means; `default_policy.yaml` beside this file holds where none is given.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from ...taxonomy import FAMILIES, TASKS, Family, Language, Task, UnknownNameError
from ..messages import Route

__all__ = ["Condition", "Policy", "RationaleLanguage", "RationaleRule", "RouteRule", "Scope", "WhichRationales"]

Scope = Literal["default", "other"] | Language
"""Where a value holds: in one of the nine languages, in all `other` languages, or (`default`) where nothing is said."""


_Value = TypeVar("_Value")


class WhichRationales(StrEnum):
    """Which answers of a post are explained."""

    NONE = "none"
    FLAGGED = "flagged"
    FAMILIES = "families"
    ALL = "all"


class RationaleLanguage(StrEnum):
    """What a rationale is written in."""

    ENGLISH = "en"
    POST = "post"


def _task(name: object) -> object:
    if name not in TASKS:
        raise UnknownNameError("task", str(name), TASKS)
    return Task(str(name))


def _scope(name: object) -> object:
    known = ["default", "other", *Language]
    if name not in known:
        raise UnknownNameError("language", str(name), known)
    return name if name in {"default", "other"} else Language(str(name))


def _by_scope(value: object) -> object:
    """A single value is the default of all languages."""
    return value if isinstance(value, Mapping) else {"default": value}


_TaskName = Annotated[Task, BeforeValidator(_task)]
_ScopeName = Annotated[Scope, BeforeValidator(_scope)]
_Score = Annotated[float, Strict(), Field(gt=0, le=1, allow_inf_nan=False)]
_Share = Annotated[float, Strict(), Field(ge=0, le=1, allow_inf_nan=False)]
_Flag = Annotated[bool, Strict()]
_Thresholds = Annotated[dict[_ScopeName, _Score | None], BeforeValidator(_by_scope)]
_Flags = Annotated[dict[_ScopeName, _Flag], BeforeValidator(_by_scope)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Condition(_Section):
    """What a rule asks of a post; all that is given must hold."""

    flagged: _Flag | None = None
    """Whether any task is flagged."""
    tasks: tuple[_TaskName, ...] = ()
    """At least one of these is flagged."""
    families: tuple[Family, ...] = ()
    """At least one task of these families is flagged."""
    min_priority: _Score | None = None
    """The priority is at least this."""
    scores: dict[_TaskName, _Score] = {}
    """Each of these tasks has at least this score, flagged or not, whatever the evidence."""
    language_supported: _Flag | None = None
    """Whether the language is one of the nine."""

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self == Condition.model_construct():
            raise PydanticCustomError("empty_condition", "asks nothing; give a condition, or use `otherwise`")
        return self


class RouteRule(_Section):
    """Where a post goes `when` a condition holds."""

    when: Condition
    route: Route


class RationaleRule(_Section):
    """Which answers are explained, and in what language."""

    which: WhichRationales = WhichRationales.FLAGGED
    """none; flagged: every flagged task; families: the weightiest answer of each family; all: every task."""
    max_per_post: Annotated[int, Strict(), Field(ge=1, le=100)] = 8
    """Texts, the weightiest tasks first; each language counts."""
    languages: tuple[RationaleLanguage, ...] = (RationaleLanguage.ENGLISH,)
    """`en`, and `post`: the post's own, where the model writes it."""


class Policy(_Section):
    """Everything that is decided after calibration; immutable, identified by `digest`."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")]
    """Published with every verdict."""
    thresholds: dict[_TaskName, _Thresholds]
    """Score at which a task flags; null never does, and neither does a task that isn't listed."""
    flag_transferred: dict[_TaskName, _Flags] = {}
    """Where a task may flag though the model saw no labelled rows of it in that language."""
    weights: dict[_TaskName, _Share] = {}
    """Of a task in the priority; 1 where nothing is said."""
    routes: tuple[RouteRule, ...] = ()
    """The first rule that holds decides."""
    otherwise: Route = "allow"
    """Where a post goes for which no rule holds."""
    abstain_margin: _Share = 0.0
    """A task abstains where its most probable label leads the next by less."""
    rationales: RationaleRule = RationaleRule()
    """What is explained."""

    @model_validator(mode="after")
    def _rules_can_hold(self) -> Self:
        problems = [
            f"routes.{place}.when.{field} names tasks that this policy never flags ({', '.join(tasks)}); "
            "give one of them a threshold"
            for place, rule in enumerate(self.routes)
            for field, tasks in _asked_to_be_flagged(rule.when)
            if not any(self._ever_flags(task) for task in tasks)
        ]
        if problems:
            raise PydanticCustomError("never_holds", "{problems}", {"problems": "; ".join(problems)})
        return self

    def _ever_flags(self, task: Task) -> bool:
        return any(value is not None for value in self.thresholds.get(task, {}).values())

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that change with anything that was set; spelling and order of keys don't count."""
        content = self.model_dump(mode="json", exclude_defaults=True)
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def threshold(self, task: Task, language: Language | None) -> float | None:
        """Score at which a task flags in a language (None: outside the nine); None where it never does."""
        return _at(self.thresholds.get(task, {}), language)

    def flags_transferred(self, task: Task, language: Language | None) -> bool:
        """Whether transferred evidence is enough to flag."""
        return bool(_at(self.flag_transferred.get(task, {}), language))

    def weight(self, task: Task) -> float:
        """Weight of a task in the priority, 0 to 1."""
        return self.weights.get(task, 1.0)


def _at(values: Mapping[Scope, _Value], language: Language | None) -> _Value | None:
    scope: Scope = language or "other"
    return values[scope] if scope in values else values.get("default")


def _asked_to_be_flagged(condition: Condition) -> Iterator[tuple[str, tuple[Task, ...]]]:
    if condition.tasks:
        yield "tasks", condition.tasks
    if condition.families:
        yield "families", tuple(task for family in condition.families for task in FAMILIES[family])
