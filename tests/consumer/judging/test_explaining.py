"""Which rationales are asked for."""

import pytest
from tests.consumer.judging.scored import EN, judged, scores_of

from memelens.taxonomy import Language, Task

SEVERAL = scores_of(hateful=(0.7, 0.3), toxic=(0.1, 0.9), target=(0.2, 0.2, 0.2, 0.2, 0.2), humor=(0.7, 0.1, 0.1, 0.1))


@pytest.mark.parametrize(
    ("rule", "language", "wanted"),
    [
        ("{which: none}", EN, ""),
        ("{which: flagged, languages: [en]}", EN, "toxic/toxic/en hateful/hateful/en"),
        ("{which: flagged, languages: [en, post]}", EN, "toxic/toxic/en hateful/hateful/en"),
        (
            "{which: flagged, languages: [en, post]}",
            Language.GERMAN,
            "toxic/toxic/en toxic/toxic/de hateful/hateful/en hateful/hateful/de",
        ),
        ("{which: flagged, languages: [post]}", Language.HINDI, "toxic/toxic/hi hateful/hateful/hi"),
        ("{which: flagged, languages: [post]}", Language.CHINESE, ""),
        ("{which: flagged, languages: [post]}", None, ""),
        ("{which: flagged, languages: [en, post], max_per_post: 3}", Language.GERMAN,
         "toxic/toxic/en toxic/toxic/de hateful/hateful/en"),
        ("{which: families, languages: [en]}", EN, "toxic/toxic/en target/none/en humor/not-funny/en"),
        ("{which: all, languages: [en]}", EN, "toxic/toxic/en target/none/en hateful/hateful/en humor/not-funny/en"),
    ],
)  # fmt: skip
def test_rationales_are_asked_for_as_the_rule_says(rule: str, language: Language | None, wanted: str) -> None:
    """The weightiest first, in languages that the model writes; a flagged task is explained by what flags it."""
    policy = f"{{name: n, thresholds: {{hateful: 0.25, toxic: 0.5}}, rationales: {rule}}}"
    asked = judged(SEVERAL, policy, language).rationales
    assert " ".join(f"{one.task}/{one.label}/{one.language}" for one in asked) == wanted


def test_a_family_is_explained_by_what_is_flagged() -> None:
    """Even where a task that isn't flagged weighs more."""
    policy = "{name: n, thresholds: {hateful: 0.25, toxic: 0.95}, rationales: {which: families}}"
    explained = [one.task for one in judged(SEVERAL, policy).rationales]
    assert Task.HATEFUL in explained
    assert Task.TOXIC not in explained
