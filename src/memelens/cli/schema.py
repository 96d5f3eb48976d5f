"""`memelens schema`."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["schema"]


def schema(
    name: Annotated[str | None, typer.Argument(help="post, verdict, …, or asyncapi; left out: lists them.")] = None,
    write: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write all of them into a folder.")] = None,
) -> None:
    """Print or write the JSON Schemas of the messages and the AsyncAPI document of the topics."""
    from ..consumer.schemas.generating import documents

    files = documents()
    if write:
        _write(write, files)
        typer.echo(f"wrote {len(files)} files into {write}")
    elif name is None:
        typer.echo("\n".join(file.partition(".")[0] for file in files))
    else:
        typer.echo(_find(name, files), nl=False)


def _write(folder: Path, files: dict[str, str]) -> None:
    from ..consumer.errors import OperatorError

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in files.items():
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OperatorError(f"{folder}: can't be written ({error.strerror}); name a folder of yours") from error


def _find(name: str, files: dict[str, str]) -> str:
    from ..taxonomy import UnknownNameError

    found = {file.partition(".")[0]: text for file, text in files.items()}
    if name not in found:
        raise UnknownNameError("message", name, found)
    return found[name]
