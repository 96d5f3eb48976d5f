"""Which task-language cells the model is trained on: the others it answers by transfer from other languages."""

from ...taxonomy import TASKS, Task
from ...taxonomy.languages import Language

__all__ = ["TRAINED", "is_trained"]

_STRIDE = 4


def is_trained(task: Task, language: Language) -> bool:
    """Whether training labels of a task exist in a language: each task is withheld in exactly one."""
    languages = list(Language)
    return TASKS.index(task) % len(languages) != languages.index(language) * _STRIDE % len(languages)


TRAINED = {task: frozenset(language for language in Language if is_trained(task, language)) for task in TASKS}
"""Languages with labelled memes of each task."""
