"""A consumer in a process of its own, to be killed: `python -m tests.consumer.pipeline.consumer_process '{…}'`."""

import json
import signal
import sys
from dataclasses import fields, replace
from typing import Any

from tests.consumer.brokers.rig import opened

from memelens.consumer.cache.memory import MemoryCache
from memelens.consumer.clock import SystemClock
from memelens.consumer.images.rules import FetchingRules
from memelens.consumer.steps.refusing import DeadLetterOptions
from memelens.consumer.wire.verdicts import OutputTopics
from memelens.model.fake import FakeEngine, FakeOptions

from .trials import OPTIONS, Trial


def output_topics(prefix: str) -> OutputTopics:
    """Outputs of one test."""
    return OutputTopics(**{one.name: f"{prefix}.{one.name}" for one in fields(OutputTopics)})


def trial(url: str, engine: str, prefix: str, **options: Any) -> Trial:
    """A pipeline on a real broker, where the names of topics and group begin with a prefix; its cache is its own."""
    cache = MemoryCache(max_bytes=10**7, ttl_seconds=600, clock=SystemClock())
    group = f"{prefix}.group"
    ours = replace(
        OPTIONS,
        topic=f"{prefix}.posts",
        group=group,
        dead_letters=DeadLetterOptions(f"{prefix}.dead", group, "test", 2_000_000),
        transactional_id=f"{prefix}.0",
    )
    broker = opened(url)
    made = Trial(
        broker,
        FakeEngine(FakeOptions.from_url(engine)),
        replace(ours, **options),
        cache,
        FetchingRules(),
        outputs=output_topics(prefix),
        on_end=broker.close,
    )
    return made.start()


def main() -> None:
    """Run until SIGTERM, or the kill."""
    running = trial(**json.loads(sys.argv[1]))
    signal.signal(signal.SIGTERM, lambda *_: running.pipeline.stop("SIGTERM"))
    while running.running:
        running.end(0.1)
    if running.error is not None:
        raise running.error


if __name__ == "__main__":
    main()
