"""Sentences in the nine languages: complete, distinct, and never mixing what is held out with what is trained."""

import random
import unicodedata

import pytest

from memelens.taxonomy import TASKS, Language
from memelens.trainer.demonstration.scene import ATTRIBUTES, MANNERS, OBJECTS, RELATIONS, Scope, draw_scene
from memelens.trainer.demonstration.sentences import pattern_indices, sentences


@pytest.mark.parametrize("language", Language)
def test_a_language_is_complete(language: Language) -> None:
    """Thirty patterns or more, a distinct word for every people, relation, manner, object and attribute."""
    words = sentences(language)
    assert len(set(words.patterns)) >= 30
    assert len(set(words.groups)) == 8
    assert set(words.scopes) == set(Scope)
    for named, expected in ((words.relations, RELATIONS), (words.manners, MANNERS), (words.objects, OBJECTS)):
        assert set(named) == set(expected)
        assert len(set(named.values())) == len(expected)
    for name, reading in ATTRIBUTES.items():
        values = {reading(draw_scene(random.Random(seed))) for seed in range(100)}
        assert len(set(words.attributes[name])) == len(values), name


@pytest.mark.parametrize("language", Language)
def test_no_name_hides_in_another(language: Language) -> None:
    """A rationale that names one people or object can't be taken for another's."""
    for names in (sentences(language).groups, tuple(sentences(language).objects.values())):
        assert not [(one, other) for one in names for other in names if one != other and one in other]


@pytest.mark.parametrize("language", Language)
def test_a_pattern_takes_each_word_once(language: Language) -> None:
    """Who, what and how stand once in every pattern; sentences are normalised text."""
    for pattern in sentences(language).patterns:
        assert [pattern.count(slot) for slot in ("{s}", "{p}", "{m}")] == [1, 1, 1]
    scene = draw_scene(random.Random(1))
    for place in range(len(sentences(language).patterns)):
        text = sentences(language).sentence(scene, place)
        assert text == unicodedata.normalize("NFC", text)
        assert "{" not in text


@pytest.mark.parametrize("language", Language)
def test_patterns_are_held_out_apart(language: Language) -> None:
    """Six patterns of a language are held out, and none is on both sides."""
    trained, held_out = (set(pattern_indices(language, held_out=side)) for side in (False, True))
    assert len(held_out) >= 6
    assert not trained & held_out


@pytest.mark.parametrize("language", Language)
def test_a_rationale_names_people_and_object(language: Language) -> None:
    """Whatever the task, both are in it, with a reason."""
    words, scene = sentences(language), draw_scene(random.Random(2))
    for task in TASKS:
        text = words.explain(scene, task)
        assert words.groups[scene.group] in text
        assert words.objects[scene.object] in text
        assert "{" not in text
