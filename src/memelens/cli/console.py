"""What commands print: tables and progress for a person, plain lines for a program."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

__all__ = ["counted", "err", "harmless", "out", "print_table", "progress", "say", "waiting"]


_LEAST_TEXT = 10
"""Columns of a terminal that a table's text needs to be read."""

_NOT_SHOWN = (*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000))
_REPLACED = {code: "\ufffd" for code in _NOT_SHOWN if chr(code) not in "\t\n"}


def harmless(text: str) -> str:
    """Text of strangers for a terminal, which would obey control characters: U+FFFD for them and half surrogates."""
    return text.translate(_REPLACED)


def counted(number: int, what: str) -> str:
    """`1 row`, `1,207 rows`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


@cache
def out() -> "Console":
    """Standard output: results."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


@cache
def err() -> "Console":
    """Standard error: what happens meanwhile."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def say(text: str, style: str = "") -> None:
    """One line of results; never wrapped, so that a program can read it."""
    out().print(harmless(text), style=style, markup=False, soft_wrap=True)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """A spinner on standard error while something takes its time; nothing where nobody watches."""
    if not err().is_terminal:
        yield
        return
    with err().status(what):
        yield


def progress(unit: str) -> "Progress":
    """A progress bar on standard error, invisible where nobody watches; counts are in `unit`."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        console=err(),
        transient=True,
        disable=not err().is_terminal,
    )


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Collection[str] = ()) -> None:
    """Rows under a heading: a table for a person, tab-separated lines where standard output is no terminal.

    `numbers` are columns whose digits stand one below the other; where there is room they stay on one line.
    """
    if not out().is_terminal:
        for row in (columns, *rows):
            print("\t".join(" ".join(harmless(cell).split()) for cell in row))  # noqa: T201  the command's output
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    widths = [max(map(len, cells)) + 2 for name, *cells in zip(columns, columns, *rows, strict=True) if name in numbers]
    room = out().width - sum(widths) >= _LEAST_TEXT * (len(columns) - len(widths))
    for column in columns:
        number = column in numbers
        # a column that doesn't wrap is cut off where nothing else can be made narrower
        table.add_column(column, justify="right" if number else "left", no_wrap=number and room, overflow="fold")
    for row in rows:
        table.add_row(*(Text(harmless(cell)) for cell in row))
    out().print(table)
