"""`memelens corpus export`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..trainer.corpus.export.layouts import Layout

if TYPE_CHECKING:
    from ..trainer.corpus.export.plan import Plan
    from ..trainer.corpus.store import Corpus

__all__ = ["export"]


def export(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A built corpus.")],
    to: Annotated[Layout, typer.Option(help="For load_from_disk, as parquet, or in the released corpus' layout.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="A directory that isn't there yet, or is empty.")],
    pictures: Annotated[bool, typer.Option(help="With the pictures in the rows, or text alone.")] = True,
    for_own_use: Annotated[
        bool, typer.Option("--for-own-use", help="Take in what may not be passed on; don't give that to others.")
    ] = False,
) -> None:
    """Write a corpus for other programs, without what may not be passed on."""
    from ..trainer.corpus.export.exporting import export
    from ..trainer.corpus.export.plan import plan_export
    from ..trainer.corpus.store import Corpus
    from .console import say
    from .steps import steps

    corpus = Corpus(directory)
    plan = plan_export(corpus, to, pictures=pictures, for_own_use=for_own_use)
    _tell_left_out(corpus, plan)
    with steps() as progress:
        export(corpus, plan, out, progress)
    say(f"{out}: {sum(plan.rows.values()):,} rows, terms and citations in its README.md")
    if plan.for_own_use:
        say("for your own use only: some of it may not be passed on")


def _tell_left_out(corpus: "Corpus", plan: "Plan") -> None:
    from .console import err

    titles = {name: facts.title for name, facts in corpus.manifest.sources.items()}
    told = [f"{titles[name]}: may not be passed on, {count:,} rows left out" for name, count in plan.forbidden.items()]
    told += [f"{titles[name]}: {count:,} rows without text left out" for name, count in plan.pictures_alone.items()]
    for line in told:
        err().print(line, markup=False, soft_wrap=True)
    if plan.forbidden:
        err().print("--for-own-use takes them in", markup=False, soft_wrap=True)
