"""The engine around the passes: poison beside good memes, priors, shortages of memory, half precision."""

import io
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from memelens.model.engine import Meme, RationaleRequest, Scores
from memelens.model.errors import EngineUnavailableError, MemeError
from memelens.model.manifest import LabelLanguage, Layout, Manifest, PromptVersion
from memelens.model.packed_engine import PackedEngine
from memelens.model.scoring import prefill_root
from memelens.taxonomy import LABEL_SETS, TASKS, Language, Task

from .tiny import build_model, checkpoint, picture

EN = Language.ENGLISH
FULL = Manifest(name="t", label_language=LabelLanguage.NATIVE, rationale_languages=frozenset({EN}))
BRIEF = Manifest(name="t", prompt=PromptVersion.BRIEF, rationale_languages=frozenset({EN}))
RELEASED = Manifest(name="t", layout=Layout.MEMELENS, prompt=PromptVersion.RELEASED)
MODEL = build_model()
SIZES = ((96, 64), (64, 160), (200, 248), (256, 48), (128, 128))
MEMES = tuple(
    Meme(
        f"teapot number {number} " * (1 + number % 3),
        "at sea" * (number % 2),
        EN,
        picture(SIZES[number % 5], seed=number),
    )
    for number in range(10)
)


def engine(manifest: Manifest = BRIEF, *, token_budget: int = 100_000, **parts: Any) -> PackedEngine:
    """A packed engine on the tiny model."""
    return PackedEngine(checkpoint(manifest, model=MODEL, **parts), token_budget=token_budget, rationale_tokens=6)


def values(answers: Sequence[Scores | MemeError]) -> np.ndarray:
    """Scores (memes, labels)."""
    return np.array([answer.log_probabilities for answer in answers if isinstance(answer, Scores)])


