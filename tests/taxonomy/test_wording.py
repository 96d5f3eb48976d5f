"""Every task and label has its wording in all nine languages."""

import unicodedata

import pytest

from memelens.taxonomy import LABEL_SETS, Language, Task, Wording, wording

MOST_WORDS = 18
MOST_CHARACTERS = 115
"""Of a definition: it stands in the prompt of every meme."""


NEGATIONS = {
    Language.ARABIC: {"غير", "بلا", "ليس"},
    Language.BENGALI: {"নয়", "নেই", "না"},
    Language.GERMAN: {"nicht", "kein", "keine"},
    Language.ENGLISH: {"not", "no"},
    Language.SPANISH: {"no", "sin"},
    Language.HINDI: {"नहीं"},
    Language.ROMANIAN: {"nu", "fără"},
    Language.RUSSIAN: {"не", "нет"},
    Language.CHINESE: {"不", "无", "非"},
}
"""The words that negate a label; in Chinese the sign that it begins with."""

# The letters of a keyboard or code page beside the right one, which look alike and are other tokens: Farsi and Urdu
# letters and the tatweel in Arabic, Assamese ones in Bengali, cedillas in Romanian, traditional signs in Chinese.
LOOKALIKES = {
    Language.ARABIC: "کیےہگٱـ",
    Language.BENGALI: "ৰৱ",
    Language.ROMANIAN: "şţŞŢǎ",
    Language.CHINESE: "個這張圖對傷無",
}


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _is_negated(text: str, language: Language) -> bool:
    words = {text[0]} if language is Language.CHINESE else set(text.split())
    return not words.isdisjoint({unicodedata.normalize("NFC", word) for word in NEGATIONS[language]})


def _texts(words: Wording) -> list[str]:
    labels = [phrase for one in words.labels.values() for phrase in one.values()]
    return labels + [text for task in words.tasks.values() for text in (task.name, task.question, task.definition)]


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
def test_a_negation_is_a_word_of_its_own(language: Language) -> None:
    """A `not-` label says so with a word of negation, and no other label does, `none` and `other` aside."""
    for name, one in LABEL_SETS.items():
        for label in one.labels:
            if label not in {"none", "other"}:
                phrase = wording(language).label(name, label)
                assert _is_negated(phrase, language) == label.startswith("not-"), phrase


@pytest.mark.parametrize("language", Language)
def test_a_label_of_a_task_is_worded_alike_in_its_sets(language: Language) -> None:
    """What is served coarse in one place and fine in another keeps its word."""
    seen: dict[tuple[Task, str], str] = {}
    for name, one in LABEL_SETS.items():
        for label in one.labels:
            phrase = wording(language).label(name, label)
            assert seen.setdefault((one.task, label), phrase) == phrase, (name, label)


@pytest.mark.parametrize("language", Language)
def test_tasks_that_are_alike_have_words_of_their_own(language: Language) -> None:
    """Hateful, harmful, toxic, abusive, vulgar, misogynous, offensive: no two have the same yes, no, or sentence."""
    words = wording(language)
    alike = ["hateful", "harmful-binary", "toxic", "abusive", "vulgar", "misogyny", "offensive"]
    for place in (0, 1):
        assert len({_folded(words.label(name, LABEL_SETS[name].labels[place])) for name in alike}) == len(alike)
    assert len({_folded(task.question) for task in words.tasks.values()}) == len(Task)
    assert len({_folded(task.definition) for task in words.tasks.values()}) == len(Task)


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
        (Language.GERMAN, "LATIN"),
        (Language.ENGLISH, "LATIN"),
        (Language.SPANISH, "LATIN"),
        (Language.ROMANIAN, "LATIN"),
        (Language.HINDI, "DEVANAGARI"),
        (Language.RUSSIAN, "CYRILLIC"),
        (Language.CHINESE, "CJK"),
    ],
)
def test_wordings_are_in_the_language_s_script(language: Language, letter: str) -> None:
    """No label, name or sentence was left in another script, and no letter is one that only looks alike."""
    for text in _texts(wording(language)):
        assert all(unicodedata.name(sign).startswith(letter) for sign in text if sign.isalpha()), text


@pytest.mark.parametrize("language", LOOKALIKES)
def test_no_letter_is_a_neighbour_s(language: Language) -> None:
    """Letters of a neighbouring language that look alike don't occur."""
    assert not set(LOOKALIKES[language]).intersection("".join(_texts(wording(language))))


def test_english_labels_stay_close_to_the_unified_ones() -> None:
    """An English label is the unified one with spaces, negations of nouns aside."""
    for name, one in LABEL_SETS.items():
        for label in one.labels:
            spelled = label.replace("-", " ")
            assert wording(Language.ENGLISH).label(name, label) in {spelled, spelled.replace("not ", "no ")}
