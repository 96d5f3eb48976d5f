"""How far a command of several steps is: a bar for each step, or a line where nobody watches."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from ..trainer.corpus.progress import Progress

__all__ = ["steps"]


@contextmanager
def steps() -> Iterator["Progress"]:
    """Shows steps on standard error."""
    from .console import progress

    with progress("") as bars:
        yield _Steps(bars)


class _Steps:
    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._task: TaskID | None = None

    def begin(self, what: str, total: int | None = None) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
        if self._bars.disable:
            typer.echo(what if total is None else f"{what}: {total:,}", err=True)
        self._task = self._bars.add_task(what, total=total)

    def advance(self, count: int) -> None:
        if self._task is not None:
            self._bars.advance(self._task, count)

    def note(self, text: str) -> None:
        from .console import err, harmless

        err().print(harmless(text), markup=False, soft_wrap=True)  # above a bar that is shown
