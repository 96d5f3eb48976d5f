"""A scene of the invented world: hidden attributes, from which picture, text and all labels follow.

Every yes/no attribute is drawn evenly and independently of the others, and stays so after the held-out combinations
are taken away. The tasks in `JOINT_TASKS` are exclusive-ors of one attribute of the text and one of the picture: who
sees only one of the two can do no better than a coin.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from ...taxonomy import TASKS, Task, served_set
from ...taxonomy.languages import Language

__all__ = [
    "ATTRIBUTES",
    "EVIDENCE",
    "GROUPS",
    "JOINT_TASKS",
    "MANNERS",
    "OBJECTS",
    "RELATIONS",
    "Edit",
    "Scene",
    "Scope",
    "Style",
    "draw_scene",
    "is_held_out",
    "labels",
]

GROUPS = range(8)
"""The made-up peoples, by their place in the sentence files."""

# Four kinds of relation: kind or scornful, about keeping the thing or not.
_RELATION_KINDS = (
    ("praise", "paint", "celebrate"),
    ("guard", "collect", "buy"),
    ("mock", "scold", "avoid"),
    ("steal", "hide", "grab"),
)
RELATIONS = tuple(name for kind in _RELATION_KINDS for name in kind)
MANNERS = ("smile", "bow", "song", "growl", "snort", "burp")

# Four kinds of object: gentle or sharp, made or living.
_OBJECT_KINDS = (
    ("balloon", "book", "cup", "cake", "house", "umbrella"),
    ("flower", "fish", "cat", "mushroom", "tree", "snail"),
    ("scissors", "saw", "fork", "sword", "arrow", "anchor"),
    ("cactus", "hedgehog", "crab", "bee", "shark", "pineapple"),
)
OBJECTS = tuple(name for kind in _OBJECT_KINDS for name in kind)


class Scope(StrEnum):
    """How many of a people the text speaks of."""

    INDIVIDUAL = "individual"
    ORGANIZATION = "organization"
    COMMUNITY = "community"
    SOCIETY = "society"


class Style(StrEnum):
    """How the object is drawn; the last two are drawn in lines."""

    FLAT = "flat"
    SHADED = "shaded"
    OUTLINE = "outline"
    SKETCH = "sketch"


class Edit(StrEnum):
    """What was done to the picture."""

    REAL = "real"
    FAKE = "fake"
    DEEPFAKE = "deepfake"


@dataclass(frozen=True, slots=True)
class Scene:
    """What is hidden behind one meme."""

    group: int
    scope: Scope
    relation: str
    manner: str
    object: str
    style: Style
    edit: Edit
    night: bool
    hat: bool
    glasses: bool


ATTRIBUTES: Mapping[str, Callable[[Scene], int]] = MappingProxyType(
    {
        "scorn": lambda scene: RELATIONS.index(scene.relation) // 6,
        "keeping": lambda scene: RELATIONS.index(scene.relation) // 3 % 2,
        "coast": lambda scene: scene.group % 2,
        "old": lambda scene: scene.group // 2 % 2,
        "rough": lambda scene: MANNERS.index(scene.manner) // 3,
        "scope": lambda scene: list(Scope).index(scene.scope),
        "sharp": lambda scene: OBJECTS.index(scene.object) // 12,
        "living": lambda scene: OBJECTS.index(scene.object) // 6 % 2,
        "night": lambda scene: int(scene.night),
        "hat": lambda scene: int(scene.hat),
        "glasses": lambda scene: int(scene.glasses),
        "lines": lambda scene: list(Style).index(scene.style) // 2,
        "edit": lambda scene: list(Edit).index(scene.edit),
    }
)
"""What the labels look at, as small numbers; the first six are told by the text, the others by the picture."""

EVIDENCE: Mapping[Task, tuple[str, ...]] = MappingProxyType(
    {
        Task.HATEFUL: ("scorn", "sharp"),
        Task.HARMFUL: ("scorn", "sharp"),
        Task.TOXIC: ("coast", "night"),
        Task.ABUSIVE: ("old", "rough"),
        Task.VULGAR: ("rough",),
        Task.TARGET: ("scorn", "keeping", "scope"),
        Task.MISOGYNY: ("old", "living"),
        Task.OBJECTIFICATION: ("keeping", "living"),
        Task.SHAMING: ("rough", "hat"),
        Task.STEREOTYPE: ("coast", "sharp"),
        Task.VIOLENCE: ("scorn", "sharp"),
        Task.PROPAGANDA: ("keeping", "night"),
        Task.METAPHOR: ("old", "lines"),
        Task.INTENTION: ("scorn", "sharp", "living"),
        Task.SARCASM: ("rough", "glasses"),
        Task.DEEPFAKE: ("edit",),
        Task.POLITICAL: ("coast",),
        Task.HUMOR: ("hat", "glasses"),
        Task.OFFENSIVE: ("scorn", "rough"),
        Task.MOTIVATIONAL: ("keeping", "night"),
    }
)
"""The attributes that decide each task; English `offensive` also asks whether the meme is hateful."""

JOINT_TASKS = (
    Task.HATEFUL,
    Task.TOXIC,
    Task.MISOGYNY,
    Task.OBJECTIFICATION,
    Task.SHAMING,
    Task.STEREOTYPE,
    Task.PROPAGANDA,
    Task.METAPHOR,
)
"""Yes where the two attributes differ: neither text nor picture alone says anything."""


def _degree(task: Task, scene: Scene) -> int:  # noqa: PLR0911 - one line for each rule
    """Index of a task's label in its finest label set."""
    one, *others = (ATTRIBUTES[name](scene) for name in EVIDENCE[task])
    other = others[0] if others else 0
    if task in JOINT_TASKS:
        return one ^ other
    match task:
        case Task.HARMFUL:
            return one + other
        case Task.ABUSIVE | Task.VIOLENCE:
            return one & other
        case Task.TARGET:
            return 1 + others[1] if one or other else 0
        case Task.INTENTION:
            return 3 if one != other else (0, 1, 2, 4)[2 * other + others[1]]
        case Task.SARCASM | Task.HUMOR | Task.OFFENSIVE:
            return 2 * one + other
        case Task.MOTIVATIONAL:
            return (1 - one) & (1 - other)
        case _:
            return one


