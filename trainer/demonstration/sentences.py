"""Sentences of the invented world in the nine languages, read from one data file a language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ...taxonomy import Task
from ...taxonomy.languages import Language
from .scene import ATTRIBUTES, EVIDENCE, Scene, Scope

__all__ = ["HELD_OUT_PATTERNS", "Sentences", "pattern_indices", "sentences"]

HELD_OUT_PATTERNS = frozenset(range(2, 30, 5))
"""Places of the six sentence patterns of each language that no training meme uses."""


class Sentences(BaseModel):
    """One language's words and patterns; see `scene.py` for the order of the lists."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scopes: Mapping[Scope, str]
    groups: Annotated[tuple[str, ...], Field(min_length=8, max_length=8)]
    relations: Mapping[str, str]
    manners: Mapping[str, str]
    rationale: str
    list_separator: str
    patterns: Annotated[tuple[str, ...], Field(min_length=30)]
    objects: Mapping[str, str]
    attributes: Mapping[str, tuple[str, ...]]

    def subject(self, scene: Scene) -> str:
        """Who the text is about: a people and how many of it."""
        return self.scopes[scene.scope].format(group=self.groups[scene.group])

    def sentence(self, scene: Scene, pattern: int) -> str:
        """The meme's text after the pattern at that place, with a capital where the script has them."""
        subject, predicate, manner = self.subject(scene), self.relations[scene.relation], self.manners[scene.manner]
        text = self.patterns[pattern].format(s=subject, p=predicate, m=manner)
        first = next(place for place, letter in enumerate(text) if letter.isalpha())
        return text[:first] + text[first].upper() + text[first + 1 :]

    def explain(self, scene: Scene, task: Task) -> str:
        """Why the scene has its label for a task: who, what is shown, and the attributes that decide."""
        reasons = self.list_separator.join(self.attributes[name][ATTRIBUTES[name](scene)] for name in EVIDENCE[task])
        return self.rationale.format(subject=self.subject(scene), object=self.objects[scene.object], reasons=reasons)

    def fragments(self) -> list[str]:
        """Everything that sentences and rationales are made of, piece by piece."""
        frames = [piece for one in (*self.scopes.values(), *self.patterns, self.rationale) for piece in _split(one)]
        words = [*self.groups, *self.relations.values(), *self.manners.values(), *self.objects.values()]
        return frames + words + [phrase for phrases in self.attributes.values() for phrase in phrases]


def _split(pattern: str) -> list[str]:
    for slot in ("{group}", "{s}", "{p}", "{m}", "{subject}", "{object}", "{reasons}"):
        pattern = pattern.replace(slot, "\0")
    return [piece for piece in pattern.split("\0") if piece.strip()]


@cache
def sentences(language: Language) -> Sentences:
    """Sentences of a language, from `sentences/<language>.toml`."""
    text = resources.files(__package__).joinpath("sentences", f"{language.value}.toml").read_text(encoding="utf-8")
    return Sentences.model_validate(tomllib.loads(text))


def pattern_indices(language: Language, *, held_out: bool) -> list[int]:
    """Places of a language's patterns that are (or aren't) held out of training."""
    return [place for place in range(len(sentences(language).patterns)) if (place in HELD_OUT_PATTERNS) == held_out]
