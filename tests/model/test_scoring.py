"""Packed scores are those of plain sequences, one for each label."""

from collections.abc import Iterator

import numpy as np
import pytest

from memelens.model.engine import Meme, Scores
from memelens.model.manifest import LabelLanguage, Layout, Manifest, PromptVersion, Terminator
from memelens.model.packed_engine import PackedEngine
from memelens.model.sheets import AnswerText, Sheet, sheets
from memelens.taxonomy import LABEL_SETS, Language, Task

from .plain import PlainModel
from .tiny import build_model, checkpoint, image_processor, picture, tokenizer, words

EXACT = 1e-4
MEMES = (
    Meme("Two teapots at sea", "the sailors of Zorblax", Language.ENGLISH, picture((96, 64), seed=1)),
    Meme("", "a caption alone", Language.ENGLISH, picture((200, 248), seed=2)),
    Meme("text alone, and rather more of it than the others have, so that rows differ", "", Language.ENGLISH),
    Meme("", "", Language.ENGLISH, picture((256, 48), seed=3)),
    Meme(language=Language.ENGLISH),
    Meme("عبارة \u200fعن\u200f 🫖 إبريق", "ठीक है", Language.ENGLISH, picture((64, 160), seed=4)),
)
_FULL_NATIVE = Manifest(name="t", label_language=LabelLanguage.NATIVE, rationale_languages=frozenset(Language))
_RELEASED = Manifest(name="t", layout=Layout.MEMELENS, prompt=PromptVersion.RELEASED)
MANIFESTS = {
    "full": Manifest(name="t"),
    "full-end-of-turn": Manifest(name="t", terminator=Terminator.END_OF_TURN),
    "full-kinds": Manifest(name="t", serve={Task.MISOGYNY: "misogyny-kinds", Task.HUMOR: "humor-binary"}),
    "brief": Manifest(name="t", prompt=PromptVersion.BRIEF),
    "released": _RELEASED,
    "released-end-of-turn": _RELEASED.model_copy(update={"terminator": Terminator.END_OF_TURN}),
}
MODEL = build_model()
PLAIN = PlainModel(MODEL, tokenizer(), image_processor())


def engine(manifest: Manifest, *, token_budget: int = 100_000) -> PackedEngine:
    """A packed engine on the tiny model, with made-up wordings."""
    return PackedEngine(checkpoint(manifest, model=MODEL), token_budget=token_budget, rationale_tokens=8)


def scored(manifest: Manifest, memes: tuple[Meme, ...]) -> np.ndarray:
    """Scores (memes, labels) of memes that are asked alike."""
    answers = engine(manifest).score(memes)
    return np.array([answer.log_probabilities for answer in answers if isinstance(answer, Scores)])


def asked(manifest: Manifest, language: Language | None) -> Iterator[tuple[Sheet, AnswerText]]:
    """Everything that a meme in a language is asked, in the order of its scores."""
    return ((sheet, one) for sheet in sheets(manifest, language, words) for one in sheet.answers)


@pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=MANIFESTS)
def test_packed_scores_are_those_of_plain_sequences(manifest: Manifest) -> None:
    """One batch of memes of many shapes: every label, each at another meme, within 1e-4 of a sequence of its own."""
    found = scored(manifest, MEMES)
    questions = list(asked(manifest, Language.ENGLISH))
    assert found.shape == (len(MEMES), len(questions))
    for place, (sheet, answer) in enumerate(questions):
        row = place % len(MEMES)
        plain = PLAIN.score(sheet, MEMES[row], answer, manifest.terminator)
        assert found[row, place] == pytest.approx(plain, abs=EXACT), (row, answer)


@pytest.mark.parametrize("language", [*Language, None], ids=str)
def test_every_languages_wording_is_scored_exactly(language: Language | None) -> None:
    """Memes of every language, and of none, are asked in their own words, and answered as in plain sequences."""
    meme = Meme("Two teapots", "at sea", language, picture((96, 96), seed=5))
    (found,) = engine(_FULL_NATIVE).score([meme])
    assert isinstance(found, Scores)
    assert found.sets == tuple(one.name for one in _FULL_NATIVE.asked_sets(language))
    questions = list(asked(_FULL_NATIVE, language))
    for place in range(0, len(questions), 9):
        sheet, answer = questions[place]
        plain = PLAIN.score(sheet, meme, answer, Terminator.NEWLINE)
        assert found.log_probabilities[place] == pytest.approx(plain, abs=EXACT), answer


def test_languages_are_scored_together() -> None:
    """One call takes memes of different languages and keeps their order; each is scored as if alone."""
    memes = [Meme("Two teapots", "", language) for language in (Language.RUSSIAN, None, Language.HINDI) * 2]
    judge = engine(_FULL_NATIVE)
    for meme, answer in zip(memes, judge.score(memes), strict=True):
        (alone,) = judge.score([meme])
        assert isinstance(answer, Scores)
        assert isinstance(alone, Scores)
        assert answer.log_probabilities == pytest.approx(alone.log_probabilities, abs=EXACT)


@pytest.mark.parametrize(("name", "token_budget"), [("full", 256), ("full", 700), ("released", 300)])
def test_scores_do_not_depend_on_the_batch(name: str, token_budget: int) -> None:
    """Alone, in any order, or in batches as small as a budget makes them: the same scores."""
    judge = engine(MANIFESTS[name])
    alone = [answer for meme in MEMES for answer in judge.score([meme])]
    backwards = engine(MANIFESTS[name], token_budget=token_budget).score(MEMES[::-1])
    for one, other in zip(alone, backwards[::-1], strict=True):
        assert isinstance(one, Scores)
        assert isinstance(other, Scores)
        assert other.log_probabilities == pytest.approx(one.log_probabilities, abs=EXACT)


def test_the_mass_of_a_set_is_at_most_one() -> None:
    """Labels of a set with their terminators exclude one another, so that their probabilities sum to one at most."""
    for answer in engine(MANIFESTS["full-end-of-turn"]).score(MEMES):
        assert isinstance(answer, Scores)
        for set_name, values in answer.by_set().items():
            assert LABEL_SETS[set_name].multiple or np.exp(values).sum() <= 1 + 1e-6
