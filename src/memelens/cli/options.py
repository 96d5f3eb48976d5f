"""Flags that several commands share. Each main setting has one; everything else is set in the file or environment."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..consumer.settings import Settings

__all__ = ["Broker", "Cache", "Config", "Delivery", "Device", "Format", "Group", "Model", "Policy", "load"]

_PANEL = "Settings"

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="MEMELENS_CONFIG",
        metavar="FILE",
        help="Settings in YAML; left out: ./memelens.yaml where there is one.",
        rich_help_panel=_PANEL,
    ),
]
Broker = Annotated[
    str | None,
    typer.Option(metavar="URL", help="kafka://host:9092,… or sqlite:///path.", rich_help_panel=_PANEL),
]
Group = Annotated[str | None, typer.Option(metavar="NAME", help="Consumer group.", rich_help_panel=_PANEL)]
Cache = Annotated[
    str | None,
    typer.Option(metavar="URL", help="redis://host:6379/0 or memory://.", rich_help_panel=_PANEL),
]
Model = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="demonstration, a directory, org/name\\[@revision] or fake://.", rich_help_panel=_PANEL
    ),
]
Device = Annotated[str | None, typer.Option(metavar="NAME", help="auto, cpu or cuda[:N].", rich_help_panel=_PANEL)]
Policy = Annotated[Path | None, typer.Option(metavar="FILE", help="Policy in YAML.", rich_help_panel=_PANEL)]
Delivery = Annotated[
    str | None, typer.Option(metavar="MODE", help="at-least-once or exactly-once.", rich_help_panel=_PANEL)
]


class Format(StrEnum):
    """How results are shown."""

    TABLE = "table"
    JSON = "json"


def load(config: Path | None, **flags: object) -> "Settings":
    """Settings from file, environment and flags; two underscores in a flag's name lead into a section.

    Nothing is logged from then on, unless the command wants it: standard output is for results.
    """
    from ..consumer.settings_loading import load_settings
    from .logs import configure_logging

    configure_logging("console", "critical")
    return load_settings(config, {name.replace("__", "."): value for name, value in flags.items()})
