"""How far a long piece of work is."""

from typing import Protocol

__all__ = ["Progress"]


class Progress(Protocol):
    """Shows somebody how far a build or a check is. Called from one thread."""

    def begin(self, what: str, total: int | None = None) -> None:
        """A step begins, of `total` things where their number is known; the one before is done."""

    def advance(self, count: int) -> None:
        """So many more are done."""

    def note(self, text: str) -> None:
        """Something that the user should know, said at once."""
