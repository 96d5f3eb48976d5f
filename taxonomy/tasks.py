"""The twenty tasks in four families, the three extended ones, and every label set that answers them.

Source: the paper's 46 dataset-task pairs (arXiv 2601.12539) and the label sets that the raw files really hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from .errors import UnknownNameError
from .languages import Language

__all__ = ["FAMILIES", "LABEL_SETS", "TASKS", "Family", "LabelSet", "Task", "family_of", "label_set", "served_set"]


class Family(StrEnum):
    """What a task asks about: each family has an output topic of its own."""

    HARM = "harm"
    TARGET = "target"
    INTENT = "intent"
    AFFECT = "affect"


class Task(StrEnum):
    """One question about a meme."""

    HATEFUL = "hateful"
    HARMFUL = "harmful"
    TOXIC = "toxic"
    ABUSIVE = "abusive"
    VULGAR = "vulgar"
    TARGET = "target"
    MISOGYNY = "misogyny"
    OBJECTIFICATION = "objectification"
    SHAMING = "shaming"
    STEREOTYPE = "stereotype"
    VIOLENCE = "violence"
    PROPAGANDA = "propaganda"
    METAPHOR = "metaphor"
    INTENTION = "intention"
    SARCASM = "sarcasm"
    DEEPFAKE = "deepfake"
    POLITICAL = "political"
    HUMOR = "humor"
    OFFENSIVE = "offensive"
    MOTIVATIONAL = "motivational"
    # Extended: in the corpus registry, never served unless a checkpoint was trained on them.
    SENTIMENT = "sentiment"
    SENTIMENT_DEGREE = "sentiment-degree"
    EMOTION = "emotion"


FAMILIES: Mapping[Family, tuple[Task, ...]] = MappingProxyType(
    {
        Family.HARM: (Task.HATEFUL, Task.HARMFUL, Task.TOXIC, Task.ABUSIVE, Task.VULGAR),
        Family.TARGET: (Task.TARGET, Task.MISOGYNY, Task.OBJECTIFICATION, Task.SHAMING, Task.STEREOTYPE, Task.VIOLENCE),
        Family.INTENT: (Task.PROPAGANDA, Task.METAPHOR, Task.INTENTION, Task.SARCASM, Task.DEEPFAKE, Task.POLITICAL),
        Family.AFFECT: (Task.HUMOR, Task.OFFENSIVE, Task.MOTIVATIONAL),
    }
)

TASKS: tuple[Task, ...] = tuple(task for tasks in FAMILIES.values() for task in tasks)
"""The twenty, in the order in which they are packed and published."""

_FAMILY_OF = {task: family for family, tasks in FAMILIES.items() for task in tasks}


def family_of(task: Task) -> Family:
    """Family of a task; the three extended tasks belong to affect."""
    return _FAMILY_OF.get(task, Family.AFFECT)


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The ordered labels that a task answers with.

    `flagging` are the labels whose probabilities are summed into the task's score. Whether a score is a reason to look
    is the policy's business: the default one sets no threshold for benign questions (humor, metaphor, …). A coarse set
    names the `fine` set it is a sum over, and `sums` maps each of its labels to that set's. In a `multiple` set several
    labels hold at once: as many yes/no questions.
    """

    name: str
    task: Task
    labels: tuple[str, ...]
    flagging: frozenset[str] = frozenset()
    multiple: bool = False
    fine: str | None = None
    sums: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _set(name: str, task: Task, labels: str, flagging: str = "", *, multiple: bool = False) -> LabelSet:
    return LabelSet(name, task, tuple(labels.split()), frozenset(flagging.split()), multiple)


def _yes_no(task: Task, *, yes: str | None = None) -> LabelSet:
    yes = yes or task.value
    return _set(task.value, task, f"not-{yes} {yes}", yes)


def _coarse(name: str, fine: LabelSet, sums: Mapping[str, tuple[str, ...]], flagging: str = "") -> LabelSet:
    return LabelSet(
        name, fine.task, tuple(sums), frozenset(flagging.split()), fine=fine.name, sums=MappingProxyType(dict(sums))
    )


_HARMFUL = _set("harmful", Task.HARMFUL, "not-harmful partially-harmful very-harmful", "partially-harmful very-harmful")
_HUMOR = _set("humor", Task.HUMOR, "not-funny funny very-funny hilarious", "funny very-funny hilarious")
_SARCASM = _set(
    "sarcasm-degree",
    Task.SARCASM,
    "not-sarcastic general-sarcasm twisted-meaning very-twisted",
    "general-sarcasm twisted-meaning very-twisted",
)
# Slightly offensive is no reason to look, in either set; the coarse set can't tell it apart, so its score is wider.
_OFFENSIVE = _set(
    "offensive-degree",
    Task.OFFENSIVE,
    "not-offensive slightly-offensive moderately-offensive very-offensive",
    "moderately-offensive very-offensive",
)
_OFFENSIVE_HATEFUL = _set(
    "offensive-hateful",
    Task.OFFENSIVE,
    "not-offensive slightly-offensive very-offensive hateful-offensive",
    "very-offensive hateful-offensive",
)
_DEEPFAKE = _set("deepfake", Task.DEEPFAKE, "real fake deepfake", "fake deepfake")

