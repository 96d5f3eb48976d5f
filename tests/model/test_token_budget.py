"""Running out of memory: batches are halved, the budget stays halved, and only what doesn't fit alone is refused."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import torch

from memelens.model.errors import MemeError
from memelens.model.token_budget import TokenBudget


class Device:
    """Has memory for so many items at once, and fails for the rest as torch does."""

    def __init__(self, room: int, *, hoard: int = 0) -> None:
        self.room, self.hoard = room, hoard
        self.sizes: list[int] = []

    def work(self, items: Sequence[int]) -> list[int | MemeError]:
        """Ten times each item."""
        self.sizes.append(len(items))
        if sum(items) > self.room - self.hoard:
            raise torch.OutOfMemoryError
        return [10 * item for item in items]

    def free(self) -> None:
        """Give back what was kept for later."""
        self.hoard = 0


def test_what_fits_goes_at_once() -> None:
    """Without a shortage nothing is split and nothing lowered."""
    device, budget = Device(100), TokenBudget(64, pytest.fail)
    assert budget.compute([1] * 5, device.work) == [10] * 5
    assert device.sizes == [5]
    assert budget.tokens == 64


@pytest.mark.parametrize(("room", "left"), [(4, 32), (2, 16), (1, 8)])
def test_a_batch_is_halved_until_it_fits(room: int, left: int) -> None:
    """Results keep their order, and the budget is lowered as far as the batch had to be split: no further."""
    device = Device(room)
    budget = TokenBudget(64, device.free)
    assert budget.compute([1] * 8, device.work) == [10] * 8
    assert budget.tokens == left


def _more_than_there_is() -> None:
    torch.empty(1 << 60, dtype=torch.uint8)


def _more_rows_than_there_are() -> None:
    np.empty(1 << 60, dtype=np.uint8)


def _no_room_for_a_handle() -> None:
    raise RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")


@pytest.mark.parametrize("allocate", [_more_than_there_is, _more_rows_than_there_are, _no_room_for_a_handle])
def test_every_allocators_shortage_is_one(allocate: Callable[[], None]) -> None:
    """The CPU's, numpy's, and that of a GPU's libraries, none of which raises torch's own error."""

    def work(items: Sequence[int]) -> list[int | MemeError]:
        if len(items) > 1:
            allocate()
        return [10 * item for item in items]

    freed: list[int] = []
    budget = TokenBudget(64, lambda: freed.append(1))
    assert budget.compute([1, 2], work) == [10, 20]
    assert budget.tokens == 32
    assert freed


def test_the_budget_stays_lowered() -> None:
    """The next batch begins with what the last one ended with."""
    device = Device(4)
    budget = TokenBudget(64, device.free)
    budget.compute([1] * 8, device.work)
    budget.compute([1] * 4, device.work)
    assert budget.tokens == 32
    budget.compute([1] * 8, device.work)
    assert budget.tokens == 16


def test_what_does_not_fit_alone_is_named() -> None:
    """One item that is too large is refused by itself; the others are computed."""
    device = Device(5)
    found = TokenBudget(64, device.free).compute([1, 2, 9, 1], device.work)
    assert isinstance(found[2], MemeError)
    assert found[2].kind == "too-large-for-device"
    assert [found[0], found[1], found[3]] == [10, 20, 10]


def test_what_was_kept_is_given_up_before_anything_is_refused() -> None:
    """Caches that fill the device cost no meme its answer."""
    device = Device(5, hoard=4)
    budget = TokenBudget(64, device.free)
    assert budget.compute([5], device.work) == [50]
    assert device.sizes == [1, 1]
    assert budget.tokens == 64


def test_other_errors_are_the_callers() -> None:
    """A defect isn't taken for a lack of memory."""

    def work(_: Sequence[int]) -> list[int | MemeError]:
        raise RuntimeError("no shortage")

    with pytest.raises(RuntimeError, match="no shortage"):
        TokenBudget(64, pytest.fail).compute([1, 2], work)
