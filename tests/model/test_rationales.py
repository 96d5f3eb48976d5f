"""Rationales decoded from packed caches are those that `generate` writes from scratch, token for token."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import torch
from transformers import Qwen3VLForConditionalGeneration

from memelens.model import packed_engine
from memelens.model.engine import Meme, RationaleRequest
from memelens.model.errors import MemeError
from memelens.model.manifest import LabelLanguage, Layout, Manifest, PromptVersion, Terminator
from memelens.model.packed_engine import PackedEngine
from memelens.model.rationales import write_rationales
from memelens.model.sheets import marker, sheets
from memelens.model.tokens import Vocabulary
from memelens.taxonomy import LABEL_SETS, Language, Task

from .plain import PlainModel
from .tiny import build_model, checkpoint, image_processor, picture, tokenizer, words

MOST = 12
EN, DE, AR = Language.ENGLISH, Language.GERMAN, Language.ARABIC
FULL = Manifest(name="t", rationale_languages=frozenset({EN, DE, AR}), label_language=LabelLanguage.NATIVE)
RELEASED = Manifest(
    name="t", layout=Layout.MEMELENS, prompt=PromptVersion.RELEASED, rationale_languages=frozenset({EN})
)
BRIEF = Manifest(name="t", prompt=PromptVersion.BRIEF, rationale_languages=frozenset({EN, DE}))
MEMES = (
    Meme("Two teapots at sea", "", DE, picture((96, 64), seed=1)),
    Meme("text alone, and rather more of it than the others have", "a caption", DE),
    Meme("", "", DE, picture((200, 248), seed=2)),
    Meme("", "still", EN, picture((64, 64), seed=3)),
)


def ending_model() -> Qwen3VLForConditionalGeneration:
    """A tiny model that ends its turn, or the text, where it would have said a favourite token: lengths differ."""
    model = build_model(seed=1)
    turn_end, text_end = tokenizer().convert_tokens_to_ids(["<|im_end|>", "<|endoftext|>"])
    model.lm_head.weight = torch.nn.Parameter(model.lm_head.weight.detach().clone())
    with torch.no_grad():
        model.lm_head.weight[turn_end] = 1.05 * model.lm_head.weight[22]
        model.lm_head.weight[text_end] = 1.05 * model.lm_head.weight[436]
    return model


MODEL = ending_model()
PLAIN = PlainModel(MODEL, tokenizer(), image_processor())


class Numbers(Vocabulary):
    """Shows tokens as numbers: as text, half letters would look alike."""

    def text(self, ids: Sequence[int]) -> str:
        return " ".join(map(str, ids))


def engine(manifest: Manifest, *, token_budget: int = 100_000, most: int = MOST) -> PackedEngine:
    """A packed engine on the tiny model, with made-up wordings, that answers with numbers."""
    made = replace(checkpoint(manifest, model=MODEL), vocabulary=Numbers(tokenizer()))
    return PackedEngine(made, token_budget=token_budget, rationale_tokens=most)


def requests() -> list[RationaleRequest]:
    """Several memes, tasks, labels and languages, those about a meme not together; lengths and ends differ."""
    asked = [
        ("hateful", "hateful", EN),
        ("hateful", "not-hateful", DE),
        ("target", "organization", DE),
        ("humor", "very-funny", AR),
    ]
    return [RationaleRequest(meme, *one) for one in asked for meme in MEMES]


def written_plainly(manifest: Manifest, request: RationaleRequest, most: int = MOST) -> list[int]:
    """Tokens that `generate` writes for a request, from scratch."""
    for sheet in sheets(manifest, request.meme.language, words):
        for one in sheet.answers:
            if (one.label_set, one.label) == (request.label_set, request.label):
                opening = marker(manifest.prompt, request.language)
                return PLAIN.explain(sheet, request.meme, one, opening, most_tokens=most)
    raise LookupError(request)


def check(manifest: Manifest, asked: Sequence[RationaleRequest], texts: Sequence[str | MemeError]) -> set[int]:
    """Compare texts with those of `generate`; the lengths that occurred."""
    lengths = set()
    for request, text in zip(asked, texts, strict=True):
        tokens = written_plainly(manifest, request)
        assert text == " ".join(map(str, tokens)), request
        lengths.add(len(tokens))
    return lengths


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "recomputed"])
def test_rationales_are_those_of_generate(kept: bool) -> None:
    """Four memes, four tasks, three languages in one decoding batch: token-identical to generating each from scratch.

    From the cache that scoring left and from a prefix computed again.
    """
    judge, asked = engine(FULL), requests()
    if kept:
        judge.score(MEMES)
    lengths = check(FULL, asked, judge.explain(asked))
    assert len(lengths) > 3
    assert MOST in lengths


def test_the_kept_cache_is_used() -> None:
    """Explaining what was just scored computes no prefix, and leaves the cache for the next call."""
    judge, asked = engine(FULL), requests()[:4]
    judge.score(MEMES)
    fresh = partial(pytest.fail, "a prefix was computed")
    judge._passes.prefix = fresh  # type: ignore[method-assign] # must not be called
    first = judge.explain(asked)
    assert judge.explain(asked) == first


def test_a_small_budget_changes_no_word() -> None:
    """Requests that don't fit one batch are written in several, in the order asked."""
    asked = requests()
    assert engine(FULL, token_budget=256).explain(asked) == engine(FULL).explain(asked)


