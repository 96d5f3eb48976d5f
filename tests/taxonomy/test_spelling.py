"""Labels as they occur in the wild."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memelens.taxonomy import LABEL_SETS, UnknownNameError, label_set, unified_label


@pytest.mark.parametrize(
    ("name", "raw", "unified"),
    [
        ("intention", "Entertaining", "entertaining"),
        ("hateful", "Non-hateful", "not-hateful"),
        ("hateful", "not-hate", "not-hateful"),
        ("hateful", "hate", "hateful"),
        ("hateful", "NotHate", "not-hateful"),
        ("hateful", "0", "not-hateful"),
        ("humor", "not_funny", "not-funny"),
        ("humor", "very_funny", "very-funny"),
        ("sarcasm", "not-sarcasm", "not-sarcasm"),
        ("sarcasm", "Yes", "sarcasm"),
        ("sarcasm-degree", "not-sarcasm", "not-sarcastic"),
        ("sarcasm-degree", "general", "general-sarcasm"),
        ("sarcasm-degree", "twisted_meaning", "twisted-meaning"),
        ("harmful", "not harmful", "not-harmful"),
        ("harmful", "somewhat harmful", "partially-harmful"),
        ("harmful", "very harmful", "very-harmful"),
        ("vulgar", "Vulgar", "vulgar"),
        ("vulgar", "Not Vulgar", "not-vulgar"),
        ("abusive", "Non-abusive", "not-abusive"),
        ("propaganda", "not_propaganda", "not-propaganda"),
        ("emotion", "4(sorrow)", "sorrow"),
        ("emotion", "1 \N{FULLWIDTH LEFT PARENTHESIS}happiness\N{FULLWIDTH RIGHT PARENTHESIS}", "happiness"),
        ("intention", "2(expressive)", "expressive"),
        ("intention", "表达情感", "expressive"),
        ("sentiment-degree", "2(moderately)", "moderately"),
        ("offensive-degree", "0(non-offensive)", "not-offensive"),
        ("offensive-degree", "2(moderately)", "moderately-offensive"),
        ("offensive-hateful", "slight", "slightly-offensive"),
        ("offensive-hateful", "hateful_offensive", "hateful-offensive"),
        ("metaphor", "1", "metaphorical"),
        ("metaphor", "0", "literal"),
        ("misogyny", "1", "misogynous"),
        ("sentiment-five", "very_positive", "very-positive"),
        ("deepfake", "DeepFake", "deepfake"),
        ("political", "No", "not-political"),
        ("target", "None", "none"),
        ("target", "organization", "organization"),
        ("sarcasm-degree", "very_twisted", "very-twisted"),
        ("sarcasm-degree", "not_sarcastic", "not-sarcastic"),
        ("offensive-hateful", "not_offensive", "not-offensive"),
        ("offensive-hateful", "very_offensive", "very-offensive"),
        ("motivational", "not_motivational", "not-motivational"),
        ("sentiment-degree", "3(very)", "very"),
        ("offensive-degree", "1(slightly)", "slightly-offensive"),
        ("offensive-degree", "3(very)", "very-offensive"),
        ("emotion", "6(hate)", "hate"),
        ("intention", "5(other)", "other"),
        ("sentiment", "Negative", "negative"),
        ("emotion-ro", "Sadness", "sadness"),
        ("deepfake", "Fake", "fake"),
        ("sarcasm", "No", "not-sarcasm"),
        ("abusive", "Abusive", "abusive"),
        ("misogyny-kinds", "Humiliation", "humiliation"),
        ("toxic", "not-toxic", "not-toxic"),
        ("target", "organisation", "organization"),
        ("propaganda", "propoganda", "propaganda"),
        ("propaganda", "not_propoganda", "not-propaganda"),
        ("misogyny", "misogynistic", "misogynous"),
        ("misogyny", "Not-Misogyny", "not-misogynous"),
    ],
)
def test_spellings_of_the_published_files(name: str, raw: str, unified: str) -> None:
    """What the datasets write is folded to the unified label."""
    assert unified_label(name, raw) == unified
    assert unified_label(label_set(name), f" {raw} ") == unified


@st.composite
def _respelled(draw: st.DrawFn) -> tuple[str, str, str]:
    """A set, one of its labels, and that label with other case, separators, negation and a number before it."""
    name = draw(st.sampled_from(sorted(LABEL_SETS)))
    label = draw(st.sampled_from(LABEL_SETS[name].labels))
    raw = label
    if label.startswith("not-"):
        raw = draw(st.sampled_from(["not", "non", "no"])) + label.removeprefix("not")
    raw = draw(st.sampled_from([raw, raw.upper(), raw.title()]))
    raw = raw.replace("-", draw(st.sampled_from(["-", "_", " ", " - ", "__"])))
    number = draw(st.none() | st.integers(0, 99))
    return name, label, raw if number is None else f"{number}({raw})"


@given(_respelled())
def test_every_label_survives_respelling(case: tuple[str, str, str]) -> None:
    """Case, separators, the kind of negation and a leading number never change which label is meant."""
    name, label, raw = case
    assert unified_label(name, raw) == label


@given(st.sampled_from(sorted(LABEL_SETS)), st.text(max_size=20))
def test_a_text_is_a_label_or_an_error(name: str, raw: str) -> None:
    """No text falls back to some label: it is one of the set, or an error that names set and value."""
    try:
        outcome = unified_label(name, raw)
    except UnknownNameError as error:
        outcome = str(error)
    assert outcome in LABEL_SETS[name].labels or outcome.startswith(f"unknown label of {name} {raw!r};")


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("hateful", ""),
        ("hateful", "2"),
        ("hateful", "offensive"),
        ("harmful", "0"),
        ("harmful", "harmful"),
        ("deepfake", "no"),
        ("harmful", ""),
        ("hateful", "12"),
        ("propaganda", "not-meme"),
        ("propaganda", "other"),
        ("sentiment", "very-negative"),
        ("misogyny-kinds", "not-prejudice"),
    ],
)
def test_nothing_is_guessed(name: str, raw: str) -> None:
    """A label of another set, an empty one or a bare number of a longer set is refused."""
    with pytest.raises(UnknownNameError):
        unified_label(name, raw)


def test_the_error_says_what_was_meant() -> None:
    """It names set and value, and the nearest label."""
    with pytest.raises(UnknownNameError, match="unknown label of harmful 'verry harmful'; did you mean 'very-harmful'"):
        unified_label("harmful", "verry harmful")


@pytest.mark.parametrize(
    ("name", "raw", "meant"),
    [
        ("harmful", "somewat harmful", "partially-harmful"),
        ("harmful", "Somewhat_harmfull", "partially-harmful"),
        ("sarcasm-degree", "genral", "general-sarcasm"),
        ("offensive-hateful", "sligth", "slightly-offensive"),
        ("offensive-degree", "moderatly", "moderately-offensive"),
        ("abusive", "nonabusive", "not-abusive"),
        ("toxic", "nontoxic", "not-toxic"),
        ("emotion", "4(sorow)", "sorrow"),
    ],
)
def test_a_misspelled_spelling_is_answered_with_its_label(name: str, raw: str, meant: str) -> None:
    """What is near to a spelling of a published file is never answered with another label that looks alike."""
    with pytest.raises(UnknownNameError, match=f"did you mean '{meant}'"):
        unified_label(name, raw)


def test_the_error_lists_the_labels_where_none_is_near() -> None:
    """What is near no label is answered with all of them."""
    with pytest.raises(UnknownNameError, match="unknown label of vulgar 'xyz'; known: not-vulgar, vulgar"):
        unified_label("vulgar", "xyz")
