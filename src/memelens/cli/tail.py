"""`memelens tail`."""

import sys
from enum import StrEnum
from typing import Annotated

import typer

from . import options

__all__ = ["tail"]


class Format(StrEnum):
    """How records are shown."""

    TABLE = "table"
    JSONL = "jsonl"


def tail(
    topic: Annotated[str, typer.Argument(help="Any topic, ours or not.")],
    start: Annotated[str, typer.Option("--from", help="beginning, end, an ISO 8601 time, or 15m, 2h, 1d ago.")] = "end",
    most: Annotated[int | None, typer.Option("--max", min=1, help="Stop after so many records.")] = None,
    follow: Annotated[bool, typer.Option(help="Wait for more at the end of the topic.")] = True,
    style: Annotated[Format, typer.Option("--format", help="Lines for a person, or JSON with headers.")] = Format.TABLE,
    config: options.Config = None,
    broker: options.Broker = None,
) -> None:
    """Read a topic. A value that is no JSON is shown in base64."""
    from ..consumer.clock import SystemClock
    from ..consumer.service import connect
    from ..consumer.tailing import as_json, starting_offsets
    from ..consumer.tailing import tail as read
    from .console import err
    from .records import line_of

    settings = options.load(config, broker=broker)
    with connect(settings) as connected:
        offsets = starting_offsets(connected, topic, start, SystemClock())
        if follow and err().is_terminal and most is None:
            err().print(f"[dim]{topic} from {start}; Ctrl-C ends[/]")
        for record in read(connected, topic, offsets, most=most, follow=follow):
            line = as_json(record) if style is Format.JSONL else line_of(record)
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
