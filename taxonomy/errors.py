"""What can go wrong when something is named: one error, which says what was meant."""

import difflib
from collections.abc import Iterable

__all__ = ["UnknownNameError"]


class UnknownNameError(ValueError):
    """A task, label set, label or language that the taxonomy doesn't know."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        known = sorted(str(one) for one in known)  # enum members show as their values
        near = difflib.get_close_matches(name.casefold(), known, n=1, cutoff=0.6)
        hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
        super().__init__(f"unknown {kind} {name!r}; {hint}")
        self.kind, self.name = kind, name
