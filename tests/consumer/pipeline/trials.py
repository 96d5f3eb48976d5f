"""Pipelines to try: real threads, a fake engine, a cache in memory."""

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from prometheus_client import CollectorRegistry
from tests.servers.waiting import eventually

from memelens.consumer.brokers.interface import OutputRecord, Partition
from memelens.consumer.cache.guarded import GuardedCache
from memelens.consumer.cache.interface import Cache
from memelens.consumer.cache.memory import MemoryCache
from memelens.consumer.cache.scores import ScoreCache
from memelens.consumer.clock import SystemClock
from memelens.consumer.images.fetching import ImageFetcher
from memelens.consumer.images.rules import FetchingRules
from memelens.consumer.judging.judge import Judge
from memelens.consumer.judging.policy_loading import load_policy
from memelens.consumer.metrics import Metrics
from memelens.consumer.parts import PipelineOptions, Services
from memelens.consumer.pipeline import Pipeline
from memelens.consumer.running.retrying import RetryLimits
from memelens.consumer.steps.batching import BatchLimits
from memelens.consumer.steps.refusing import DeadLetterOptions
from memelens.consumer.wire.verdicts import OutputTopics, VerdictWriter
from memelens.model.engine import Engine
from memelens.model.fake import FakeEngine, FakeOptions

from .faulty_broker import FaultyBroker

GROUP = "group"
WAIT_SECONDS = 20.0


def wait_for(condition: Callable[[], Any], what: str = "it") -> None:
    """Poll until `condition` holds; fails after a deadline."""
    eventually(condition, what, within_seconds=WAIT_SECONDS)


class Trial:
    """A pipeline on a thread of its own."""

    def __init__(
        self,
        broker: Any,
        engine: Engine,
        options: PipelineOptions,
        cache: Cache,
        rules: FetchingRules,
        *,
        outputs: OutputTopics | None = None,
        probe: Callable[[], object] = lambda: None,
        on_end: Callable[[], object] = lambda: None,
    ) -> None:
        """`on_end` is called when `run` has returned."""
        clock = SystemClock()
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry)
        policy = load_policy(None)
        self._fetcher = ImageFetcher(rules, clock)
        services = Services(
            broker=broker,
            engine=engine,
            cache=ScoreCache(GuardedCache(cache, clock=clock), engine.description.identity.scores_key),
            fetcher=self._fetcher,
            judge=Judge(policy, engine.description),
            writer=VerdictWriter(outputs or OutputTopics(), engine.description, policy),
            clock=clock,
            metrics=self.metrics,
            probe=probe,
        )
        self.pipeline = Pipeline(services, options)
        self.error: BaseException | None = None
        self._on_end = on_end
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> "Trial":
        """Run."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop, and wait for the end; raises what `run` raised."""
        self.pipeline.stop()
        self.join()

    def join(self) -> None:
        """Wait for the end; raises what `run` raised."""
        self._thread.join(WAIT_SECONDS)
        assert not self._thread.is_alive(), "the pipeline doesn't end"
        if self.error is not None:
            raise self.error

    def end(self, seconds: float = WAIT_SECONDS) -> None:
        """Wait for the end, whatever it is, but no longer."""
        self._thread.join(seconds)

    @property
    def running(self) -> bool:
        """Whether `run` hasn't returned."""
        return self._thread.is_alive()

    @property
    def partitions(self) -> int:
        """Partitions held under the last poll."""
        parts = self.pipeline._parts
        return 0 if parts is None else len(parts.polling.snapshot.assignment)

    def value(self, name: str, **labels: str) -> float:
        """A metric's value; 0 where it was never touched."""
        return self.registry.get_sample_value(f"memelens_{name}", labels) or 0.0

    def _run(self) -> None:
        try:
            self.pipeline.run()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            self.error = error
        finally:
            self._fetcher.close()
            self._on_end()


OPTIONS = PipelineOptions(
    topic="posts",
    group=GROUP,
    dead_letters=DeadLetterOptions("dead", GROUP, "test", 2_000_000),
    batching=BatchLimits(max_age_seconds=0.005),
    retries=RetryLimits(0.01, 0.05),
    revocation_seconds=5.0,
    drain_seconds=10.0,
)


class Bench:
    """Makes trials on one broker and one cache, and ends those that a test leaves running."""

    def __init__(self) -> None:
        self.broker = FaultyBroker()
        self.rules = FetchingRules()
        self.probe: Callable[[], object] = lambda: None
        self.cache: Cache = MemoryCache(max_bytes=50_000_000, ttl_seconds=600, clock=SystemClock())
        self.trials: list[Trial] = []

    def trial(self, engine: str | Engine = "fake://", **options: Any) -> Trial:
        """A pipeline that runs."""
        chosen = FakeEngine(FakeOptions.from_url(engine)) if isinstance(engine, str) else engine
        ours = replace(OPTIONS, **options)
        made = Trial(self.broker, chosen, ours, self.cache, self.rules, probe=self.probe)
        self.trials.append(made)
        return made.start()

    def send(self, *posts: tuple[str, bytes | None]) -> None:
        """Send records (key, value)."""
        self.broker.send([OutputRecord("posts", key.encode(), value) for key, value in posts])

    def send_posts(self, names: Iterable[str], text: str = "a harmless picture of a teapot") -> None:
        """Send posts keyed by their name."""
        self.send(*[(name, post(name, f"{text} {name}")) for name in names])

    def end(self) -> None:
        """Stop what is still running."""
        self.broker.faults.gate.set()
        for trial in self.trials:
            trial.pipeline.stop()
        for trial in self.trials:
            trial.end()

    def settled(self) -> bool:
        """Whether everything is committed."""
        ends = {Partition("posts", index): len(log) for index, log in enumerate(self.broker.logs["posts"]) if log}
        return {one: self.broker.committed.get(one) for one in ends} == ends


def post(name: str, text: str, **more: Any) -> bytes:
    """A post's value."""
    return json.dumps({"post_id": name, "language": "en", "image_text": text, **more}).encode()
