"""The relation "same meme": what texts have in common, and when pictures and texts are the same."""

import numpy as np
import pytest

from memelens.trainer.corpus.sameness import near_texts, normalised_text, same_picture_and_text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("The Zorblaxians\nsay: NO!", "the zorblaxians say no", id="case, line breaks, punctuation"),
        pytest.param("ＺＯＲＢ １２", "zorb12", id="wide letters"),  # noqa: RUF001  they are meant
        pytest.param("قال الزُّربلاكسيون", "قال الزربلاكسيون", id="optional Arabic vowels"),
        pytest.param("زوربــــلاكس", "زوربلاكس", id="tatweel"),
        pytest.param("Zu\u0308rich", "Zürich", id="composition"),
    ],
)
def test_two_readings_of_one_text_are_equal(one: str, other: str) -> None:
    """What differs between a hand and an OCR program doesn't count."""
    assert normalised_text(one) == normalised_text(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("की", "कु", id="Hindi vowel signs"),
        pytest.param("говорят", "говорит", id="one letter"),
        pytest.param("不是", "是", id="Chinese"),
    ],
)
def test_what_carries_meaning_stays(one: str, other: str) -> None:
    """Vowel signs that aren't optional, and every letter."""
    assert normalised_text(one) != normalised_text(other)


def test_texts_are_near_at_four_fifths() -> None:
    """A few wrong letters are near, another sentence isn't, an empty text is near to nothing."""
    one = ["thezorblaxianssaynotothis", "thezorblaxianssayno", "", ""]
    other = ["thezorblaxiansaynototh1s", "thequibblesalwayssayyes", "", "thezorblaxians"]
    assert near_texts(one, other).tolist() == [True, False, False, False]


def test_pixels_are_asked_only_without_text() -> None:
    """With texts they decide; without one, ten bits and the pixels do."""
    pairs = np.array([[0, 1], [0, 2], [0, 3], [3, 4], [3, 5]])
    distances = np.array([31, 5, 10, 10, 11])
    asked = []

    def alike(one: int, other: int) -> bool:
        asked.append((one, other))
        return other == 4

    texts = ["zorblaxianssayno", "zorblaxianssayn0", "quibblessayyes", "", "", ""]
    assert same_picture_and_text(pairs, distances, texts, alike).tolist() == [True, False, False, True, False]
    assert asked == [(0, 3), (3, 4)]
