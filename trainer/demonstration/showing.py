"""Progress for a person: bars where someone watches, a line now and then where nobody does."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

__all__ = ["ShownProgress", "shown_progress"]

_LINE_EVERY = 50


class ShownProgress:
    """Hears how far each step is."""

    def __init__(self, console: Console, bars: Progress) -> None:
        self._console, self._bars = console, bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, of: int, note: str = "") -> None:
        """`done` of `of` units of a step are done; `note` is a number worth watching."""
        if not self._console.is_terminal:
            if done % _LINE_EVERY == 0 or done == of:
                self._console.print(f"{what}: {done}/{of} {note}")
            return
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=of, note=note)
        self._bars.update(self._tasks[what], completed=done, note=note)


@contextmanager
def shown_progress(console: Console) -> Iterator[ShownProgress]:
    """Bars for as long as this lasts."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[note]}"), console=console) as bars:
        yield ShownProgress(console, bars)
