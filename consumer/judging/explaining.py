"""Which answers of a post are to be explained, and in what language."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ...taxonomy import Family, LabelSet, Language, Task, family_of
from .policy import RationaleLanguage, RationaleRule, WhichRationales

__all__ = ["WantedRationale", "rationale_languages", "wanted_rationales"]


@dataclass(frozen=True, slots=True)
class WantedRationale:
    """Asks why `label` of `label_set` was given to a task, in `language`."""

    task: Task
    label_set: str
    label: str
    language: Language


def wanted_rationales(  # noqa: PLR0913 - one column of a judgement each
    rule: RationaleRule,
    languages: Sequence[Language],
    *,
    sets: Sequence[LabelSet],
    labels: Sequence[str],
    probabilities: Sequence[Sequence[float]],
    flagged: Sequence[bool],
    weighted: Sequence[float],
) -> tuple[WantedRationale, ...]:
    """Rationales that a rule asks for, the weightiest tasks first, each in every one of `languages`.

    Everything but `rule` and `languages` has one entry for each task. A flagged task is explained by its most probable
    flagging label, since that is what a reviewer asks about, any other by the label that was given.
    """
    if not languages:
        return ()
    tasks = sorted(_asked(rule.which, sets, flagged, weighted), key=lambda task: -weighted[task])
    wanted = [
        WantedRationale(sets[task].task, sets[task].name, label, language)
        for task in tasks
        for label in [_flagging_label(sets[task], probabilities[task]) if flagged[task] else labels[task]]
        for language in languages
    ]
    return tuple(wanted[: rule.max_per_post])


def rationale_languages(
    rule: RationaleRule, post: Language | None, written: Collection[Language]
) -> tuple[Language, ...]:
    """Languages a rule asks for that the model writes; `post` is the post's own (None: outside the nine)."""
    asked = [Language.ENGLISH if one is RationaleLanguage.ENGLISH else post for one in rule.languages]
    return tuple(dict.fromkeys(one for one in asked if one is not None and one in written))


def _asked(
    which: WhichRationales, sets: Sequence[LabelSet], flagged: Sequence[bool], weighted: Sequence[float]
) -> Sequence[int]:
    """Places of the tasks to explain."""
    every = range(len(sets))
    if which is WhichRationales.NONE:
        return ()
    if which is WhichRationales.FLAGGED:
        return [task for task in every if flagged[task]]
    if which is WhichRationales.ALL:
        return every
    weightiest: dict[Family, int] = {}
    for task in sorted(every, key=lambda task: (-flagged[task], -weighted[task])):
        weightiest.setdefault(family_of(sets[task].task), task)
    return list(weightiest.values())


def _flagging_label(served: LabelSet, probabilities: Sequence[float]) -> str:
    candidates = [
        (probability, -place)
        for place, probability in enumerate(probabilities)
        if served.labels[place] in served.flagging
    ]
    return served.labels[-max(candidates)[1]]
