"""The sides of the engine's benchmark: the project's own passes, the usual ways to ask, and the bound."""

from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import DynamicCache, Qwen3VLForConditionalGeneration

from memelens.model.packing import chain_positions
from memelens.model.passes import KeptPass, Passes
from memelens.model.rationales import Lane, write_rationales

from .engine_geometry import IDS, STOP
from .engine_workload import BenchmarkMeme, Workload

__all__ = ["PackedSides", "UsualSides"]

_MARKER = (21, 22, 23)
"""What opens an explanation."""

_Memes = Sequence[BenchmarkMeme]
_Answers = list[list[int]]
"""Tokens that were generated for each row."""


class PackedSides:
    """Scoring and explaining as `PackedEngine` does, from patches to label scores."""

    def __init__(self, model: Qwen3VLForConditionalGeneration, workload: Workload) -> None:
        self._passes, self._workload = Passes(model, IDS), workload
        self._plans = {tasks: workload.plan(tasks) for tasks in (1, workload.geometry.tasks)}
        self.tasks = workload.geometry.tasks
        self._all = self._plans[self.tasks]

    def score(self, memes: _Memes, tasks: int) -> Tensor:
        """Label scores (memes, labels of one task or of all)."""
        pictures = self._passes.see([meme.picture for meme in memes])
        packed = [self._workload.packed(meme) for meme in memes]
        return self._passes.score(self._plans[tasks], packed, pictures, keep=False)[0]

    def keep(self, memes: _Memes) -> KeptPass:
        """What scoring all tasks leaves for rationales."""
        pictures = self._passes.see([meme.picture for meme in memes])
        kept = self._passes.score(self._all, [self._workload.packed(meme) for meme in memes], pictures, keep=True)[1]
        assert kept is not None
        return kept

    def explain(self, kept: KeptPass, tasks: int, tokens: int) -> list[list[int]]:
        """Rationales of the first so many tasks of every meme, so many tokens each."""
        paths = [self._all.answer(self._workload.name(task), "0").path + _MARKER for task in range(tasks)]
        lanes = [Lane(row, path) for row in range(len(kept.packed.chains)) for path in paths]
        return write_rationales(self._passes.model, kept.packed, kept.cache, lanes, stops=(), most_tokens=tokens)

    def new_tokens(self, meme: BenchmarkMeme, tasks: int) -> int:
        """Of one packed meme: what isn't the root's."""
        return len(self._workload.packed(meme)) + len(self._plans[tasks].tree)


