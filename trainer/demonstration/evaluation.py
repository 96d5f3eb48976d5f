"""How good the model is, asked through the same engine that serves it."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import fmean

from sklearn.metrics import balanced_accuracy_score, f1_score

from ...model.engine import Engine, Meme, RationaleRequest, Scores
from ...model.errors import MemeError
from ...taxonomy import TASKS, Task, label_set, served_set
from ...taxonomy.languages import Language
from .dataset import DrawnMeme
from .scene import labels
from .sentences import sentences

__all__ = [
    "Predictions",
    "balanced_accuracy",
    "by_language",
    "cell_f1",
    "check_rationales",
    "mean_f1",
    "picture_only",
    "predict",
    "score_all",
    "shuffled_pictures",
    "swap_pictures",
    "text_only",
]

Predictions = list[dict[Task, str]]
_CHUNK = 60


def score_all(engine: Engine, memes: Sequence[Meme]) -> list[Scores]:
    """Raw scores of many memes. Raises MemeError where one can't be judged."""
    answers: list[Scores] = []
    for start in range(0, len(memes), _CHUNK):
        for scores in engine.score(memes[start : start + _CHUNK]):
            if isinstance(scores, MemeError):
                raise scores
            answers.append(scores)
    return answers


def predict(engine: Engine, memes: Sequence[DrawnMeme], change: Callable[[Meme], Meme] | None = None) -> Predictions:
    """The most probable label of each meme and task, without calibration; `change` may take a side away first."""
    asked = [change(one.meme) if change else one.meme for one in memes]
    return [_best(scores) for scores in score_all(engine, asked)]


def _best(scores: Scores) -> dict[Task, str]:
    best = {}
    for name, values in scores.by_set().items():
        one = label_set(name)
        best[one.task] = one.labels[max(range(len(values)), key=values.__getitem__)]
    return best


def text_only(meme: Meme) -> Meme:
    """The meme without its picture."""
    return replace(meme, image=None)


def picture_only(meme: Meme) -> Meme:
    """The meme without its words."""
    return replace(meme, text="", caption="")


def shuffled_pictures(memes: Sequence[DrawnMeme], rng: random.Random) -> list[DrawnMeme]:
    """The same texts and labels under pictures dealt out anew."""
    pictures = [one.meme.image for one in memes]
    rng.shuffle(pictures)
    return [replace(one, meme=replace(one.meme, image=image)) for one, image in zip(memes, pictures, strict=True)]


def swap_pictures(memes: Sequence[DrawnMeme]) -> list[DrawnMeme]:
    """Each text under the next meme's picture, with the scene that the two make together."""
    swapped = []
    for one, other in zip(memes, [*memes[1:], *memes[:1]], strict=True):
        shown = {name: getattr(other.scene, name) for name in ("object", "style", "edit", "night", "hat", "glasses")}
        meme = replace(one.meme, image=other.meme.image)
        swapped.append(replace(one, meme=meme, scene=replace(one.scene, **shown)))
    return swapped


def cell_f1(memes: Sequence[DrawnMeme], predicted: Predictions) -> dict[tuple[Task, Language], float]:
    """Macro-F1 of each task in each language, over the full label set that is served there."""
    cells = {}
    for language in Language:
        places = [place for place, one in enumerate(memes) if one.language is language]
        gold = [labels(memes[place].scene, language) for place in places]
        for task in TASKS if places else ():
            cells[task, language] = f1_score(
                [one[task] for one in gold],
                [predicted[place][task] for place in places],
                labels=served_set(task, language).labels,
                average="macro",
                zero_division=0,
            )
    return cells


def mean_f1(cells: dict[tuple[Task, Language], float], *, task: Task | None = None) -> float:
    """Mean over all cells, or over one task's."""
    return fmean(value for (one, _), value in cells.items() if task in (None, one))


def by_language(cells: dict[tuple[Task, Language], float]) -> dict[Language, float]:
    """Mean over the tasks of each language."""
    return {one: fmean(value for (_, language), value in cells.items() if language is one) for one in Language}


def balanced_accuracy(memes: Sequence[DrawnMeme], predicted: Predictions, task: Task) -> float:
    """Mean recall over a task's labels, all languages together: one half by chance where there are two."""
    gold = [labels(one.scene, one.language)[task] for one in memes]
    return float(balanced_accuracy_score(gold, [one[task] for one in predicted]))


def check_rationales(
    engine: Engine, memes: Sequence[DrawnMeme], task: Task, language: Language | None = None
) -> dict[str, float]:
    """Shares of rationales that name the people, the object and both, in a language (None: the meme's own)."""
    requests = [
        RationaleRequest(
            one.meme,
            served_set(task, one.language).name,
            labels(one.scene, one.language)[task],
            language or one.language,
        )
        for one in memes
    ]
    texts = engine.explain(requests)
    people, objects = [], []
    for one, request, text in zip(memes, requests, texts, strict=True):
        if isinstance(text, MemeError):
            raise text
        words = sentences(request.language)
        people.append(words.groups[one.scene.group] in text)
        objects.append(words.objects[one.scene.object] in text)
    both = [a and b for a, b in zip(people, objects, strict=True)]
    return {"people": fmean(people), "object": fmean(objects), "both": fmean(both)}
