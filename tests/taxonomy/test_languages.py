"""What a language tag means."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from memelens.taxonomy import Language, normalise_language


@pytest.mark.parametrize(
    ("tag", "language", "primary"),
    [
        ("ar", Language.ARABIC, "ar"),
        ("zh-Hant-TW", Language.CHINESE, "zh"),
        ("cmn-Hans", Language.CHINESE, "zh"),
        ("hi-en", Language.HINDI, "hi"),
        ("hi_Latn", Language.HINDI, "hi"),
        (" EN-gb ", Language.ENGLISH, "en"),
        ("deu", Language.GERMAN, "de"),
        ("mo", Language.ROMANIAN, "ro"),
        ("fr-CA", None, "fr"),
        ("und", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_tags(tag: str | None, language: Language | None, primary: str | None) -> None:
    """A tag's primary subtag decides, with the codes that occur for the nine."""
    assert normalise_language(tag) == (language, primary)


CODES = {
    "ar": "ara arb arz ary apc ajp acm acq aeb afb apd arq ars",
    "bn": "ben",
    "de": "deu ger gsw",
    "en": "eng",
    "es": "spa",
    "hi": "hin",
    "ro": "mo mol ron rum",
    "ru": "rus",
    "zh": "cmn chi yue zho",
}


@pytest.mark.parametrize("language", Language)
def test_codes_of_three_letters(language: Language) -> None:
    """Each of the nine is known by its ISO 639-2 and 639-3 codes, and by those of its spoken varieties."""
    for code in CODES[language].split():
        assert normalise_language(f"{code}-Latn") == (language, language.value)


@given(st.text())
@example("-")
@example("\ud800")
def test_no_text_is_an_error(tag: str) -> None:
    """Any text is a language of the nine, another one, or none; and the primary subtag means the same again."""
    language, primary = normalise_language(tag)
    assert language is None or language.value == primary
    assert primary != ""
    assert normalise_language(primary) == (language, primary)
