"""The fake engine: deterministic, quick, and faulty where it is told to be."""

import time

import pytest

from memelens.model.engine import Meme, RationaleRequest, Scores
from memelens.model.errors import CheckpointError, EngineUnavailableError, MemeError
from memelens.model.fake import FakeEngine, FakeOptions
from memelens.taxonomy import TASKS, Language, served_set

MEME = Meme(text="two teapots", caption="at sea", language=Language.HINDI, image=b"not really a picture")


@pytest.mark.parametrize(
    "other",
    [
        Meme(text="two teacups", caption="at sea", language=Language.HINDI, image=b"not really a picture"),
        Meme(text="two teapots", caption="at home", language=Language.HINDI, image=b"not really a picture"),
        Meme(text="two teapots", caption="at sea", language=Language.RUSSIAN, image=b"not really a picture"),
        Meme(text="two teapots", caption="at sea", language=Language.HINDI, image=b"another picture"),
        Meme(text="two teapots", caption="at sea", language=Language.HINDI),
        Meme(text="two teapotsat", caption=" sea", language=Language.HINDI, image=b"not really a picture"),
    ],
    ids=["text", "caption", "language", "image", "no-image", "border"],
)
def test_scores_follow_the_content(other: Meme) -> None:
    """Equal memes get equal scores from any engine, and a change of any part changes them."""
    first, again = FakeEngine().score([MEME]), FakeEngine().score([Meme(*_parts(MEME))])
    (changed,) = FakeEngine().score([other])
    assert isinstance(first[0], Scores)
    assert isinstance(again[0], Scores)
    assert isinstance(changed, Scores)
    assert first[0].log_probabilities == again[0].log_probabilities != changed.log_probabilities


@pytest.mark.parametrize("language", [*Language, None])
def test_every_served_set_is_answered(language: Language | None) -> None:
    """A meme of any language is answered in exactly the twenty sets served for it."""
    (scores,) = FakeEngine().score([Meme(text="hello", language=language)])
    assert isinstance(scores, Scores)
    assert scores.sets == tuple(served_set(task, language).name for task in TASKS)
    assert all(value <= 0 for value in scores.log_probabilities)


def test_both_kinds_of_evidence_occur() -> None:
    """Some cells are trained and some are not, in every language but English, which has all."""
    trained = FakeEngine().description.trained
    for language in Language:
        cells = [language in trained[task] for task in TASKS]
        assert all(cells) if language is Language.ENGLISH else {True, False} == set(cells)


def test_rationales_are_short_and_name_the_label() -> None:
    """A rationale is one line in which the label and the language can be found."""
    request = RationaleRequest(MEME, "hateful", "not-hateful", Language.HINDI)
    (text,) = FakeEngine().explain([request])
    assert isinstance(text, str)
    assert text == FakeEngine().explain([request])[0]
    assert "not-hateful" in text
    assert len(text) < 120


def test_faults_come_when_told() -> None:
    """Every n-th call is unavailable; a poisonous meme is refused and its neighbours are not."""
    engine = FakeEngine(FakeOptions.from_url("fake://?fail_every=2&poison_text=zorb"))
    refused, fine = engine.score([Meme(text="a zorb"), MEME])
    assert isinstance(refused, MemeError)
    assert isinstance(fine, Scores)
    with pytest.raises(EngineUnavailableError):
        engine.score([MEME])
    assert engine.score([MEME])


def test_latency_is_taken() -> None:
    """A call takes at least the milliseconds asked for, whatever its batch."""
    engine = FakeEngine(FakeOptions.from_url("fake://?latency_ms=20"))
    start = time.perf_counter()
    engine.score([MEME] * 10)
    assert time.perf_counter() - start >= 0.02


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("fake://?latncy_ms=3", "did you mean 'latency_ms'"),
        ("fake://?fail_every=often", "fail_every='often'"),
        ("fake://?latency_ms=-1", "greater than or equal to 0"),
        ("fake://somewhere", "write fake://"),
    ],
)
def test_a_wrong_url_says_what_is_wrong(url: str, says: str) -> None:
    """An unknown option, a bad value or a host is one line with the remedy."""
    with pytest.raises(CheckpointError, match=says.replace("?", r"\?")) as caught:
        FakeOptions.from_url(url)
    assert "\n" not in str(caught.value)


def _parts(meme: Meme) -> tuple[str, str, Language | None, bytes | None]:
    return meme.text, meme.caption, meme.language, meme.image
