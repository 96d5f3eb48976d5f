"""Continuing labels into rationales, several memes and tasks in one decoding batch, greedily.

Each wanted rationale is a lane under its meme: the lanes of a meme share the meme's keys and values, and a mask keeps
them apart (tree decoding). So a step costs one token for each lane that still writes, and no prefix is held twice.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import DynamicCache, Qwen3VLForConditionalGeneration

from .packing import Packed
from .roomy_cache import RoomyCache
from .scoring import logits_of

__all__ = ["Lane", "write_rationales"]


@dataclass(frozen=True, slots=True)
class Lane:
    """A wanted rationale: the meme's row in the pass, and the tokens from the meme's end to the explanation's start."""

    row: int
    path: tuple[int, ...]


def write_rationales(  # noqa: PLR0913  one pass is three things: model, geometry, cache
    model: Qwen3VLForConditionalGeneration,
    packed: Packed,
    cache: DynamicCache,
    lanes: Sequence[Lane],
    *,
    stops: Collection[int],
    most_tokens: int,
) -> list[list[int]]:
    """Tokens of each rationale, without the one of `stops` that ends it.

    `cache` is what a pass over `packed` left; it stays as it is.
    """
    writing = _Writing(model, packed, cache, lanes, most_tokens)
    written: list[list[int]] = [[] for _ in lanes]
    tokens = writing.begin()
    active = list(range(len(lanes)))
    for count in range(1, most_tokens + 1):
        going = [token not in stops for token in tokens]
        active = [lane for lane, on in zip(active, going, strict=True) if on]
        tokens = [token for token, on in zip(tokens, going, strict=True) if on]
        for lane, token in zip(active, tokens, strict=True):
            written[lane].append(token)
        if not active or count == most_tokens:
            break
        tokens = writing.step(active, tokens)
    return written


class _Writing:
    """The state of a decoding batch. Lanes are numbered as given; each stands in a row (meme) and a slot of it."""

    def __init__(
        self,
        model: Qwen3VLForConditionalGeneration,
        packed: Packed,
        cache: DynamicCache,
        lanes: Sequence[Lane],
        most_tokens: int,
    ) -> None:
        self._model, self._lanes = model, lanes
        rows = sorted({lane.row for lane in lanes})
        place = {row: number for number, row in enumerate(rows)}
        slots = [0] * len(rows)
        self._rows, self._slots = [], []
        for lane in lanes:
            row = place[lane.row]
            self._rows.append(row)
            self._slots.append(slots[row])
            slots[row] += 1
        self._width = max(slots)
        self._longest = max(len(lane.path) for lane in lanes)
        prefix = packed.root + packed.tree_start
        room = self._width * (self._longest + most_tokens)
        self._cache = RoomyCache(cache, rows, prefix, room)
        self._positions = [packed.ends[lane.row] for lane in lanes]
        self._sees = torch.ones(len(rows), self._width, prefix, dtype=torch.bool)
        for number, row in enumerate(rows):
            self._sees[number, :, packed.root + packed.chains[row] :] = False

    def begin(self) -> list[int]:
        """Feed every lane's path; the first token of each rationale."""
        rows, width, longest = len(self._sees), self._width, self._longest
        ids = torch.zeros(rows, width, longest, dtype=torch.long)
        positions = torch.zeros(rows, width, longest, dtype=torch.long)
        for lane, (row, slot) in enumerate(zip(self._rows, self._slots, strict=True)):
            path = self._lanes[lane].path
            ids[row, slot, : len(path)] = torch.tensor(path)
            positions[row, slot] = self._positions[lane] + torch.arange(longest)
            self._positions[lane] += len(path)
        own = torch.eye(width, dtype=torch.bool)[:, None, :, None] & torch.ones(longest, longest).tril().bool()[:, None]
        mask = torch.cat(
            [
                self._sees[:, :, None].expand(-1, -1, longest, -1).flatten(1, 2),
                own.reshape(width * longest, width * longest).expand(rows, -1, -1),
            ],
            dim=-1,
        )
        hidden = self._forward(ids.flatten(1), positions.flatten(1), mask)
        filled = torch.zeros(rows, width, longest, dtype=torch.bool)
        for lane, (row, slot) in enumerate(zip(self._rows, self._slots, strict=True)):
            filled[row, slot, : len(self._lanes[lane].path)] = True
        own_path = torch.eye(width, dtype=torch.bool)[:, :, None] & filled[:, None]
        self._sees = torch.cat([self._sees, own_path.flatten(2)], dim=-1)
        last = [slot * longest + len(lane.path) - 1 for lane, slot in zip(self._lanes, self._slots, strict=True)]
        return self._choose(hidden, self._rows, last)

    def step(self, active: Sequence[int], tokens: Sequence[int]) -> list[int]:
        """Feed one token to each active lane; the next token of each."""
        columns: list[int] = []
        used = [0] * len(self._sees)
        for lane in active:
            columns.append(used[self._rows[lane]])
            used[self._rows[lane]] += 1
        rows, width = len(used), max(used)
        ids = torch.zeros(rows, width, dtype=torch.long)
        positions = torch.zeros(rows, width, dtype=torch.long)
        slots = torch.zeros(rows, width, dtype=torch.long)
        own = torch.zeros(rows, self._width, width, dtype=torch.bool)
        for lane, column, token in zip(active, columns, tokens, strict=True):
            row, slot = self._rows[lane], self._slots[lane]
            ids[row, column], positions[row, column], slots[row, column] = token, self._positions[lane], slot
            own[row, slot, column] = True
            self._positions[lane] += 1
        self._sees = torch.cat([self._sees, own], dim=-1)
        mask = self._sees.gather(1, slots[:, :, None].expand(-1, -1, self._sees.shape[-1]))
        hidden = self._forward(ids, positions, mask)
        return self._choose(hidden, [self._rows[lane] for lane in active], columns)

    def _forward(self, ids: Tensor, positions: Tensor, mask: Tensor) -> Tensor:
        device = self._model.device
        hidden: Tensor = self._model.model(
            input_ids=ids.to(device),
            position_ids=positions.to(device).expand(3, -1, -1),
            attention_mask=mask[:, None].to(device),
            past_key_values=self._cache,
            use_cache=True,
        ).last_hidden_state
        return hidden

    def _choose(self, hidden: Tensor, rows: Sequence[int], columns: Sequence[int]) -> list[int]:
        states = hidden[torch.tensor(rows, device=hidden.device), torch.tensor(columns, device=hidden.device)]
        chosen: list[int] = logits_of(states, self._model.lm_head.weight).argmax(-1).tolist()
        return chosen
