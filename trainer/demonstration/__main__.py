"""`python -m memelens.trainer.demonstration`: train the shipped model; `samples` and `held-out` draw its data files."""

import json
import random
import sys
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ...taxonomy.languages import Language
from ..errors import TrainerError
from .building import BuildSettings, build
from .dataset import HeldOut, draw_meme
from .kept import keep
from .reporting import markdown
from .samples import write_samples
from .showing import shown_progress

__all__ = ["main"]

app = typer.Typer(help=__doc__, pretty_exceptions_enable=False)
_PACKAGE = Path(str(resources.files("memelens"))).resolve()
_CHECKPOINT = (_PACKAGE / "model").resolve() / "demonstration"
_SAMPLES = (_PACKAGE / "consumer").resolve() / "samples"
_KEPT_MEMES = 288


@app.callback(invoke_without_command=True)
def train(
    context: typer.Context,
    output: Annotated[Path, typer.Option(help="Checkpoint folder to write.")] = _CHECKPOINT,
    seed: Annotated[int, typer.Option(help="Seed of the drawn memes and of the training.")] = 1,
) -> None:
    """Draw memes, train the demonstration model from scratch, calibrate it, judge it, write it."""
    if context.invoked_subcommand is not None:
        return
    console = Console(stderr=True)
    with shown_progress(console) as progress:
        found = build(output, BuildSettings(seed=seed), progress)
    (output / "report.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    typer.echo(markdown(found))


@app.command()
def samples(folder: Annotated[Path, typer.Option(help="Folder to write.")] = _SAMPLES) -> None:
    """Draw the posts of `memelens demo`."""
    typer.echo(f"{write_samples(folder)} posts in {folder}")


@app.command()
def held_out(path: Annotated[Path, typer.Argument(help="File to write.")]) -> None:
    """Draw the fixed test set: everything held out at once."""
    rng, languages = random.Random(7), list(Language)
    memes = [
        draw_meme(rng, languages[place % len(languages)], HeldOut.ALL, side_pixels=128) for place in range(_KEPT_MEMES)
    ]
    keep(memes, path)
    typer.echo(f"{len(memes)} memes in {path}")


def main() -> None:
    """Run the command line; a mistake that a person can mend is one sentence."""
    try:
        app()
    except TrainerError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