def test_prefixes_keep_to_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long meme among short ones, whichever is asked about first: no pass is larger than the budget."""
    judge, shapes = engine(BRIEF, token_budget=1000), []
    real = judge._passes.prefix

    def watched(plan: Any, memes: Any, pictures: Any) -> Any:
        shapes.append((len(memes), len(memes) * max(map(len, memes))))
        return real(plan, memes, pictures)

    monkeypatch.setattr(judge._passes, "prefix", watched)
    memes = [Meme(f"teapot {number}" + " at sea" * 150 * (number % 4 == 0)) for number in range(8)]
    judge.explain([RationaleRequest(meme, "toxic", "toxic", EN) for meme in memes])
    assert all(memes == 1 or tokens <= 1000 for memes, tokens in shapes)
    assert sum(memes for memes, _ in shapes) == 8


def test_one_meme_with_many_rationales_takes_no_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are as wide as the widest: together they hold no more lanes than are written at once."""
    rooms: list[int] = []

    def watched(*parts: Any, **options: Any) -> Any:
        rows = [lane.row for lane in parts[3]]
        rooms.append(len(set(rows)) * max(map(rows.count, rows)))
        return write_rationales(*parts, **options)

    monkeypatch.setattr(packed_engine, "write_rationales", watched)
    monkeypatch.setattr(packed_engine, "_LANES_AT_ONCE", 6)
    memes = [Meme(f"teapot {number}") for number in range(6)]
    intentions = LABEL_SETS["intention"].labels[:4]
    asked = [RationaleRequest(memes[0], "intention", label, EN) for label in intentions]
    engine(BRIEF).explain([*asked, *(RationaleRequest(meme, "toxic", "toxic", EN) for meme in memes[1:])])
    assert max(rooms) <= 6


def test_scoring_forgets_what_was_scored_before() -> None:
    """Only the last batch's keys and values are kept: there is room for the next one's."""
    judge = engine(FULL)
    judge.score(MEMES[:2])
    judge.score(MEMES[2:])
    assert {meme for meme, _ in judge._kept} == set(MEMES[2:])