class UsualSides:
    """A question for each task, asked with transformers' own means."""

    def __init__(self, model: Qwen3VLForConditionalGeneration, workload: Workload) -> None:
        self._model, self._workload, self._device = model, workload, model.device
        self._tasks, self._answer = range(workload.geometry.tasks), workload.geometry.answer

    def calls(self, meme: BenchmarkMeme) -> _Answers:
        """(a) One generate call for each task."""
        rows = [self._workload.asked(meme, task) for task in self._tasks]
        return [answer for row in rows for answer in self._generate([row], [meme], self._answer)]

    def batch(self, meme: BenchmarkMeme) -> _Answers:
        """(b) One generate call with all tasks as a batch."""
        rows = [self._workload.asked(meme, task) for task in self._tasks]
        return self._generate(rows, [meme] * len(rows), self._answer)

    def prefix_cache(self, meme: BenchmarkMeme) -> _Answers:
        """(c) The meme once into a cache, then all questions as a batch of branches against copies of it."""
        prefix = torch.tensor([self._workload.asked(meme, None)], device=self._device)
        values, grids = self._pixels([meme])
        positions, _ = self._model.model.get_rope_index(
            prefix, mm_token_type_ids=self._kinds(prefix), image_grid_thw=grids
        )
        cache = DynamicCache(config=self._model.config.text_config)
        self._model(
            input_ids=prefix,
            pixel_values=values,
            image_grid_thw=grids,
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        cache.batch_repeat_interleave(len(self._tasks))
        return self._answer_all(cache, after=int(positions.max()) + 1)

    def _answer_all(self, cache: DynamicCache, *, after: int) -> _Answers:
        """All questions as a batch from position `after` on, then the answers' tokens one by one."""
        ids, answers = torch.tensor(self._workload.questions, device=self._device), []
        for _ in range(self._answer):
            places = torch.arange(after, after + ids.shape[1], device=self._device)
            after += ids.shape[1]
            logits = self._model(
                input_ids=ids,
                position_ids=places.expand(3, len(ids), -1),
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            ).logits
            ids = logits[:, -1].argmax(-1, keepdim=True)
            answers.append(ids)
        found: _Answers = torch.cat(answers, dim=1).tolist()
        return found

    def explain(self, memes: _Memes, tasks: int, tokens: int) -> _Answers:
        """A generate call for each rationale of the first so many tasks of every meme: the label is given."""
        rows = [(row, meme) for meme in memes for row in self._labelled(meme, tasks)]
        return [answer for row, meme in rows for answer in self._generate([row], [meme], tokens)]

    def explain_batch(self, memes: _Memes, tasks: int, tokens: int) -> _Answers:
        """The same in one generate call."""
        rows = [row for meme in memes for row in self._labelled(meme, tasks)]
        return self._generate(rows, [meme for meme in memes for _ in range(tasks)], tokens)

    def _labelled(self, meme: BenchmarkMeme, tasks: int) -> list[list[int]]:
        plan = self._workload.plan(tasks)
        labels = [plan.answer(self._workload.name(task), "0").tokens for task in range(tasks)]
        return [[*self._workload.asked(meme, task), *label, *_MARKER] for task, label in enumerate(labels)]

    def causal(self, memes: _Memes, new_tokens: int) -> Tensor:
        """The bound: one plain causal forward over so many tokens for each meme, with its picture; the last logits."""
        ids, positions = [], []
        for meme in memes:
            packed = self._workload.packed(meme)
            rest = new_tokens - len(packed)
            ids.append([*packed.before, *[IDS.image] * packed.image_tokens, *packed.after, *[STOP] * rest])
            chain = torch.from_numpy(chain_positions(packed))
            positions.append(torch.cat([chain, (chain.max() + 1 + torch.arange(rest)).expand(3, -1)], dim=1))
        tokens = torch.tensor(ids, device=self._device)
        values, grids = self._pixels(memes)
        logits: Tensor = self._model(
            input_ids=tokens,
            pixel_values=values,
            image_grid_thw=grids,
            position_ids=torch.stack(positions, dim=1).to(self._device),
            mm_token_type_ids=self._kinds(tokens),
            use_cache=False,
            logits_to_keep=1,
        ).logits
        return logits

    def _generate(self, rows: list[list[int]], memes: _Memes, tokens: int) -> _Answers:
        """Greedily, exactly so many tokens for each row: a model that was just made knows no token that ends."""
        ids = torch.tensor(rows, device=self._device)
        values, grids = self._pixels(memes)
        written = self._model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            pixel_values=values,
            image_grid_thw=grids,
            mm_token_type_ids=self._kinds(ids),
            max_new_tokens=tokens,
            do_sample=False,
            pad_token_id=IDS.padding,
        )
        answers: _Answers = written[:, ids.shape[1] :].tolist()
        return answers

    def _pixels(self, memes: _Memes) -> tuple[Tensor, Tensor]:
        values = torch.cat([torch.from_numpy(meme.picture.values) for meme in memes])
        grids = torch.tensor([[1, meme.picture.rows, meme.picture.columns] for meme in memes], device=self._device)
        return values.to(self._device, self._model.dtype), grids

    @staticmethod
    def _kinds(ids: Tensor) -> Tensor:
        """Which tokens are a picture's, as transformers wants it."""
        return (ids == IDS.image).long()
