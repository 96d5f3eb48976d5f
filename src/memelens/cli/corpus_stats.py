"""`memelens corpus stats`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import Format

if TYPE_CHECKING:
    from ..trainer.corpus.statistics.summary import Statistics

__all__ = ["stats"]


def stats(
    corpus: Annotated[Path, typer.Argument(metavar="DIR", help="A built corpus.")],
    style: Annotated[Format, typer.Option("--format", help="Tables, or one JSON object.")] = Format.TABLE,
    plots: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the plots go; left out: `plots` in the corpus.")
    ] = None,
) -> None:
    """Tables and plots of a corpus: rows, labels, texts, pictures, copies, beside the published counts."""
    from ..trainer.corpus.statistics.plots import draw_plots
    from ..trainer.corpus.statistics.summary import corpus_statistics
    from ..trainer.corpus.store import Corpus
    from .console import err, say, waiting

    with waiting("counting rows"):
        found = corpus_statistics(Corpus(corpus))
    if style is Format.JSON:
        _print_json(found)
    else:
        _print_tables(corpus, found)
    with waiting("drawing plots"):
        drawn = draw_plots(found, plots or corpus / "plots")
    names = ", ".join(path.name for path in drawn)
    told = f"plots in {drawn[0].parent}: {names}"
    if style is Format.JSON:
        err().print(told, markup=False, soft_wrap=True)
    else:
        say(told)


def _print_json(found: "Statistics") -> None:
    """Everything that the tables show, keys in a fixed order."""
    from dataclasses import asdict

    import orjson

    content = asdict(found) | {"sources": {name: one.model_dump() for name, one in found.sources.items()}}
    del content["picture_sizes"]  # one entry for each size that any picture has: for the plot
    typer.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2))


def _print_tables(corpus: Path, found: "Statistics") -> None:
    from .console import print_table, say
    from .corpus_tables import tables

    sides = ", ".join(f"{side} {rows:,}" for side, rows in found.sides.items())
    say(f"{corpus}: {found.rows:,} rows of {found.memes:,} memes; {sides}", style="bold")
    say(f"content hash {found.content_hash}, seed {found.seed}, built by memelens {found.version}")
    for table in tables(found):
        say(f"\n{table.title}", style="bold")
        if table.rows:
            print_table(table.columns, table.rows, numbers=table.numbers)
        for note in table.notes:
            say(note)
