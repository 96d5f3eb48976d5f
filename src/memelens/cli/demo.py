"""`memelens demo`."""

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..consumer.brokers.interface import Broker, OutputRecord
    from ..consumer.settings import Settings

__all__ = ["demo"]

_BROKEN = b'{"post_id": "sample-broken", "caption": 17}'
"""A record that is no post, to show where such go."""


def demo() -> None:
    """Judge invented memes in nine languages on the embedded defaults, and show the verdicts."""
    from time import perf_counter

    from ..consumer.service import connect
    from .console import say
    from .logs import configure_logging

    configure_logging("console", "error")
    with _embedded() as settings, connect(settings) as broker:
        posts = _send(broker, settings)
        say(f"{len(posts) - 1} invented memes in nine languages, and one record that is no post, wait in a queue.")
        started = perf_counter()
        _serve(settings, len(posts))
        seconds = perf_counter() - started
        _show(broker, settings, posts)
    say(f"{len(posts)} records in {seconds:.1f} s, the model's loading included; each meme asked twenty questions.")
    say(
        "The demonstration model was trained on drawings of made-up peoples: it knows nothing of the real world.", "dim"
    )


@contextmanager
def _embedded() -> "Iterator[Settings]":
    """The defaults, whatever files and variables say, with the queue in a folder that is gone afterwards."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from ..consumer.settings import HealthSettings, Settings

    with TemporaryDirectory(prefix="memelens-demo-") as folder:
        yield Settings(broker=f"sqlite:///{Path(folder, 'queue.db')}", health=HealthSettings(port=None))


def _send(broker: "Broker", settings: "Settings") -> "Sequence[OutputRecord]":
    from ..consumer.brokers.interface import OutputRecord
    from ..consumer.sending import read_posts
    from ..consumer.service import decoding_limits
    from ..consumer.topics import topic_specs

    names, limits = settings.topics, decoding_limits(settings)
    specs = topic_specs(
        names, partitions=3, replication=1, max_message_bytes=limits.max_value_bytes, retention_hours=None
    )
    broker.create_topics(specs)
    posts = [*read_posts(_samples(), names.input, limits), OutputRecord(names.input, b"sample-broken", _BROKEN)]
    publisher = broker.publisher()
    publisher.publish(posts)
    publisher.close()
    return posts


def _samples() -> "Path":
    from importlib import resources
    from pathlib import Path

    return Path(str(resources.files("memelens.consumer"))) / "samples" / "posts.jsonl"


def _serve(settings: "Settings", posts: int) -> None:
    """`memelens run --max-posts`, with a bar for whoever watches."""
    from concurrent.futures import ThreadPoolExecutor, wait

    from prometheus_client import CollectorRegistry

    from ..consumer.clock import SystemClock
    from ..consumer.serving import Service
    from ..consumer.steps.poll import PollLimits
    from .console import progress

    service = Service(settings, PollLimits(max_posts=posts), SystemClock(), CollectorRegistry())
    with ThreadPoolExecutor(1) as pool, progress("posts") as bar:
        task = bar.add_task("loading the model", total=posts)
        running = pool.submit(service.run)
        try:
            while wait([running], 0.1).not_done:
                if finished := sum(service.outcomes().values()):
                    bar.update(task, description="judging", completed=finished)
            running.result()
        finally:
            service.stop("the demo ends")


def _show(broker: "Broker", settings: "Settings", posts: "Sequence[OutputRecord]") -> None:
    """Verdicts in the order in which the posts were sent, then the dead letters."""
    from ..consumer.tailing import content_of
    from .console import say
    from .records import line_of
    from .verdicts import ShownVerdict, print_verdicts

    names = settings.topics
    verdicts = {record.key: content_of(record) or {} for record in broker.read(str(names.verdicts))}
    print_verdicts([ShownVerdict(_text(post), verdicts[post.key]) for post in posts if post.key in verdicts])
    for record in broker.read(names.dead_letter):
        say(f"{names.dead_letter}  {line_of(record)}")


def _text(post: "OutputRecord") -> str:
    import json

    said = json.loads(post.value or b"")
    return str(said.get("image_text") or said.get("caption"))
