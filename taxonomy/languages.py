"""The nine languages, and what a BCP-47 tag means for us."""

from enum import StrEnum

__all__ = ["Language", "normalise_language"]


class Language(StrEnum):
    """The languages that a model of this project is trained in (ISO 639-1)."""

    ARABIC = "ar"
    BENGALI = "bn"
    GERMAN = "de"
    ENGLISH = "en"
    SPANISH = "es"
    HINDI = "hi"
    ROMANIAN = "ro"
    RUSSIAN = "ru"
    CHINESE = "zh"


# ISO 639-2 and 639-3 codes and macrolanguage members that occur in the wild for the nine.
_ALIASES = {
    "ara": "ar", "arb": "ar", "arz": "ar", "ary": "ar", "apc": "ar", "ajp": "ar", "acm": "ar", "acq": "ar", "aeb": "ar",
    "afb": "ar", "apd": "ar", "arq": "ar", "ars": "ar", "ben": "bn", "deu": "de", "ger": "de", "gsw": "de",
    "eng": "en", "spa": "es", "hin": "hi", "mo": "ro", "mol": "ro", "ron": "ro", "rum": "ro", "rus": "ru",
    "cmn": "zh", "chi": "zh", "yue": "zh", "zho": "zh",
}  # fmt: skip
_BY_TAG = {language.value: language for language in Language}
_NOT_A_LANGUAGE = {"", "mis", "mul", "und", "zxx"}


def normalise_language(tag: str | None) -> tuple[Language | None, str | None]:
    """Language of a BCP-47 tag, and the tag's primary subtag in lower case.

    `zh-Hant-TW` is Chinese; code-mixed Hindi (`hi-en`, `hi_Latn`) is Hindi; the first element is None for a language
    outside the nine, both are None where the tag names no language (`und`, empty, missing).
    """
    if tag is None:
        return None, None
    primary = tag.strip().replace("_", "-").split("-", 1)[0].strip().casefold()
    if primary in _NOT_A_LANGUAGE:
        return None, None
    primary = _ALIASES.get(primary, primary)
    return _BY_TAG.get(primary), primary
