"""`memelens send`."""

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import options

if TYPE_CHECKING:
    from ..consumer.brokers.interface import OutputRecord

__all__ = ["send"]

_BATCH = 100


def send(
    source: Annotated[Path, typer.Argument(help="A folder of pictures, a picture, a .jsonl or a .csv.")],
    rate: Annotated[float | None, typer.Option(min=0.001, help="Posts a second; left out: as fast as it goes.")] = None,
    topic: Annotated[str | None, typer.Option(metavar="NAME", help="Another topic than topics.input.")] = None,
    config: options.Config = None,
    broker: options.Broker = None,
) -> None:
    """Send posts to the input topic."""
    from ..consumer.sending import read_posts
    from ..consumer.service import connect, decoding_limits
    from .console import progress, say

    settings = options.load(config, broker=broker, topics__input=topic)
    posts = read_posts(source, settings.topics.input, decoding_limits(settings))
    start, sent = time.monotonic(), 0
    try:
        with connect(settings) as connected, progress("posts") as bar:
            publisher = connected.publisher()
            task = bar.add_task("sending", total=None)
            for batch in _batches(posts, 1 if rate else _BATCH):
                publisher.publish(batch)
                sent += len(batch)
                bar.update(task, completed=sent)
                _keep_pace(start, sent, rate)
            publisher.close()
    except BaseException:
        if sent:  # a line is wrong, or the broker went away: which posts are left to send?
            say(f"sent {sent} posts to {settings.topics.input}")
        raise
    say(f"sent {sent} posts to {settings.topics.input} in {time.monotonic() - start:.1f} s")


def _batches(records: Iterator["OutputRecord"], size: int) -> Iterator[list["OutputRecord"]]:
    while batch := list(islice(records, size)):
        yield batch


def _keep_pace(start: float, sent: int, rate: float | None) -> None:
    if rate:
        time.sleep(max(0.0, start + sent / rate - time.monotonic()))  # the pace itself: there is nothing to wait for