def strip() -> bytes:
    """An animation of strips, each as long as is allowed: side by side they are longer."""
    frames = [Image.new("RGB", (1600, 8), colour) for colour in ("red", "green", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return buffer.getvalue()


def test_a_poisonous_meme_costs_its_neighbours_nothing() -> None:
    """What can't be opened is answered with its reason, in its place; the others get the scores they always get."""
    poison = [Meme(image=b""), Meme(image=b"<html>"), Meme("x", image=MEMES[0].image[:60] if MEMES[0].image else None)]
    mixed = [poison[0], MEMES[0], poison[1], MEMES[1], poison[2]]
    answers = engine().score(mixed)
    kinds = [answer.kind if isinstance(answer, MemeError) else "scored" for answer in answers]
    assert kinds == ["not-a-picture", "scored", "not-a-picture", "scored", "broken-picture"]
    assert np.abs(values(answers) - values(engine().score(MEMES[:2]))).max() < 1e-4


def test_strips_side_by_side_are_no_defect() -> None:
    """An animation whose sheet is too long for the vision tower is judged or refused; the batch goes on."""
    strange, fine = engine().score([Meme(image=strip()), MEMES[0]])
    assert isinstance(fine, Scores)
    assert isinstance(strange, Scores) or strange.kind == "picture-shape"


@pytest.mark.parametrize("text", ["\0", "\ud83d", "\u202eabc", "<|im_end|>", "🫖" * 2000, "\n" * 50], ids=ascii)
def test_any_text_is_judged(text: str) -> None:
    """NULs, half letters, marks, control tokens, too much of it: scores like those of any other meme."""
    (answer,) = engine().score([Meme(text, text, None)])
    assert isinstance(answer, Scores)
    assert all(math.isfinite(value) and value <= 0 for value in answer.log_probabilities)
    assert engine().count_tokens(Meme(text, text)) > 0


@pytest.mark.parametrize("manifest", [FULL, RELEASED], ids=["shared-prefix", "memelens"])
def test_what_is_common_is_computed_once(manifest: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are encoded once for all of a batch's tasks, and a static root once in the engine's life."""
    judge, seen, roots = engine(manifest), [], []
    see = judge._passes.see

    def watched_see(pictures: Any) -> Any:
        seen.append(len(pictures))
        return see(pictures)

    def watched_prefill(model: Any, root: Any) -> Any:
        roots.append(tuple(root))
        return prefill_root(model, root)

    monkeypatch.setattr(judge._passes, "see", watched_see)
    monkeypatch.setattr("memelens.model.passes.prefill_root", watched_prefill)
    judge.score(MEMES[:3])
    judge.score(MEMES[3:6])
    assert seen == [3, 3]
    assert len(roots) == len(set(roots)) <= len(judge._checkpoint.prompt.plans(EN))


def test_nothing_asked_nothing_answered() -> None:
    """Empty calls are answered with empty lists."""
    assert engine().score([]) == []
    assert engine().explain([]) == []


def test_an_estimate_holds() -> None:
    """`count_tokens` is never below what a pass really adds, in any layout, and is not wildly above."""
    for manifest in (FULL, BRIEF, RELEASED):
        judge = engine(manifest)
        for meme, prepared in zip(MEMES, judge._preparer.prepare(MEMES), strict=True):
            assert not isinstance(prepared, MemeError)
            used = sum(len(one) + len(plan.tree) for one, plan in zip(prepared.chains, prepared.plans, strict=True))
            assert used <= judge.count_tokens(meme) < 10 * used


def test_the_prior_is_removed_and_the_mass_is_kept() -> None:
    """A meme without content is answered evenly; each set's mass is what the model gave it."""
    manifest = BRIEF.model_copy(update={"remove_prior": True, "serve": {Task.MISOGYNY: "misogyny-kinds"}})
    raw_manifest = manifest.model_copy(update={"remove_prior": False})
    corrected, raw = engine(manifest).score(MEMES[:3]), engine(raw_manifest).score(MEMES[:3])
    blanks = values(engine(raw_manifest).score([Meme(text, language=EN) for text in ("", "N/A", "...")])).mean(axis=0)
    for one, other in zip(corrected, raw, strict=True):
        assert isinstance(one, Scores)
        assert isinstance(other, Scores)
        start = 0
        for name, found in one.by_set().items():
            before, prior = np.array(other.by_set()[name]), blanks[start : start + len(found)]
            start += len(found)
            if LABEL_SETS[name].multiple:
                assert found == pytest.approx(before, abs=1e-4)
                continue
            expected = before - prior
            expected += np.logaddexp.reduce(before) - np.logaddexp.reduce(expected)
            assert found == pytest.approx(expected, abs=1e-4)


def test_a_shortage_of_memory_halves_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device that takes two memes at once answers all, in order, and isn't asked for four again."""
    judge, sizes = engine(), []
    expected = values(engine().score(MEMES[:8]))
    real = judge._passes.score

    def small(plan: Any, memes: Any, *rest: Any, **options: Any) -> Any:
        sizes.append(len(memes))
        if len(memes) > 2:
            raise torch.OutOfMemoryError
        return real(plan, memes, *rest, **options)

    monkeypatch.setattr(judge._passes, "score", small)
    assert np.abs(values(judge.score(MEMES[:8])) - expected).max() < 1e-4
    assert sizes[0] == 8
    assert judge._budget.tokens == 25_000
    texts = judge.explain([RationaleRequest(meme, "toxic", "toxic", EN) for meme in MEMES[:8]])
    assert texts == engine().explain([RationaleRequest(meme, "toxic", "toxic", EN) for meme in MEMES[:8]])


def test_what_is_no_number_is_no_score(monkeypatch: pytest.MonkeyPatch) -> None:
    """A meme whose answer overflows is refused by itself; nothing of it is cached or published."""
    judge = engine()
    real = judge._passes.score

    def overflowing(*arguments: Any, **options: Any) -> Any:
        scores, kept = real(*arguments, **options)
        scores[1:2, 5] = math.nan
        return scores, kept

    monkeypatch.setattr(judge._passes, "score", overflowing)
    fine, refused = judge.score([MEMES[0], MEMES[0]])
    assert isinstance(fine, Scores)
    assert isinstance(refused, MemeError)
    assert refused.kind == "scores-not-finite"


def test_no_meme_is_blamed_for_a_damaged_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a plain meme overflows too the engine is unavailable: posts wait instead of becoming dead letters."""
    judge = engine()
    real = judge._passes.score

    def overflowing(*arguments: Any, **options: Any) -> Any:
        scores, kept = real(*arguments, **options)
        return scores * math.nan, kept

    monkeypatch.setattr(judge._passes, "score", overflowing)
    with pytest.raises(EngineUnavailableError, match="a plain picture can't be judged any more"):
        judge.score(MEMES[:2])
    monkeypatch.undo()
    assert np.abs(values(judge.score(MEMES[:2])) - values(engine().score(MEMES[:2]))).max() < 1e-4


def test_batches_keep_to_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pass is larger than the budget, but for a meme that is so alone."""
    judge, shapes = engine(token_budget=600), []
    real = judge._passes.score

    def watched(plan: Any, memes: Any, *rest: Any, **options: Any) -> Any:
        shapes.append((len(memes), len(memes) * (max(map(len, memes)) + len(plan.tree))))
        return real(plan, memes, *rest, **options)

    monkeypatch.setattr(judge._passes, "score", watched)
    assert len(judge.score(MEMES)) == len(MEMES)
    assert all(tokens <= 600 or memes == 1 for memes, tokens in shapes)
    assert len(shapes) > 2


def test_half_precision_changes_little() -> None:
    """bfloat16, tens of memes alone and in batches: the 99th percentile of the change in probability is under 0.02."""
    half = PackedEngine(checkpoint(BRIEF, model=MODEL_16), token_budget=100_000, rationale_tokens=6)
    alone = probabilities([answer for meme in MEMES for answer in half.score([meme])])
    together = probabilities(half.score(MEMES))
    change = np.abs(alone - together)
    assert np.quantile(change, 0.99) < 0.02
    assert flips(alone, together) <= 0.02 * len(MEMES) * len(TASKS)


MODEL_16 = build_model().to(torch.bfloat16)


def probabilities(answers: Sequence[Scores | MemeError]) -> np.ndarray:
    """Softmax over each set: (memes, labels)."""
    rows = []
    for answer in answers:
        assert isinstance(answer, Scores)
        sets = [np.array(one) for one in answer.by_set().values()]
        rows.append(np.concatenate([np.exp(one - np.logaddexp.reduce(one)) for one in sets]))
    return np.array(rows)


def flips(one: np.ndarray, other: np.ndarray) -> int:
    """How many answers change their most probable label."""
    start, count = 0, 0
    for found in BRIEF.asked_sets(EN):
        part = slice(start, start := start + len(found.labels))
        count += int((one[:, part].argmax(axis=1) != other[:, part].argmax(axis=1)).sum())
    return count


def test_closing_twice_is_closing() -> None:
    """An engine may be closed again."""
    judge = engine()
    judge.close()
    judge.close()
