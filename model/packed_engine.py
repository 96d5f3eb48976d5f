"""The engine that judges: packed passes over batches of memes, and rationales from what they leave."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from ..taxonomy import LABEL_SETS, Language
from .checkpoint import Checkpoint, load_checkpoint
from .engine import EngineDescription, Meme, RationaleRequest, Scores, TokenEstimate
from .errors import CheckpointError, EngineUnavailableError, MemeError, first_line
from .opening import EngineSpec
from .passes import KeptPass, Passes
from .prepared_meme import MemePreparer, PreparedMeme
from .prompt import Answer, Plan
from .rationales import Lane, write_rationales
from .scoring import Pictures
from .token_budget import TokenBudget

__all__ = ["PackedEngine"]

_THREADS = 4
_KEPT_BYTES = 4 << 30
"""Keys and values of the last scored batch that are kept for its rationales."""
_LANES_AT_ONCE = 128

_CONTENT_FREE = ("", "N/A", "...")
"""Texts of memes that say nothing: what a model answers to them is its prior (Zhao et al. 2021, arXiv 2102.09690)."""

_NOT_FINITE = "scores-not-finite"

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """A request about a meme that could be prepared: what is to be continued."""

    meme: PreparedMeme
    plan: Plan
    path: tuple[int, ...]


class PackedEngine:
    """Packed scoring and tree decoding on one device. Both are exact: a meme's answers don't depend on its batch."""

    def __init__(self, checkpoint: Checkpoint, *, token_budget: int, rationale_tokens: int) -> None:
        self._checkpoint, self._rationale_tokens = checkpoint, rationale_tokens
        self._passes = Passes(checkpoint.model, checkpoint.vocabulary.control.written)
        self._preparer = MemePreparer(checkpoint.prompt, checkpoint.patches, threads=_THREADS)
        self._kept: dict[tuple[Meme, Plan], tuple[KeptPass, int]] = {}
        self._priors: dict[Plan, _Floats] = {}
        self._budget = TokenBudget(token_budget, on_shortage=self._kept.clear)
        manifest = checkpoint.manifest
        self._description = EngineDescription(
            identity=checkpoint.identity,
            calibration=manifest.calibration,
            trained=manifest.trained,
            rationale_languages=manifest.rationale_languages,
            rationale_tokens=rationale_tokens,
            demonstration=manifest.demonstration,
            device=str(checkpoint.model.device),
            tokens=_estimate(checkpoint),
        )

    @classmethod
    def open(cls, spec: EngineSpec) -> "PackedEngine":
        """Load what the settings name.

        Raises:
            CheckpointError: it can't be served as it is.
        """
        checkpoint = load_checkpoint(spec)
        engine = cls(checkpoint, token_budget=spec.token_budget, rationale_tokens=spec.rationale_tokens)
        engine._try_out(spec.model)
        return engine

    @property
    def description(self) -> EngineDescription:
        return self._description

    def count_tokens(self, meme: Meme) -> int:
        return self._description.tokens.count(meme)

    def close(self) -> None:
        """Free the device."""
        self._preparer.close()
        self._kept.clear()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    # -- is it the meme, or is it us?

    def _try_out(self, model: str) -> None:
        """Judge a plain meme. Raises CheckpointError: what fails here would fail with every post, or every picture."""
        try:
            if isinstance(answer := self._judge_plainly(), MemeError):
                raise answer  # noqa: TRY301  to be told like the errors of torch, numpy and Pillow
        except Exception as error:
            remedy = "compare preprocessor_config.json and weights with the base model's; has the device room?"
            said = f"model {model}: a plain picture can't be judged ({first_line(error)})"
            raise CheckpointError(f"{said}; {remedy}") from error

    @torch.inference_mode()
    def _judge_plainly(self) -> Scores | MemeError:
        """Answers to the first of a plain meme's sequences."""
        (one,) = self._preparer.prepare([_plain_meme()])
        if isinstance(one, MemeError):
            return one
        first = replace(one, plans=one.plans[:1], chains=one.chains[:1])
        (answer,) = self._budget.compute([first], self._score)
        return answer

    # -- scoring

    @torch.inference_mode()
    def score(self, memes: Sequence[Meme]) -> list[Scores | MemeError]:
        answers = self._judge(memes)
        if any(isinstance(one, MemeError) and one.kind == _NOT_FINITE for one in answers):
            plain = self._judge_plainly()
            if isinstance(plain, MemeError):  # no post is to blame, and none becomes a dead letter
                raise EngineUnavailableError(f"a plain picture can't be judged any more ({plain}); restart the worker")
        return answers

    def _judge(self, memes: Sequence[Meme]) -> list[Scores | MemeError]:
        self._kept.clear()
        prepared = self._preparer.prepare(memes)
        scored: dict[int, Scores | MemeError] = {}
        for batch in self._batches([one for one in prepared if isinstance(one, PreparedMeme)]):
            answers = self._budget.compute(batch, self._score)
            scored |= {id(one): answer for one, answer in zip(batch, answers, strict=True)}
        return [one if isinstance(one, MemeError) else scored[id(one)] for one in prepared]

    def _batches(self, memes: Sequence[PreparedMeme]) -> Iterator[list[PreparedMeme]]:
        """Memes that are asked alike, by length, as many as the token budget holds."""
        ordered = sorted(memes, key=lambda one: (id(one.plans), one.tokens))
        for _, alike in groupby(ordered, key=lambda one: id(one.plans)):
            batch: list[PreparedMeme] = []
            for one in alike:
                if batch and one.tokens * (len(batch) + 1) > self._budget.tokens:
                    yield batch
                    batch = []
                batch.append(one)
            yield batch

    def _score(self, memes: Sequence[PreparedMeme]) -> list[Scores | MemeError]:
        plans = memes[0].plans
        pictures = self._see(memes)
        columns = []
        for plan in plans:
            chains = [one.chain(plan) for one in memes]
            scores, kept = self._passes.score(plan, chains, pictures, keep=bool(self._rationale_languages))
            self._keep(plan, memes, kept)
            values = scores.double().cpu().numpy()
            columns.append(self._without_prior(plan, values) if self._checkpoint.manifest.remove_prior else values)
        sets = tuple(name for plan in plans for name in plan.sets)
        return [_checked(sets, row) for row in np.concatenate(columns, axis=1)]

    def _see(self, memes: Sequence[PreparedMeme]) -> Pictures | None:
        return self._passes.see([one.picture for one in memes if one.picture is not None])

    @property
    def _rationale_languages(self) -> frozenset[Language]:
        return self._checkpoint.manifest.rationale_languages

    def _without_prior(self, plan: Plan, scores: _Floats) -> _Floats:
        """Scores (memes, answers) with the prior subtracted, each set's in-set mass left as it was.

        In a `multiple` set each label is a question of its own: nothing stands beside it to which its mass could go.
        """
        if plan not in self._priors:
            prompt = self._checkpoint.prompt
            blank = [prompt.meme(plan, grid=None, text=prompt.untrusted(text)) for text in _CONTENT_FREE]
            found, _ = self._passes.score(plan, blank, None, keep=False)
            self._priors[plan] = found.double().mean(0).cpu().numpy()
        corrected = scores - self._priors[plan]
        start = 0
        for name in plan.sets:
            part = slice(start, start := start + len(LABEL_SETS[name].labels))
            if LABEL_SETS[name].multiple:
                corrected[:, part] = scores[:, part]
                continue
            lost = np.logaddexp.reduce(scores[:, part], axis=1) - np.logaddexp.reduce(corrected[:, part], axis=1)
            corrected[:, part] += lost[:, None]
        return corrected

    def _keep(self, plan: Plan, memes: Sequence[PreparedMeme], kept: KeptPass | None) -> None:
        if kept is None:
            return
        held = {id(one): one.size_bytes for one, _ in self._kept.values()}
        if sum(held.values()) + kept.size_bytes <= _KEPT_BYTES:
            self._kept.update({(one.meme, plan): (kept, row) for row, one in enumerate(memes)})

    # -- explaining

    @torch.inference_mode()
    def explain(self, requests: Sequence[RationaleRequest]) -> list[str | MemeError]:
        distinct = list(dict.fromkeys(request.meme for request in requests))
        prepared = dict(zip(distinct, self._preparer.prepare(distinct), strict=True))
        asked = [self._asked(prepared[request.meme], request) for request in requests]
        written: dict[int, str | MemeError] = {}
        for batch in self._explainable([one for one in asked if isinstance(one, _Asked)]):
            texts = self._budget.compute(batch, self._explain)
            written |= {id(one): text for one, text in zip(batch, texts, strict=True)}
        return [one if isinstance(one, MemeError) else written[id(one)] for one in asked]

    def _asked(self, meme: PreparedMeme | MemeError, request: RationaleRequest) -> _Asked | MemeError:
        if isinstance(meme, MemeError):
            return meme
        if request.language not in self._rationale_languages:
            written = ", ".join(sorted(self._rationale_languages)) or "none"
            return MemeError("rationale-language", f"this model writes no rationale in {request.language}: {written}")
        for plan in meme.plans:
            if found := _answers(plan, request):
                return _Asked(meme, plan, found[0].path + self._checkpoint.prompt.marker(request.language))
        name = f"{request.label_set}: {request.label}"
        return MemeError("unasked-label", f"memes in this language aren't asked about the label {name}")

    def _explainable(self, asked: Sequence[_Asked]) -> Iterator[list[_Asked]]:
        """Requests of one plan, those about a meme together, by length, those whose pass is kept before the others.

        Every meme of a batch gets room for as many lanes as the one with the most.
        """

        def order(one: _Asked) -> tuple[int, int, int, int]:
            kept = self._kept.get((one.meme.meme, one.plan))
            return id(one.plan), id(kept[0]) if kept else 0, one.meme.tokens, id(one.meme)

        for _, alike in groupby(sorted(asked, key=order), key=lambda one: order(one)[:2]):
            batch: list[_Asked] = []
            memes = most = 0
            for _, same in groupby(alike, key=lambda one: id(one.meme)):
                about = list(same)
                memes, most = memes + 1, max(most, len(about))
                if batch and (memes * most > _LANES_AT_ONCE or memes * about[0].meme.tokens > self._budget.tokens):
                    yield batch
                    batch, memes, most = [], 1, len(about)
                batch += about
            yield batch

    def _explain(self, batch: Sequence[_Asked]) -> list[str | MemeError]:
        plan = batch[0].plan
        memes = list({id(one.meme): one.meme for one in batch}.values())
        rows = {}
        kept = None
        for one in memes:
            if found := self._kept.get((one.meme, plan)):
                kept, rows[id(one)] = found
        if kept is None:
            kept = self._passes.prefix(plan, [one.chain(plan) for one in memes], self._see(memes))
            rows = {id(one): row for row, one in enumerate(memes)}
        written = write_rationales(
            self._checkpoint.model,
            kept.packed,
            kept.cache,
            [Lane(rows[id(one.meme)], one.path) for one in batch],
            stops=self._checkpoint.prompt.stops,
            most_tokens=self._rationale_tokens,
        )
        return [self._checkpoint.vocabulary.text(tokens).strip() for tokens in written]


