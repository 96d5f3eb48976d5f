"""Labels as they occur in the wild: folded to a label set's own spelling, or refused.

Rules do most of it: case, spaces, underscores and hyphens don't count, `non-`, `not-` and `no-` are one prefix, a
number before brackets is dropped (`4(sorrow)`), and a yes/no set takes `Yes`, `No`, `1` and `0`. What the rules can't
know stands in a table for each set. No spelling is taken from another set, and nothing falls back to a first label.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from .errors import UnknownNameError
from .tasks import LABEL_SETS, LabelSet, label_set

__all__ = ["unified_label"]

_NUMBERED = re.compile(r"\d+\s*\((.+)\)")
_NEGATED = re.compile(r"(?i:not|non|no)[\s_-]+|(?:Not|Non|No)(?=[A-Z])")
_SEPARATORS = re.compile(r"[\s_-]+")
_YES, _NO = ("1", "yes", "true"), ("0", "no", "false")

# Spellings of the published files that differ in more than the rules cover: HarMeme ("somewhat harmful"), Memotion 1.0
# ("slight", "general"), MET-Meme ("1(slightly)" for offensiveness, two intentions in Chinese), MUTE ("hate"), and nouns
# and adjectives of one label in MAMI, MIMIC2024, BanglaAbuseMeme and the unified corpus.
_ALIASES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "hateful": {"hate": "hateful", "not hate": "not-hateful"},
        "harmful": {"somewhat harmful": "partially-harmful"},
        "abusive": {"abuse": "abusive", "not abuse": "not-abusive"},
        "misogyny": {
            "misogyny": "misogynous",
            "misogynistic": "misogynous",
            "not misogyny": "not-misogynous",
            "not misogynistic": "not-misogynous",
        },
        "propaganda": {"propoganda": "propaganda", "not propoganda": "not-propaganda"},
        "target": {"organisation": "organization"},
        "metaphor": {
            "metaphor": "metaphorical",
            "not metaphor": "literal",
            "not metaphorical": "literal",
            **dict.fromkeys(_YES, "metaphorical"),
            **dict.fromkeys(_NO, "literal"),
        },
        "intention": {"表达情感": "expressive"},
        "sarcasm-degree": {"not sarcasm": "not-sarcastic", "general": "general-sarcasm"},
        "sarcasm": {"sarcastic": "sarcasm", "not sarcastic": "not-sarcasm"},
        "offensive-degree": {
            "slightly": "slightly-offensive",
            "moderately": "moderately-offensive",
            "very": "very-offensive",
        },
        "offensive-hateful": {"slight": "slightly-offensive"},
    }
)


def unified_label(of: LabelSet | str, raw: str) -> str:
    """Label of a set that a spelling stands for.

    Raises:
        UnknownNameError: there is no such set, or the spelling stands for none of its labels.
    """
    one = label_set(of) if isinstance(of, str) else of
    try:
        return _spellings(one.name)[_fold(raw)]
    except KeyError:
        raise UnknownNameError(f"label of {one.name}", raw, one.labels, _phrases(one.name)) from None


def _fold(raw: str) -> str:
    """A spelling without what doesn't count: `not-` where it is negated, then its letters alone."""
    text = unicodedata.normalize("NFKC", raw).strip()
    if numbered := _NUMBERED.fullmatch(text):
        text = numbered[1].strip()
    negation = _NEGATED.match(text)
    rest = text[negation.end() :] if negation else text
    return ("not-" if negation else "") + _SEPARATORS.sub("", rest.casefold())


def _phrases(name: str) -> Mapping[str, str]:
    """The spellings of a set's table that a misspelling can come near to: `yes` and `0` are near to anything short."""
    return {spelling: label for spelling, label in _ALIASES.get(name, {}).items() if spelling not in {*_YES, *_NO}}


@cache
def _spellings(name: str) -> Mapping[str, str]:
    """Every folded spelling of a set's labels."""
    one = LABEL_SETS[name]
    known = {label: label for label in one.labels} | dict(_ALIASES.get(name, {}))
    if len(one.labels) == 2 and _fold(one.labels[0]) == f"not-{_fold(one.labels[1])}":
        known |= dict.fromkeys(_YES, one.labels[1]) | dict.fromkeys(_NO, one.labels[0])
    return {_fold(spelling): label for spelling, label in known.items()}
