"""`memelens policy check|diff`."""

import typer

__all__ = ["app"]

app = typer.Typer(help="Check a policy, and what it would change.", no_args_is_help=True)


@app.command()
def check() -> None:
    """Validate a policy file."""


@app.command()
def diff() -> None:
    """What another policy would change on past verdicts."""
