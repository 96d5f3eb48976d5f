"""What can go wrong when something is named: one error, which says what was meant."""

import difflib
from collections.abc import Iterable, Mapping
from types import MappingProxyType

__all__ = ["UnknownNameError"]


class UnknownNameError(ValueError):
    """A task, label set, label or language that the taxonomy doesn't know.

    `spellings` are other ways to write the known names: who comes near one of them is told the name itself.
    """

    def __init__(
        self, kind: str, name: str, known: Iterable[str], spellings: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        known = sorted(str(one) for one in known)  # enum members show as their values
        meant = {**spellings, **{one: one for one in known}}
        near = difflib.get_close_matches(name.casefold(), meant, n=1, cutoff=0.6)
        hint = f"did you mean {meant[near[0]]!r}?" if near else f"known: {', '.join(known)}"
        super().__init__(f"unknown {kind} {name!r}; {hint}")
        self.kind, self.name = kind, name
