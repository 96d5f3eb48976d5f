"""What is wrong in a dataset's own files: said by row, reported together."""

from dataclasses import dataclass

__all__ = ["Problem", "RowError"]

_LONGEST_VALUE = 60


class RowError(Exception):
    """A row that can't be understood; whoever reads the file turns it into a `Problem` and goes on to the next row.

    `value` is the offending label, id or name: never a meme's text.
    """

    def __init__(self, text: str, value: str | None = None) -> None:
        super().__init__(text)
        self.text, self.value = text, value


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    `row` counts as an editor or a spreadsheet does, from 1 with the heading; None: the file as a whole.
    """

    dataset: str
    file: str
    row: int | None
    text: str
    value: str | None = None

    def __str__(self) -> str:
        place = f"{self.dataset}: {self.file}" + (f" row {self.row}" if self.row is not None else "")
        value = "" if self.value is None else f": {_shortened(self.value)!r}"
        return f"{place}: {self.text}{value}"


def _shortened(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"