def labels(scene: Scene, language: Language | None) -> dict[Task, str]:
    """The scene's label for each of the twenty tasks, from the set that is served in a language."""
    return {task: _label(task, scene, language) for task in TASKS}


def _label(task: Task, scene: Scene, language: Language | None) -> str:
    served, degree = served_set(task, language), _degree(task, scene)
    if served.name == "offensive-hateful":
        degree = degree if degree < 2 else 2 + _degree(Task.HATEFUL, scene)
    if served.fine is not None:
        return served.labels[min(degree, 1)]
    return served.labels[degree]


# A people is never seen with six objects and a relation with four. Complementary peoples and relations share theirs,
# and each share holds gentle and sharp, made and living objects alike, so that no attribute tells about another.
_PEOPLE_SHARES = ((0, 0, 1, 1, 2, 3), (2, 2, 3, 3, 0, 1), (2, 2, 3, 3, 0, 1), (0, 0, 1, 1, 2, 3))


def is_held_out(scene: Scene) -> bool:
    """Whether the scene's people or relation never meets its object in training."""
    kind, place = divmod(OBJECTS.index(scene.object), 6)
    relation_kind, relation_place = divmod(RELATIONS.index(scene.relation), 3)
    share = min(relation_kind, 3 - relation_kind) * 3 + relation_place
    return min(scene.group, 7 - scene.group) == _PEOPLE_SHARES[kind][place] or share == place


def draw_scene(rng: random.Random, *, held_out: bool | None = None) -> Scene:
    """A scene with even attributes; `held_out` asks for one whose combination is held out (or isn't)."""
    while True:
        scene = Scene(
            group=rng.choice(GROUPS),
            scope=rng.choice(list(Scope)),
            relation=rng.choice(RELATIONS),
            manner=rng.choice(MANNERS),
            object=rng.choice(OBJECTS),
            style=rng.choice(list(Style)),
            edit=rng.choice(list(Edit)),
            night=rng.random() < 0.5,
            hat=rng.random() < 0.5,
            glasses=rng.random() < 0.5,
        )
        if held_out is None or is_held_out(scene) == held_out:
            return scene
