"""Every task and label has its wording in all nine languages."""

import unicodedata

import pytest

from memelens.taxonomy import LABEL_SETS, Language, Task, wording

MOST_WORDS = 18
MOST_CHARACTERS = 115
"""Of a definition: it stands in the prompt of every meme."""


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def test_nothing_is_missing() -> None:
    """23 tasks in nine languages, and as many labels in each as the label sets have."""
    labels = sum(len(one.labels) for one in LABEL_SETS.values())
    assert sum(len(wording(language).tasks) for language in Language) == 23 * 9
    assert sum(len(words) for language in Language for words in wording(language).labels.values()) == labels * 9


@pytest.mark.parametrize("language", Language)
def test_each_language_words_exactly_what_there_is(language: Language) -> None:
    """A language's file has every task and every label of every set, and nothing else."""
    words = wording(language)
    assert set(words.tasks) == set(Task)
    assert {name: set(labels) for name, labels in words.labels.items()} == {
        name: set(one.labels) for name, one in LABEL_SETS.items()
    }


@pytest.mark.parametrize("language", Language)
def test_no_two_labels_of_a_set_are_worded_alike(language: Language) -> None:
    """Within a set the wordings differ, case and composition aside; so do the names of the tasks."""
    words = wording(language)
    for name, one in LABEL_SETS.items():
        assert len({_folded(words.label(name, label)) for label in one.labels}) == len(one.labels), name
    assert len({_folded(task.name) for task in words.tasks.values()}) == len(Task)


@pytest.mark.parametrize("language", Language)
def test_a_wording_keeps_its_place_in_the_prompt(language: Language) -> None:
    """Wordings are one line of NFC text; names and labels hold none of the signs that the prompt sets around them."""
    words = wording(language)
    labels = [phrase for one in words.labels.values() for phrase in one.values()]
    names = [task.name for task in words.tasks.values()]
    sentences = [text for task in words.tasks.values() for text in (task.question, task.definition)]
    for text in (*labels, *names, *sentences):
        assert text.isprintable()
        assert unicodedata.is_normalized("NFC", text)
    assert not any(sign in text for text in (*labels, *names) for sign in ":|[]")


@pytest.mark.parametrize("language", Language)
def test_definitions_are_short(language: Language) -> None:
    """Questions ask, and definitions are short sentences."""
    for task, words in wording(language).tasks.items():
        assert words.question.endswith(("?", "\N{FULLWIDTH QUESTION MARK}", "\N{ARABIC QUESTION MARK}")), task
        assert words.definition.endswith((".", "。", "।")), task
        assert len(words.definition.split()) <= MOST_WORDS, task
        assert len(words.definition) <= MOST_CHARACTERS, task


@pytest.mark.parametrize(
    ("language", "letter"),
    [
        (Language.ARABIC, "ARABIC"),
        (Language.BENGALI, "BENGALI"),
        (Language.HINDI, "DEVANAGARI"),
        (Language.RUSSIAN, "CYRILLIC"),
        (Language.CHINESE, "CJK"),
    ],
)
def test_wordings_are_in_the_language_s_script(language: Language, letter: str) -> None:
    """No label, name or sentence was left in another script."""
    words = wording(language)
    texts = [phrase for one in words.labels.values() for phrase in one.values()]
    texts += [text for task in words.tasks.values() for text in (task.name, task.question, task.definition)]
    for text in texts:
        assert all(unicodedata.name(sign).startswith(letter) for sign in text if sign.isalpha()), text


def test_english_labels_stay_close_to_the_unified_ones() -> None:
    """An English label is the unified one with spaces, negations of nouns aside."""
    for name, one in LABEL_SETS.items():
        for label in one.labels:
            spelled = label.replace("-", " ")
            assert wording(Language.ENGLISH).label(name, label) in {spelled, spelled.replace("not ", "no ")}
