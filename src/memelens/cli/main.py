"""The `memelens` program: its commands, and one sentence where a user's mistake ends it."""

import os
import signal
import sys
from typing import Annotated

import typer

from .. import __version__
from . import classify, corpus, demo, doctor, policy, run, schema, send, tail, topics
from .console import harmless

__all__ = ["main"]

_OF_THE_TRAINER = frozenset(
    {"accelerate", "datasets", "filelock", "imagehash", "jinja2", "matplotlib"}
    | {"openpyxl", "pyarrow", "rapidfuzz", "scipy", "sklearn"}
)
"""What the extra `train` installs, as it is imported."""

app = typer.Typer(
    name="memelens",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 done, 1 failed (the last line says why), 2 wrong usage or settings.",
)
app.command()(demo.demo)
app.command()(run.run)
app.command()(classify.classify)
app.command()(send.send)
app.command()(tail.tail)
app.command()(doctor.doctor)
app.command()(schema.schema)
app.add_typer(topics.app, name="topics")
app.add_typer(policy.app, name="policy")
app.add_typer(corpus.app, name="corpus")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"memelens {__version__}")
        raise typer.Exit


@app.callback()
def memelens(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Judge memes: twenty moderation questions in nine languages, from a message queue or from files."""


def main() -> None:
    """Run the command line; ends the process."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except BrokenPipeError:  # `memelens tail … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as raised:
        error = _understood(raised)
        status = _status(error)
        if status is None:
            raise
        typer.echo("memelens: " + "\n  ".join(_heading(error) + harmless(str(error)).splitlines()), err=True)
        sys.exit(status)


def _understood(error: Exception) -> Exception:
    """A library of an extra that isn't installed is the user's matter; any other that is missing is a defect."""
    from ..trainer.errors import MissingPackagesError

    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] in _OF_THE_TRAINER:
        return MissingPackagesError(f"{error.name} isn't installed; this command needs `pip install 'memelens[train]'`")
    return error


def _heading(error: Exception) -> list[str]:
    """What stands above several settings that are wrong; other errors of several lines have their own first one."""
    from ..consumer.errors import SettingsError

    return ["settings:"] if isinstance(error, SettingsError) and len(str(error).splitlines()) > 1 else []


def _status(error: Exception) -> int | None:
    """Exit status of an error whose text is meant for the user; None for a defect of ours."""
    from ..consumer.errors import ConsumerError, SettingsError
    from ..model.errors import ModelError
    from ..taxonomy import UnknownNameError
    from ..trainer.errors import SourcesError, TrainerError

    if isinstance(error, SettingsError | UnknownNameError | SourcesError):
        return 2
    return 1 if isinstance(error, ConsumerError | ModelError | TrainerError) else None
