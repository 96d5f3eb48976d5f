"""What one side alone can tell: a bag of words on the text, and the best that any one-sided reader can do."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from ...taxonomy import TASKS, Task, served_set
from ...taxonomy.languages import Language
from .dataset import DrawnMeme
from .scene import ATTRIBUTES, labels

__all__ = ["bag_of_words", "one_sided", "see_picture", "see_text"]

_TEXT_ATTRIBUTES = 6


def bag_of_words(train: Sequence[DrawnMeme], test: Sequence[DrawnMeme]) -> list[dict[Task, str]]:
    """Labels of the test memes by TF-IDF (characters of words, 1- to 4-grams) and logistic regression, by language."""
    predicted: list[dict[Task, str]] = [{} for _ in test]
    for language in Language:
        seen = [meme for meme in train if meme.language is language]
        places = [place for place, meme in enumerate(test) if meme.language is language]
        if not places:
            continue
        words = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), sublinear_tf=True)
        rows = words.fit_transform(_text(meme) for meme in seen)
        asked = words.transform(_text(test[place]) for place in places)
        gold = [labels(meme.scene, language) for meme in seen]
        for task in TASKS:
            model = LogisticRegression(max_iter=300, class_weight="balanced")
            answers = model.fit(rows, [one[task] for one in gold]).predict(asked)
            for place, answer in zip(places, answers, strict=True):
                predicted[place][task] = str(answer)
    return predicted


def see_text(meme: DrawnMeme) -> Hashable:
    """Everything that the text tells: its attributes, its people and its relation."""
    return tuple(reading(meme.scene) for reading in list(ATTRIBUTES.values())[:_TEXT_ATTRIBUTES])


def see_picture(meme: DrawnMeme) -> Hashable:
    """Everything that the picture tells."""
    return tuple(reading(meme.scene) for reading in list(ATTRIBUTES.values())[_TEXT_ATTRIBUTES:])


def one_sided(
    train: Sequence[DrawnMeme], test: Sequence[DrawnMeme], task: Task, see: Callable[[DrawnMeme], Hashable]
) -> list[str]:
    """Labels of the test memes by someone who reads one side without fault and knows its most frequent label."""
    seen: dict[Hashable, Counter[str]] = defaultdict(Counter)
    for meme in train:
        seen[see(meme), served_set(task, meme.language).name][labels(meme.scene, meme.language)[task]] += 1
    fallback = {one: served_set(task, one).labels[0] for one in Language}
    answers = []
    for meme in test:
        counts = seen.get((see(meme), served_set(task, meme.language).name))
        answers.append(counts.most_common(1)[0][0] if counts else fallback[meme.language])
    return answers


def _text(meme: DrawnMeme) -> str:
    return meme.meme.text + meme.meme.caption