def _plain_meme() -> Meme:
    """What every model can judge."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(file, "PNG")
    return Meme("The teapot is ready.", language=Language.ENGLISH, image=file.getvalue())


def _checked(sets: tuple[str, ...], row: _Floats) -> Scores | MemeError:
    """NaN and infinity must reach neither cache nor policy: weights or device are damaged, or the picture overflows."""
    if not np.isfinite(row).all():
        return MemeError(_NOT_FINITE, "the model's scores hold NaN or an infinity")
    return Scores(sets, tuple(row.tolist()))


def _answers(plan: Plan, request: RationaleRequest) -> list[Answer]:
    """The label asked about, or those that it stands for where its set is coarser than the plan's."""
    coarse = LABEL_SETS.get(request.label_set)
    wanted = {(request.label_set, request.label)}
    if coarse is not None and coarse.fine and request.label_set not in plan.sets:
        wanted = {(coarse.fine, label) for label in coarse.sums.get(request.label, ())}
    return [one for one in plan.answers if (one.label_set, one.label) in wanted]


def _estimate(checkpoint: Checkpoint) -> TokenEstimate:
    prompt = checkpoint.prompt
    asked = [prompt.plans(language) for language in (None, *Language)]
    return TokenEstimate(
        base=max(sum(len(plan.tree) + prompt.template_tokens(plan) for plan in plans) for plans in asked),
        per_image=max(map(len, asked)) * checkpoint.patches.most_tokens,
        per_byte=float(max(map(len, asked))),
    )