_SETS = (
    _yes_no(Task.HATEFUL),
    _HARMFUL,
    _coarse(
        "harmful-binary",
        _HARMFUL,
        {"not-harmful": ("not-harmful",), "harmful": ("partially-harmful", "very-harmful")},
        "harmful",
    ),
    _yes_no(Task.TOXIC),
    _yes_no(Task.ABUSIVE),
    _yes_no(Task.VULGAR),
    _set("target", Task.TARGET, "none individual organization community society", "individual community"),
    _yes_no(Task.MISOGYNY, yes="misogynous"),
    _set(
        "misogyny-kinds",
        Task.MISOGYNY,
        "objectification prejudice humiliation",
        "objectification prejudice humiliation",
        multiple=True,
    ),
    _yes_no(Task.OBJECTIFICATION),
    _yes_no(Task.SHAMING),
    _yes_no(Task.STEREOTYPE),
    _yes_no(Task.VIOLENCE),
    _yes_no(Task.PROPAGANDA),
    _set("metaphor", Task.METAPHOR, "literal metaphorical", "metaphorical"),
    _set("intention", Task.INTENTION, "interactive expressive entertaining offensive other", "offensive"),
    _SARCASM,
    _coarse(
        "sarcasm",
        _SARCASM,
        {"not-sarcasm": ("not-sarcastic",), "sarcasm": ("general-sarcasm", "twisted-meaning", "very-twisted")},
        "sarcasm",
    ),
    _DEEPFAKE,
    _coarse("deepfake-binary", _DEEPFAKE, {"real": ("real",), "fabricated": ("fake", "deepfake")}, "fabricated"),
    _yes_no(Task.POLITICAL),
    _HUMOR,
    _coarse(
        "humor-binary", _HUMOR, {"not-funny": ("not-funny",), "funny": ("funny", "very-funny", "hilarious")}, "funny"
    ),
    _OFFENSIVE,
    _OFFENSIVE_HATEFUL,
    _coarse(
        "offensive",
        _OFFENSIVE,
        {
            "not-offensive": ("not-offensive",),
            "offensive": ("slightly-offensive", "moderately-offensive", "very-offensive"),
        },
        "offensive",
    ),
    _yes_no(Task.MOTIVATIONAL),
    _set("sentiment", Task.SENTIMENT, "negative neutral positive"),
    _set("sentiment-five", Task.SENTIMENT, "very-negative negative neutral positive very-positive"),
    _set("sentiment-degree", Task.SENTIMENT_DEGREE, "slightly moderately very"),
    _set("emotion", Task.EMOTION, "happiness love anger sorrow fear hate surprise"),
    _set("emotion-ro", Task.EMOTION, "love fear anger joy sadness surprise"),
)

LABEL_SETS: Mapping[str, LabelSet] = MappingProxyType({one.name: one for one in _SETS})
"""Every label set by name."""

_DEFAULT_SET = {
    **{task: task.value for task in TASKS},
    Task.SARCASM: "sarcasm-degree",
    Task.OFFENSIVE: "offensive-degree",
    Task.SENTIMENT: "sentiment-five",
    Task.SENTIMENT_DEGREE: "sentiment-degree",
    Task.EMOTION: "emotion",
}
# Where a language has labelled rows in another set than the default one, that set is served there.
_SERVED = {
    (Task.SARCASM, Language.BENGALI): "sarcasm",
    (Task.OFFENSIVE, Language.ENGLISH): "offensive-hateful",
    (Task.SENTIMENT, Language.BENGALI): "sentiment",
    (Task.SENTIMENT, Language.ROMANIAN): "sentiment",
    (Task.EMOTION, Language.ROMANIAN): "emotion-ro",
}


def label_set(name: str) -> LabelSet:
    """Label set of that name.

    Raises:
        UnknownNameError: no set is called so.
    """
    try:
        return LABEL_SETS[name]
    except KeyError:
        raise UnknownNameError("label set", name, LABEL_SETS) from None


def served_set(task: Task, language: Language | None) -> LabelSet:
    """The set a verdict answers with: the one with labelled rows in that language, else the task's finest."""
    key = (task, language)
    return LABEL_SETS[_SERVED[key] if language is not None and key in _SERVED else _DEFAULT_SET[task]]
