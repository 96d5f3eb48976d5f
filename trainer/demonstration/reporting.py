"""The report that is shipped beside the weights: what the model can and can't, by what was held out."""

import random
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

from ...model.engine import Engine
from ...taxonomy import TASKS, Task
from ...taxonomy.languages import Language
from .baselines import bag_of_words, one_sided, see_picture, see_text
from .cells import is_trained
from .dataset import DrawnMeme, HeldOut
from .evaluation import (
    balanced_accuracy,
    by_language,
    cell_f1,
    check_rationales,
    mean_f1,
    picture_only,
    predict,
    shuffled_pictures,
    swap_pictures,
    text_only,
)
from .scene import JOINT_TASKS

__all__ = ["markdown", "report"]

_EXPLAINED = 180
_BAG_MEMES = 9000
"""As many as the bag of words gains anything from."""
_EXPLAINED_TASK = Task.POLITICAL
"""A task whose evidence is in the text alone: its rationale names the object only because it was looked at."""


def report(engine: Engine, train: Sequence[DrawnMeme], tests: Mapping[HeldOut, Sequence[DrawnMeme]]) -> dict[str, Any]:
    """Everything that is asked of the model, as plain data; `tests` must hold `HeldOut.ALL`."""
    hardest = tests[HeldOut.ALL]
    cells = {held_out: cell_f1(memes, predict(engine, memes)) for held_out, memes in tests.items()}
    return {
        "held_out": {held_out.value: round(mean_f1(found), 4) for held_out, found in cells.items()},
        "by_language": _rounded(by_language(cells[HeldOut.ALL])),
        "by_task": {task.value: round(mean_f1(cells[HeldOut.ALL], task=task), 4) for task in TASKS},
        "trained": round(fmean(f1 for cell, f1 in cells[HeldOut.ALL].items() if is_trained(*cell)), 4),
        "transferred": round(fmean(f1 for cell, f1 in cells[HeldOut.ALL].items() if not is_trained(*cell)), 4),
        "bag_of_words": round(mean_f1(cell_f1(hardest, bag_of_words(train[:_BAG_MEMES], hardest))), 4),
        "joint_tasks": _joint(engine, train, hardest),
        "rationales": _rationales(engine, hardest[:_EXPLAINED]),
    }


def _rounded(values: Mapping[Language, float]) -> dict[str, float]:
    return {language.value: round(value, 4) for language, value in values.items()}


def _joint(engine: Engine, train: Sequence[DrawnMeme], test: Sequence[DrawnMeme]) -> dict[str, dict[str, float]]:
    """Balanced accuracy of the model with both sides, one side and the wrong picture, and of faultless readers of one.

    Chance is one half.
    """
    shuffled = shuffled_pictures(test, random.Random(0))
    asked = {
        "model": predict(engine, test),
        "model, text only": predict(engine, test, text_only),
        "model, picture only": predict(engine, test, picture_only),
        "model, shuffled pictures": predict(engine, shuffled),
    }
    readers = {"reader of the text": see_text, "reader of the picture": see_picture}
    found = {}
    for task in JOINT_TASKS:
        answers = {name: balanced_accuracy(test, predicted, task) for name, predicted in asked.items()}
        for name, see in readers.items():
            read = [{task: label} for label in one_sided(train, test, task, see)]
            answers[name] = balanced_accuracy(test, read, task)
        found[task.value] = {name: round(value, 4) for name, value in answers.items()}
    return found


def _rationales(engine: Engine, memes: Sequence[DrawnMeme]) -> dict[str, dict[str, float]]:
    """Shares of rationales that name people and object; swapped: those that name the object of the new picture."""
    swapped = swap_pictures(memes)
    return {
        "english": check_rationales(engine, memes, _EXPLAINED_TASK, Language.ENGLISH),
        "native": check_rationales(engine, memes, _EXPLAINED_TASK),
        "english, swapped pictures": check_rationales(engine, swapped, _EXPLAINED_TASK, Language.ENGLISH),
    }


def markdown(found: Mapping[str, Any]) -> str:
    """The report as tables for a person."""
    held_out = _table(("held out", "mean macro-F1"), found["held_out"].items())
    languages = _table(("language", "mean macro-F1"), found["by_language"].items())
    tasks = _table(("task", "mean macro-F1"), found["by_task"].items())
    names = list(next(iter(found["joint_tasks"].values())))
    joint = _table(("task", *names), [(task, *row.values()) for task, row in found["joint_tasks"].items()])
    sides = [(kind, row["people"], row["object"], row["both"]) for kind, row in found["rationales"].items()]
    rationales = _table(("rationales that name", "people", "object", "both"), sides)
    cells = _table(
        ("cells", "mean macro-F1"), [(kind, found[kind]) for kind in ("trained", "transferred", "bag_of_words")]
    )
    return f"{held_out}\n\n{cells}\n\n{languages}\n\n{tasks}\n\n{joint}\n\n{rationales}\n"


def _table(heading: Sequence[str], rows: Iterable[Sequence[str | float]]) -> str:
    texts = [[one if isinstance(one, str) else f"{one:.3f}" for one in row] for row in rows]
    lines = [heading, ["---"] * len(heading), *texts]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
