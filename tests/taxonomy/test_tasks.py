"""Families, tasks, label sets and what is served where."""

import pytest

from memelens.taxonomy import (
    FAMILIES,
    LABEL_SETS,
    PAIRS,
    TASKS,
    Family,
    LabelSet,
    Language,
    Task,
    UnknownNameError,
    family_of,
    label_set,
    published_cells,
    served_set,
)

EVERY_SET = [pytest.param(one, id=name) for name, one in LABEL_SETS.items()]
COARSE = [pytest.param(one, id=name) for name, one in LABEL_SETS.items() if one.fine]


def test_families_partition_the_twenty() -> None:
    """Each of the twenty tasks is in one family, and no other task is."""
    assert len(TASKS) == len(set(TASKS)) == 20
    assert sum(len(tasks) for tasks in FAMILIES.values()) == 20
    assert {family: len(tasks) for family, tasks in FAMILIES.items()} == {
        Family.HARM: 5,
        Family.TARGET: 6,
        Family.INTENT: 6,
        Family.AFFECT: 3,
    }
    assert all(task in FAMILIES[family_of(task)] for task in TASKS)


def test_three_tasks_are_extended() -> None:
    """Sentiment, its degree and emotion stand outside the twenty."""
    assert set(Task) - set(TASKS) == {Task.SENTIMENT, Task.SENTIMENT_DEGREE, Task.EMOTION}


@pytest.mark.parametrize("one", EVERY_SET)
def test_a_label_set_is_sound(one: LabelSet) -> None:
    """A set has at least two labels, none twice, and only its own labels flag."""
    assert len(set(one.labels)) == len(one.labels) >= 2
    assert one.flagging <= set(one.labels)
    assert one.multiple or one.flagging != set(one.labels)


@pytest.mark.parametrize("one", COARSE)
def test_a_coarse_set_sums_all_of_its_fine_one(one: LabelSet) -> None:
    """Every label of the fine set is in exactly one sum of the coarse set, which answers the same task."""
    assert one.fine is not None
    fine = LABEL_SETS[one.fine]
    assert tuple(one.sums) == one.labels
    assert sorted(label for labels in one.sums.values() for label in labels) == sorted(fine.labels)
    assert fine.task is one.task
    assert fine.fine is None


@pytest.mark.parametrize("one", COARSE)
def test_a_coarse_score_is_the_fine_one(one: LabelSet) -> None:
    """A coarse set's score is its fine set's; `offensive` alone is wider: it counts the slightly offensive."""
    summed = {label for coarse in one.flagging for label in one.sums[coarse]}
    wider = {"slightly-offensive"} if one.name == "offensive" else set()
    assert summed == LABEL_SETS[str(one.fine)].flagging | wider


FLAGGING = {
    "harmful": "partially-harmful very-harmful",
    "target": "individual community",
    "misogyny": "misogynous",
    "metaphor": "metaphorical",
    "intention": "offensive",
    "sarcasm-degree": "general-sarcasm twisted-meaning very-twisted",
    "deepfake": "fake deepfake",
    "humor": "funny very-funny hilarious",
    "offensive-degree": "moderately-offensive very-offensive",
    "offensive-hateful": "very-offensive hateful-offensive",
}


@pytest.mark.parametrize("task", TASKS)
def test_what_flags(task: Task) -> None:
    """The labels that make up each served score: the yes of a yes/no question, else those named here."""
    for language in (*Language, None):
        one = served_set(task, language)
        told = FLAGGING.get(one.name, one.name)
        assert one.flagging == set(told.split())


def test_extended_tasks_never_flag() -> None:
    """Sentiment and emotion describe: nothing of them adds to a score."""
    assert not any(one.flagging for one in LABEL_SETS.values() if one.task not in TASKS)


@pytest.mark.parametrize("task", Task)
def test_a_served_set_answers_its_task(task: Task) -> None:
    """In every language, and where none is known, what is served answers the task with one label."""
    for language in (*Language, None):
        assert served_set(task, language).task is task
        assert not served_set(task, language).multiple


@pytest.mark.parametrize(
    ("task", "language", "name"),
    [
        (Task.SARCASM, Language.BENGALI, "sarcasm"),
        (Task.SARCASM, Language.ENGLISH, "sarcasm-degree"),
        (Task.SARCASM, Language.GERMAN, "sarcasm-degree"),
        (Task.OFFENSIVE, Language.ENGLISH, "offensive-hateful"),
        (Task.OFFENSIVE, Language.CHINESE, "offensive-degree"),
        (Task.MISOGYNY, Language.HINDI, "misogyny"),
        (Task.HARMFUL, None, "harmful"),
        (Task.SENTIMENT, Language.ROMANIAN, "sentiment"),
        (Task.EMOTION, Language.ROMANIAN, "emotion-ro"),
    ],
)
def test_the_set_with_labelled_rows_is_served(task: Task, language: Language | None, name: str) -> None:
    """A language answers with the set it has labelled rows in, the others with the finer one."""
    assert served_set(task, language) is LABEL_SETS[name]


def test_a_served_set_has_rows_where_the_cell_has() -> None:
    """Wherever the corpus has rows of a task, the served set is one that those rows are labelled with."""
    for task, languages in published_cells().items():
        for language in languages:
            there = {pair.label_set.name for pair in PAIRS if (pair.task, pair.language) == (task, language)}
            assert served_set(task, language).name in there


def test_an_unknown_set_says_what_was_meant() -> None:
    """A misspelled label set is answered with the nearest name."""
    with pytest.raises(UnknownNameError, match="unknown label set 'sarcasm-degre'; did you mean 'sarcasm-degree'"):
        label_set("sarcasm-degre")
