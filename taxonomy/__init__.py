"""What can be said about a meme: families, tasks, label sets, languages, native wording."""

from .cells import PAIRS, Pair, published_cells
from .errors import UnknownNameError
from .languages import Language, normalise_language
from .spelling import unified_label
from .tasks import FAMILIES, LABEL_SETS, TASKS, Family, LabelSet, Task, family_of, label_set, served_set
from .wording import TaskWording, Wording, wording

__all__ = [
    "FAMILIES",
    "LABEL_SETS",
    "PAIRS",
    "TASKS",
    "Family",
    "LabelSet",
    "Language",
    "Pair",
    "Task",
    "TaskWording",
    "UnknownNameError",
    "Wording",
    "family_of",
    "label_set",
    "normalise_language",
    "published_cells",
    "served_set",
    "unified_label",
    "wording",
]
