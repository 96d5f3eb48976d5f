"""`memelens run`."""

from typing import Annotated

import typer

from . import options

__all__ = ["run"]


def run(
    max_posts: Annotated[int | None, typer.Option(min=1, help="Stop after so many posts.")] = None,
    until_idle: Annotated[
        float | None, typer.Option(min=0.1, metavar="SECONDS", help="Stop when no post came for so long.")
    ] = None,
    config: options.Config = None,
    broker: options.Broker = None,
    group: options.Group = None,
    cache: options.Cache = None,
    model: options.Model = None,
    device: options.Device = None,
    policy: options.Policy = None,
    delivery: options.Delivery = None,
) -> None:
    """Read posts, publish verdicts, until it is told to stop (SIGTERM drains and commits)."""
