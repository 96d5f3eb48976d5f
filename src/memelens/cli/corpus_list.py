"""`memelens corpus list`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..trainer.corpora.interface import Source

__all__ = ["list_sources"]


def list_sources(
    sources: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Says what is on this disk; left out: ./sources.yaml where there is one."),
    ] = None,
) -> None:
    """The datasets that a corpus can be built from: terms, where to get them, what has to lie in their folders."""
    from ..trainer.corpora.catalogue import ADAPTERS
    from ..trainer.corpus.sources import HUB, load_sources
    from ..trainer.errors import SourcesError
    from .console import print_table, say

    wrong = None
    try:
        chosen = load_sources(file) if (file := sources or _usual()) else ()
    except SourcesError as error:  # where to get a dataset is told all the same
        chosen, wrong = (), error
    here = {one.name: str(one.root or f"{HUB}{one.hub}") for one in chosen}
    print_table(
        ("source", "languages", "pairs", "may be passed on", "licence", "on this disk"),
        [_row(one.SOURCE, here.get(name, "—")) for name, one in ADAPTERS.items()],
    )
    for name, one in ADAPTERS.items():
        say(f"{name}: {one.SOURCE.homepage}", style="bold")
        say(f"  {one.SOURCE.title}. {one.SOURCE.citation}")
        say(f"  its folder: {one.SOURCE.files}")
        for option, meaning in one.SOURCE.options.items():
            say(f"  {option}: {meaning}")
    if wrong:
        raise wrong


def _usual() -> Path | None:
    return path if (path := Path("sources.yaml")).is_file() else None


def _row(source: "Source", here: str) -> tuple[str, ...]:
    from ..taxonomy import PAIRS

    languages = sorted({pair.language.value for pair in PAIRS if pair.configuration in source.pairs})
    allowed = "yes" if source.licence.may_be_passed_on else "no"
    return source.name, " ".join(languages), str(len(source.pairs)), allowed, source.licence.name, here