@pytest.mark.parametrize(("name", "value"), [("_LANES_AT_ONCE", 3), ("_KEPT_BYTES", 0)])
def test_bounds_change_no_word(name: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few lanes at once, or no room for what scoring left: the same rationales, computed in another way."""
    expected = engine(FULL).explain(requests())
    monkeypatch.setattr(packed_engine, name, value)
    judge = engine(FULL)
    judge.score(MEMES)
    assert judge.explain(requests()) == expected


@pytest.mark.parametrize(("manifest", "language"), [(RELEASED, EN), (BRIEF, DE)], ids=["memelens", "brief"])
def test_each_layout_explains(manifest: Manifest, language: Language) -> None:
    """Where tasks stand before the meme, or are named in a word, too."""
    judge = engine(manifest)
    asked = [
        RationaleRequest(meme, name, label, language)
        for meme in MEMES[:2]
        for name, label in (("toxic", "toxic"), ("deepfake", "fake"))
    ]
    check(manifest, asked, judge.explain(asked))
    judge.score(MEMES)
    check(manifest, asked, judge.explain(asked))


def test_any_label_can_be_explained() -> None:
    """A rationale follows the label asked for, whichever is the most probable, and depends on it."""
    judge, labels = engine(FULL), LABEL_SETS["intention"].labels
    judge.score(MEMES)
    asked = [RationaleRequest(meme, "intention", label, EN) for meme in MEMES for label in labels]
    texts = judge.explain(asked)
    check(FULL, asked, texts)
    assert any(len(set(texts[start : start + len(labels)])) > 1 for start in range(0, len(texts), len(labels)))


def test_a_coarse_label_is_explained_by_a_fine_one() -> None:
    """Where a policy publishes a sum of labels, the first of them that the model knows is continued."""
    judge = engine(FULL)
    coarse = RationaleRequest(MEMES[0], "harmful-binary", "harmful", EN)
    fine = RationaleRequest(MEMES[0], "harmful", "partially-harmful", EN)
    assert judge.explain([coarse]) == judge.explain([fine])


def test_equal_memes_share_a_prefix() -> None:
    """A meme that was built twice is one meme."""
    again = Meme(MEMES[0].text, MEMES[0].caption, MEMES[0].language, MEMES[0].image)
    judge = engine(FULL)
    first, second = judge.explain([RationaleRequest(meme, "toxic", "toxic", EN) for meme in (MEMES[0], again)])
    assert first == second


@pytest.mark.parametrize(
    ("manifest", "request_", "kind"),
    [
        (FULL, RationaleRequest(MEMES[0], "hateful", "hateful", Language.RUSSIAN), "rationale-language"),
        (FULL, RationaleRequest(MEMES[0], "emotion", "love", EN), "unasked-label"),
        (FULL, RationaleRequest(MEMES[0], "no-such-set", "love", EN), "unasked-label"),
        (FULL, RationaleRequest(MEMES[0], "hateful", "no-such-label", EN), "unasked-label"),
        (FULL, RationaleRequest(Meme(image=b"no picture"), "hateful", "hateful", EN), "not-a-picture"),
        (
            Manifest(name="t", terminator=Terminator.END_OF_TURN),
            RationaleRequest(MEMES[0], "hateful", "hateful", EN),
            "rationale-language",
        ),
    ],
    ids=["language", "extended", "set", "label", "picture", "none"],
)
def test_what_cannot_be_explained_is_an_answer(manifest: Manifest, request_: RationaleRequest, kind: str) -> None:
    """A request that can't be met is refused by itself: the others get their rationales."""
    fine = RationaleRequest(MEMES[0], "hateful", "hateful", EN)
    refused, other = engine(manifest).explain([request_, fine])
    assert isinstance(refused, MemeError)
    assert refused.kind == kind
    assert isinstance(other, str) is bool(manifest.rationale_languages)


def test_a_checkpoint_serves_its_own_sets() -> None:
    """A set that the manifest asks instead of the taxonomy's can be explained."""
    manifest = FULL.model_copy(update={"serve": {Task.HUMOR: "humor-binary"}})
    asked = [RationaleRequest(MEMES[0], "humor-binary", "funny", EN)]
    check(manifest, asked, engine(manifest).explain(asked))
