"""Verdicts as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .console import harmless, out, print_table, say
from .records import flagged_labels

__all__ = ["ShownVerdict", "print_labels", "print_verdicts"]

_COLUMNS = ("post", "language", "text", "flagged", "route", "why")
_COLOURS = {"allow": "green", "review": "yellow", "act": "red", "escalate": "bold red"}


@dataclass(frozen=True, slots=True)
class ShownVerdict:
    """The text of a post, and its verdict in its wire form."""

    text: str
    verdict: Mapping[str, Any]

    def cells(self) -> tuple[str, ...]:
        """One row of the table: of all rationales that of the flag with the highest score, in each language."""
        verdict = self.verdict
        route = f"{verdict['route']} {verdict['priority']:.2f}" if verdict["flagged"] else verdict["route"]
        return (
            verdict["post_id"],
            verdict["language"],
            " ".join(self.text.split()),
            flagged_labels(verdict["labels"]) or "-",
            route,
            "\n".join(one["text"] for one in self._main_rationales()),
        )

    def _main_rationales(self) -> Sequence[Mapping[str, Any]]:
        labels, rationales = self.verdict["labels"], self.verdict["rationales"]
        main = max((one["task"] for one in rationales), key=lambda task: labels[task]["score"], default=None)
        return [one for one in rationales if one["task"] == main]


def print_verdicts(verdicts: Sequence[ShownVerdict]) -> None:
    """A table for a person, as wide as the terminal; tab-separated lines where standard output is none."""
    if not out().is_terminal:
        print_table(_COLUMNS, [one.cells() for one in verdicts])
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True)
    table.add_column("post", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("text", ratio=4, overflow="fold")
    table.add_column("flagged", ratio=4, overflow="fold")
    table.add_column("route", no_wrap=True)
    table.add_column("why", ratio=5, overflow="fold")
    for one in verdicts:
        name, language, text, flagged, route, why = map(harmless, one.cells())
        colour = _COLOURS.get(one.verdict["route"], "")
        table.add_row(name, Text(language, "dim"), Text(text), Text(flagged), Text(route, colour), Text(why, "italic"))
    out().print(table)


def print_labels(verdict: Mapping[str, Any]) -> None:
    """One verdict in full: a row for each task, and the rationales."""
    guessed = " (guessed)" if verdict["language_guessed"] else ""
    route = f"{verdict['route']}, priority {verdict['priority']:.2f}" if verdict["flagged"] else verdict["route"]
    say(f"{verdict['post_id']}  language {verdict['language']}{guessed}  {route}", _COLOURS.get(verdict["route"], ""))
    print_table(
        ("family", "task", "label", "probability", "evidence", ""),
        [
            (
                label["family"],
                task,
                label["label"],
                f"{label['probabilities'][label['label']]:.3f}",
                label["evidence"],
                "flagged" if label["flagged"] else "",
            )
            for task, label in verdict["labels"].items()
        ],
    )
    for one in verdict["rationales"]:
        say(f"{one['task']}: {one['label']} ({one['language']})  {one['text']}", "italic")
