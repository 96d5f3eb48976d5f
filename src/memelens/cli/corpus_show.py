"""`memelens corpus show`."""

from pathlib import Path
from typing import Annotated

import typer

from ..trainer.corpora.interface import Split

__all__ = ["show"]


def show(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A built corpus.")],
    pairs: Annotated[list[str] | None, typer.Option("--pair", metavar="NAME", help="Of this pair; repeatable.")] = None,
    languages: Annotated[
        list[str] | None, typer.Option("--language", metavar="CODE", help="In this language; repeatable.")
    ] = None,
    label: Annotated[str | None, typer.Option(metavar="NAME", help="With this unified label.")] = None,
    split: Annotated[Split | None, typer.Option(help="Of this split.")] = None,
    most: Annotated[int, typer.Option(min=1, max=2_000, help="Rows at most, evenly over the pairs.")] = 60,
    seed: Annotated[int, typer.Option(help="Another one draws other rows.")] = 1,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The page; replaced.")] = Path("contact-sheet.html"),
    clear: Annotated[bool, typer.Option("--clear", help="Pictures and texts in the clear; left out: blurred.")] = False,
) -> None:
    """Rows of a corpus on one HTML page: pictures blurred, texts hidden until pointed at."""
    from ..trainer.corpus.contact_sheet.page import write_contact_sheet
    from ..trainer.corpus.contact_sheet.sampling import Wanted, draw
    from ..trainer.corpus.store import Corpus
    from .console import say, waiting

    wanted = Wanted(pairs=pairs or (), languages=languages or (), label=label, split=split)
    asked = {"pair": ", ".join(wanted.pairs), "language": ", ".join(wanted.languages), "label": label, "split": split}
    corpus = Corpus(directory)
    with waiting("drawing rows"):
        sample = draw(corpus, wanted, most=most, seed=seed)
        told = {name: str(value) for name, value in asked.items() if value} | {"seed": str(seed)}
        write_contact_sheet(corpus, sample, out, clear=clear, asked=told)
    say(f"{out}: {len(sample.rows):,} of {sample.matching:,} rows, {'in the clear' if clear else 'blurred'}")
