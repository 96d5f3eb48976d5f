"""A key-value cache with room to grow in place: appending a token doesn't copy what is there."""

from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import DynamicCache
from transformers.cache_utils import Cache, DynamicLayer

__all__ = ["RoomyCache"]


class _RoomyLayer(DynamicLayer):  # type: ignore[misc]  # transformers ships no types that mypy follows
    """Keys and values (batch, heads, tokens, width) at the front of a larger buffer."""

    def __init__(self, keys: Tensor, values: Tensor, room: int) -> None:
        super().__init__()
        self.lazy_initialization(keys, values)
        shape = (*keys.shape[:2], keys.shape[2] + room, keys.shape[3])
        self._all_keys, self._all_values = keys.new_empty(shape), values.new_empty(shape)
        self.keys, self.values = self._all_keys[:, :, :0], self._all_values[:, :, :0]
        self.update(keys, values)

    def update(self, key_states: Tensor, value_states: Tensor, *_: object, **__: object) -> tuple[Tensor, Tensor]:
        """Append; both results are views of the buffer."""
        start = self.keys.shape[2]
        end = start + key_states.shape[2]
        self._all_keys[:, :, start:end] = key_states
        self._all_values[:, :, start:end] = value_states
        self.keys, self.values = self._all_keys[:, :, :end], self._all_values[:, :, :end]
        return self.keys, self.values


class RoomyCache(Cache):  # type: ignore[misc]  # as above
    """The first `length` tokens of some rows of another cache, copied, with room for more tokens after them."""

    def __init__(self, other: DynamicCache, rows: Sequence[int], length: int, room: int) -> None:
        layers = []
        for layer in other.layers:
            keys, values = layer.keys[:, :, :length], layer.values[:, :, :length]
            if list(rows) != list(range(len(keys))):
                chosen = torch.tensor(rows, device=keys.device)
                keys, values = keys[chosen], values[chosen]
            layers.append(_RoomyLayer(keys, values, room))
        super().__init__(layers=layers)
