"""How many tokens go through the device at once: a budget that is halved for good when memory runs out."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch

from .errors import MemeError

__all__ = ["TokenBudget"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_Work = Callable[[Sequence[_Item]], list[_Result | MemeError]]


class TokenBudget:
    """`tokens` is what a batch may have now; `on_shortage` frees what can be spared when memory runs out."""

    def __init__(self, tokens: int, on_shortage: Callable[[], None]) -> None:
        self.tokens = tokens
        self._on_shortage = on_shortage

    def compute(self, items: Sequence[_Item], work: _Work[_Item, _Result]) -> list[_Result | MemeError]:
        """Results of a batch; where the device has no memory for it, those of its halves.

        What doesn't fit alone, with all freed that can be spared, is a MemeError. Errors other than a lack of memory
        are the caller's.
        """
        return self._compute(items, work, self.tokens)

    def _compute(self, items: Sequence[_Item], work: _Work[_Item, _Result], tokens: int) -> list[_Result | MemeError]:
        """`tokens` is the budget of batches as large as this one: both halves of a batch lower it to the same."""
        if (found := self._try(items, work)) is not None:
            return found
        if len(items) == 1:  # what `on_shortage` freed may be what it lacked
            alone = "the device has no memory for this meme, even alone"
            return self._try(items, work) or [MemeError("too-large-for-device", alone)]
        less = max(1, tokens // 2)
        self.tokens = min(self.tokens, less)
        half = len(items) // 2
        return self._compute(items[:half], work, less) + self._compute(items[half:], work, less)

    def _try(self, items: Sequence[_Item], work: _Work[_Item, _Result]) -> list[_Result | MemeError] | None:
        """Results, or None after a lack of memory."""
        try:
            return work(items)
        except (RuntimeError, MemoryError) as error:
            if not _is_shortage(error):
                raise  # else on: outside the handler the failed pass's tensors are free
        self._on_shortage()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        return None


def _is_shortage(error: Exception) -> bool:
    """Only the allocator of GPUs has an error class of its own: others say it in words."""
    named = isinstance(error, torch.OutOfMemoryError | MemoryError)
    return named or any(words in str(error) for words in ("can't allocate memory", "_ALLOC_FAILED"))
