"""How many tokens go through the device at once: a budget that is halved for good when memory runs out."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from .errors import MemeError

__all__ = ["TokenBudget"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class TokenBudget:
    """`tokens` is what a batch may have now; `on_shortage` frees what can be spared when memory runs out."""

    def __init__(self, tokens: int, on_shortage: Callable[[], None]) -> None:
        self.tokens = tokens
        self._on_shortage = on_shortage

    def compute(
        self, items: Sequence[_Item], work: Callable[[Sequence[_Item]], list[_Result | MemeError]]
    ) -> list[_Result | MemeError]:
        """Results of a batch; where the device has no memory for it, those of its halves.

        What doesn't fit alone is a MemeError. Errors other than a lack of memory are the caller's.
        """
        try:
            return work(items)
        except torch.OutOfMemoryError:
            pass  # outside the handler the failed pass's tensors are free
        self._on_shortage()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        if len(items) == 1:
            return [MemeError("too-large-for-device", "the device has no memory for this meme, even alone")]
        self.tokens = max(1, self.tokens // 2)
        half = len(items) // 2
        return self.compute(items[:half], work) + self.compute(items[half:], work)
