"""`memelens corpus build`."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..trainer.corpus.store import Manifest, PairCounts

__all__ = ["build"]


def build(
    sources: Annotated[Path, typer.Option(metavar="FILE", help="Which datasets lie where, in YAML.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the corpus goes.")],
    seed: Annotated[int, typer.Option(min=0, help="Of the splits that are chosen here.")] = 13,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes that look at pictures; left out: all cores.")
    ] = None,
) -> None:
    """Build the unified corpus from the datasets' own files; what is wrong with them is told all at once."""
    import os

    from ..trainer.corpora.catalogue import ADAPTERS
    from ..trainer.corpus.building import build_corpus
    from ..trainer.corpus.sources import load_sources
    from .console import say
    from .steps import steps

    chosen = load_sources(sources)
    absent = [name for name in ADAPTERS if name not in {one.name for one in chosen}]
    with _stoppable(), steps() as progress:
        manifest = build_corpus(chosen, out, progress, seed=seed, jobs=jobs or os.cpu_count() or 1).manifest
    _report(manifest)
    if absent:
        say(f"not in {sources}, left out: {', '.join(absent)}")
    rows = sum(pair.rows for pair in manifest.pairs.values())
    say(f"{out}: {rows:,} rows, content hash {manifest.content_hash}", style="bold")


@contextmanager
def _stoppable() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(
            "memelens: stopped; what is known of pictures is kept, the same command goes on from there", err=True
        )
        raise


def _report(manifest: "Manifest") -> None:
    from .console import counted, print_table, say

    numbers = ("read", "left out", "dropped", "train", "validation", "test", "no picture")
    there = {name: pair for name, pair in manifest.pairs.items() if pair.read}
    print_table(("pair", *numbers, "test split"), [_row(name, pair) for name, pair in there.items()], numbers=numbers)
    for line in (*_left_out(there), *_notes(manifest)):
        say(line)
    for reason, count in manifest.moves.items():
        say(f"{counted(count, 'meme')} placed or dropped: {reason}")
    for name, count in manifest.carved_validation.items():
        say(f"{name}: {counted(count, 'training meme')} made validation, its authors published none")


def _row(name: str, pair: "PairCounts") -> tuple[str, ...]:
    counts = (pair.read, sum(pair.left_out.values()), pair.dropped, pair.train, pair.validation, pair.test)
    return name, *(f"{count:,}" for count in (*counts, pair.without_picture)), pair.test_split


def _left_out(pairs: dict[str, "PairCounts"]) -> Iterator[str]:
    """Rows of several pairs are left out together: one line for them."""
    from .console import counted

    together: defaultdict[tuple[str, str, int], list[str]] = defaultdict(list)
    for name, pair in pairs.items():
        for reason, count in pair.left_out.items():
            together[pair.dataset, reason, count].append(name)
    for (dataset, reason, count), names in together.items():
        yield f"{dataset}: {counted(count, 'row')} left out, {reason} ({', '.join(names)})"


def _notes(manifest: "Manifest") -> Iterator[str]:
    from .console import counted

    for name, source in manifest.sources.items():
        yield from (f"{name}: {note}" for note in source.notes)
        yield from (
            f"{name}: {counted(count, 'row')} kept with a doubt: {warning}"
            for warning, count in source.warnings.items()
        )
