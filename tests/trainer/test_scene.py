"""The invented world keeps its promises: counts, balance, labels, what is held out."""

import random
from collections import Counter, defaultdict

import pytest

from memelens.taxonomy import TASKS, Language, served_set
from memelens.trainer.demonstration.scene import (
    ATTRIBUTES,
    EVIDENCE,
    GROUPS,
    JOINT_TASKS,
    OBJECTS,
    RELATIONS,
    Scene,
    Style,
    draw_scene,
    is_held_out,
    labels,
)

_TEXT = ("scorn", "keeping", "coast", "old", "rough")
_PICTURE = ("sharp", "living", "night", "hat", "glasses", "lines")


def _scenes(count: int, *, held_out: bool) -> list[Scene]:
    rng = random.Random(count)
    return [draw_scene(rng, held_out=held_out) for _ in range(count)]


def test_the_world_is_rich() -> None:
    """At least 24 objects, several styles, 8 peoples, 12 relations, and 6 tasks that need both sides."""
    assert len(set(OBJECTS)) >= 24
    assert len(Style) >= 4
    assert len(GROUPS) == 8
    assert len(set(RELATIONS)) == 12
    assert len(JOINT_TASKS) >= 6


@pytest.mark.parametrize("language", [*Language, None])
def test_every_label_of_every_served_set_occurs(language: Language | None) -> None:
    """No label is rarer than one in twenty-five."""
    scenes = _scenes(4000, held_out=False)
    counts = Counter((task, label) for scene in scenes for task, label in labels(scene, language).items())
    for task in TASKS:
        for label in served_set(task, language).labels:
            assert counts[task, label] > len(scenes) / 25, (task, label)


def test_labels_are_a_function_of_the_scene() -> None:
    """The same scene has the same labels, and its evidence decides them."""
    decided: dict[tuple[str, tuple[int, ...]], set[str]] = defaultdict(set)
    for scene in _scenes(3000, held_out=False):
        found = labels(scene, Language.GERMAN)
        assert found == labels(scene, Language.GERMAN)
        for task, label in found.items():
            decided[task, tuple(ATTRIBUTES[name](scene) for name in EVIDENCE[task])].add(label)
    assert all(len(found) == 1 for found in decided.values())


@pytest.mark.parametrize("held_out", [False, True], ids=["training", "held-out"])
def test_no_side_tells_about_the_other(held_out: bool) -> None:
    """Every attribute of the text is independent of every one of the picture, in training and in what is held out."""
    scenes = _scenes(12_000, held_out=held_out)
    for one in _TEXT:
        for other in _PICTURE:
            agree = sum(ATTRIBUTES[one](scene) == ATTRIBUTES[other](scene) for scene in scenes) / len(scenes)
            assert abs(agree - 0.5) < 0.02, (one, other)


@pytest.mark.parametrize("side", ["group", "relation", "object"])
def test_a_single_word_or_object_says_nothing_about_a_joint_task(side: str) -> None:
    """Knowing the people, the relation or the object leaves every joint task even."""
    by_value = defaultdict(list)
    for scene in _scenes(40_000, held_out=False):
        by_value[getattr(scene, side)].append(labels(scene, Language.ENGLISH))
    for value, found in by_value.items():
        for task in JOINT_TASKS:
            share = sum(one[task].startswith(("not-", "literal")) for one in found) / len(found)
            assert abs(share - 0.5) < 0.07, (value, task)


def test_held_out_combinations_are_never_trained() -> None:
    """Each people misses six objects and each relation four, in training only."""
    met = {(scene.group, scene.object) for scene in _scenes(20_000, held_out=False)}
    related = {(scene.relation, scene.object) for scene in _scenes(20_000, held_out=False)}
    assert len(met) == 8 * (24 - 6)
    assert len(related) == 12 * (24 - 4)
    for scene in _scenes(2000, held_out=True):
        assert is_held_out(scene)
        assert (scene.group, scene.object) not in met or (scene.relation, scene.object) not in related
