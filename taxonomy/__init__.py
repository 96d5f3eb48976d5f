"""What can be said about a meme: families, tasks, label sets, languages, native wording."""

from .errors import UnknownNameError
from .languages import Language, normalise_language
from .tasks import FAMILIES, LABEL_SETS, TASKS, Family, LabelSet, Task, family_of, label_set, served_set
from .wording import TaskWording, Wording, wording

__all__ = [
    "FAMILIES",
    "LABEL_SETS",
    "TASKS",
    "Family",
    "LabelSet",
    "Language",
    "Task",
    "TaskWording",
    "UnknownNameError",
    "Wording",
    "family_of",
    "label_set",
    "normalise_language",
    "served_set",
    "wording",
]
