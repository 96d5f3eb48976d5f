"""`memelens corpus verify`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Format

if TYPE_CHECKING:
    from ..trainer.corpus.verifying import Check, Verification

__all__ = ["verify"]


def verify(
    corpus: Annotated[Path, typer.Argument(metavar="DIR", help="A built corpus.")],
    quick: Annotated[
        bool, typer.Option("--quick", help="Trust what is recorded of pictures in place of reading them again.")
    ] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes that look at pictures; left out: all cores.")
    ] = None,
    style: Annotated[Format, typer.Option("--format", help="A table, or one JSON object.")] = Format.TABLE,
) -> None:
    """Check a corpus anew: no meme on two sides, every row as the manifest and the taxonomy say."""
    import os

    from ..trainer.corpus.store import Corpus
    from ..trainer.corpus.verifying import verify
    from .steps import steps

    with steps() as progress:
        found = verify(Corpus(corpus), progress, quick=quick, jobs=jobs or os.cpu_count() or 1)
    if style is Format.JSON:
        _print_json(found)
    else:
        _print_table(found)
    if found.findings:
        raise typer.Exit(1)


def _print_json(found: "Verification") -> None:
    """Everything that the table shows; `content` and the like are `Question`'s names."""
    import orjson

    content = {
        "memes": {side.value: count for side, count in found.memes.items()},
        "crossings": found.crossings,
        "findings": found.findings,
        "checks": [
            {"check": one.question, "looked_at": one.looked_at, "findings": one.findings, "first": one.first}
            for one in found.checks
        ],
    }
    typer.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2))


def _print_table(found: "Verification") -> None:
    from .console import print_table, say

    print_table(
        ("check", "promise", "looked at", "findings"),
        [(one.question, one.question.meaning, f"{one.looked_at:,}", f"{one.findings:,}") for one in found.checks],
        numbers=("looked at", "findings"),
    )
    for check in found.checks:
        if check.findings:
            _print_findings(check)
    say(_summary(found), style="bold red" if found.findings else "bold green")


def _print_findings(check: "Check") -> None:
    from .console import counted, say

    say(f"{check.question}: {counted(check.findings, 'finding')}", style="bold")
    for finding in check.first:
        say(f"  {finding}")
    if more := check.findings - len(check.first):
        say(f"  … and {more:,} more")


def _summary(found: "Verification") -> str:
    from .console import counted

    sides = ", ".join(f"{side} {count:,}" for side, count in found.memes.items())
    among = f"among {sum(found.memes.values()):,} memes ({sides})"
    crossings = counted(found.crossings, "crossing")
    return (
        f"{counted(found.findings, 'finding')}, {crossings} {among}"
        if found.findings
        else f"no leak: {crossings} {among}"
    )
