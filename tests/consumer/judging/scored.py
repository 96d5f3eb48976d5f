"""Scores of posts, drawn or made to measure, and the judgement of one."""

import math
from collections.abc import Sequence

from hypothesis import strategies as st

from memelens.consumer.judging.judge import Judge, Judgement
from memelens.consumer.judging.policy_loading import parse_policy
from memelens.model.calibration import Calibration
from memelens.model.engine import EngineDescription, ModelIdentity, Scores
from memelens.taxonomy import LABEL_SETS, TASKS, Language, Task, served_set

IDENTITY = ModelIdentity("model", "1", None, "layout", "key")
EVERYWHERE = {task: frozenset(Language) for task in TASKS}
EN = Language.ENGLISH


def description(
    *, calibration: Calibration | None = None, trained: dict[Task, frozenset[Language]] | None = None
) -> EngineDescription:
    """A model that was trained everywhere, unless it is said otherwise, and explains in three languages."""
    return EngineDescription(
        IDENTITY,
        calibration or Calibration(),
        EVERYWHERE if trained is None else trained,
        frozenset({EN, Language.GERMAN, Language.HINDI}),
    )


def judged(
    scores: Scores, policy: str = "{name: n, thresholds: {hateful: 0.5}}", language: Language | None = EN
) -> Judgement:
    """The judgement of one post."""
    (judgement,) = Judge(parse_policy(policy, "p"), description()).judge([scores], [language])
    assert isinstance(judgement, Judgement)
    return judgement


def scores_of(**probabilities: Sequence[float]) -> Scores:
    """Raw scores that softmax turns into these probabilities."""
    names = tuple(name.replace("_", "-") for name in probabilities)
    return Scores(names, tuple(math.log(one) for values in probabilities.values() for one in values))


def all_scores(draw: st.DrawFn, language: Language | None) -> Scores:
    """Any finite scores of the twenty tasks."""
    sets = tuple(served_set(task, language).name for task in TASKS)
    size = sum(len(LABEL_SETS[name].labels) for name in sets)
    numbers = draw(
        st.lists(st.floats(-1e4, 0) | st.floats(allow_nan=False, allow_infinity=False), min_size=size, max_size=size)
    )
    return Scores(sets, tuple(numbers))


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[Scores], list[Language | None]]:
    """Posts in several languages, with any scores."""
    languages = draw(st.lists(st.sampled_from([*Language, None]), min_size=1, max_size=5))
    return [all_scores(draw, language) for language in languages], languages
