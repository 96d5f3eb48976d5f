"""Which language a post is in: what it says, else what its script says, else a guess among languages of that script."""

import re
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..taxonomy import Language, normalise_language

__all__ = ["UNDETERMINED", "IdentifiedLanguage", "identify_language"]

UNDETERMINED = "und"
"""Published where a post neither says its language nor has letters to guess it from."""

_TAG = re.compile(r"[a-z]{2,3}")  # longer ones are possible and none is registered: `english` is no tag
_READ_CHARACTERS = 500
_LEAST_SHARE = 0.25  # of the letters: Latin words stand in memes of every language, other scripts don't stray

# Languages outside the nine that are widely written in the same script: with them in the race a Turkish meme is not
# taken for a Romanian one; with all 140 that the model knows, short English ones would be taken for anything.
_LATIN = "en de es ro fr it pt nl pl tr id vi sv cs hu fi da no tl sw".split()  # noqa: SIM905 - reads as one row
_SCRIPTS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(f"[{letters}]"), tuple(languages.split()))
    for letters, languages in (
        ("\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff", "ar fa ur"),
        ("\u0900-\u097f\ua8e0-\ua8ff", "hi mr ne"),
        ("\u0980-\u09ff", "bn as"),
        ("\u0400-\u052f", "ru uk bg sr be"),
        ("\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\U00020000-\U0003ffff", "zh"),
        ("\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9d", "ja"),
        ("\uac00-\ud7af\u1100-\u11ff\u3130-\u318f", "ko"),
        ("\u0e00-\u0e7f", "th"),
        ("\u0e80-\u0eff", "lo"),
        ("\u0370-\u03ff\u1f00-\u1fff", "el"),
        ("\u0590-\u05ff", "he"),
        ("\u0a00-\u0a7f", "pa"),
        ("\u0a80-\u0aff", "gu"),
        ("\u0b00-\u0b7f", "or"),
        ("\u0b80-\u0bff", "ta"),
        ("\u0c00-\u0c7f", "te"),
        ("\u0c80-\u0cff", "kn"),
        ("\u0d00-\u0d7f", "ml"),
        ("\u0d80-\u0dff", "si"),
        ("\u1000-\u109f", "my"),
        ("\u10a0-\u10ff", "ka"),
        ("\u0530-\u058f", "hy"),
        ("\u1780-\u17ff", "km"),
        ("\u1200-\u137f", "am"),
    )
)
_KANA = ("ja",)
_HAN = ("zh",)
_ODDS = 3  # of the nine: on 300 short real memes each in en, es and hi, right guesses rise from 97-99 % to 99-100 %
_LETTER = re.compile(r"[^\W\d_]")
_LATIN_WORD = re.compile("[A-Za-z\u00c0-\u024f]+")
_LINKS = re.compile(r"https?://\S+|[@#]\w+")


@dataclass(frozen=True, slots=True)
class IdentifiedLanguage:
    """`tag` is the primary subtag that is published; `language` is None outside the nine."""

    tag: str
    language: Language | None
    guessed: bool


def identify_language(tag: str | None, text: str) -> IdentifiedLanguage:
    """Language of a post that says `tag` (BCP-47) and has `text`; any thread may ask.

    A tag that names no language (missing, `und`, not a tag at all) is guessed from the text: the script decides where
    it can, else a small classifier among the languages of that script (loaded at the first such question: 0.6 s).
    """
    return _said(tag) or _guess(text)


@lru_cache(maxsize=1024)
def _said(tag: str | None) -> IdentifiedLanguage | None:
    language, primary = normalise_language(tag)
    if primary is None or not _TAG.fullmatch(primary):
        return None
    return IdentifiedLanguage(primary if language is None else language.value, language, guessed=False)


def _guess(text: str) -> IdentifiedLanguage:
    text = _LINKS.sub(" ", text[:_READ_CHARACTERS])
    candidates = _candidates(text)
    if not candidates:
        return IdentifiedLanguage(UNDETERMINED, None, guessed=True)
    if candidates[0] not in _LATIN:  # English words in a Russian meme would make it Serbian
        text = _LATIN_WORD.sub(" ", text)
    tag = candidates[0] if len(candidates) == 1 else _classifier.best(text, candidates)
    return IdentifiedLanguage(tag, normalise_language(tag)[0], guessed=True)


def _candidates(text: str) -> tuple[str, ...]:
    """Languages of the script that most letters belong to, Latin only where no other has a quarter of them."""
    letters = len(_LETTER.findall(text))
    if letters == 0:
        return ()
    if text.isascii():
        return tuple(_LATIN)
    shares = {languages: len(script.findall(text)) / letters for script, languages in _SCRIPTS}
    if shares[_KANA] > 0 and shares[_KANA] + shares[_HAN] >= _LEAST_SHARE:  # Chinese has no kana, Japanese has Han
        return _KANA
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] >= _LEAST_SHARE else tuple(_LATIN)


class _Classifier:
    """py3langid, loaded once; it only reads afterwards."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._identifier: Any = None

    def best(self, text: str, candidates: tuple[str, ...]) -> str:
        """The likeliest of the candidates; one outside the nine must be `_ODDS` times as likely as the best of them."""
        ranking = [(str(tag), float(odds)) for tag, odds in self._loaded().rank(text) if tag in candidates]
        first, odds = ranking[0]
        rival = next(((tag, other) for tag, other in ranking if normalise_language(tag)[0] is not None), None)
        return first if rival is None or odds > _ODDS * rival[1] else rival[0]

    def _loaded(self) -> Any:  # noqa: ANN401 - the library has no types
        with self._lock:
            if self._identifier is None:
                from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - half a second and 60 MB

                self._identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
            return self._identifier


_classifier = _Classifier()
