# ruff: noqa: ANN401, PLR0913, PLR0917 - delegates pass on what they are given; a side's order is its arguments
"""The sides of the pipeline's benchmark, each run in a process of its own: `python -m benchmarks.sides '{…}'`.

Time runs from the first records polled to the last commit, so that joining the group isn't in it.
"""

import json
import resource
import statistics
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import orjson
import psutil
from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import OffsetAndMetadata
from prometheus_client import CollectorRegistry

from memelens.consumer.brokers.interface import Broker, OutputRecord, PollResult, Publisher, StartAt, Subscription
from memelens.consumer.brokers.opening import open_broker
from memelens.consumer.cache.guarded import GuardedCache
from memelens.consumer.cache.opening import open_cache
from memelens.consumer.cache.scores import ScoreCache
from memelens.consumer.clock import SystemClock
from memelens.consumer.images.fetching import ImageFetcher
from memelens.consumer.images.rules import FetchingRules
from memelens.consumer.judging.judge import Judge
from memelens.consumer.judging.policy_loading import load_policy
from memelens.consumer.metrics import Metrics
from memelens.consumer.parts import PipelineOptions, Services
from memelens.consumer.pipeline import Pipeline
from memelens.consumer.settings import KafkaSettings
from memelens.consumer.steps.batching import BatchLimits
from memelens.consumer.steps.poll import PollLimits
from memelens.consumer.steps.refusing import DeadLetterOptions
from memelens.consumer.wire.verdicts import OutputTopics, VerdictWriter
from memelens.model.fake import FakeEngine

_BATCH = 500


class _Stopwatch:
    """Wall and CPU seconds between the first records polled and the last commit."""

    def __init__(self) -> None:
        self.started: tuple[float, float] | None = None
        self.ended = (0.0, 0.0)

    def polled(self) -> None:
        self.started = self.started or self._now()

    def committed(self) -> None:
        self.ended = self._now()

    def result(self, posts: int) -> dict[str, float]:
        assert self.started is not None
        wall, cpu = (end - start for end, start in zip(self.ended, self.started, strict=True))
        return {
            "posts_per_second": posts / wall,
            "us_per_post": wall / posts * 1e6,
            "cpu_us_per_post": cpu / posts * 1e6,
        }

    @staticmethod
    def _now() -> tuple[float, float]:
        return time.perf_counter(), time.process_time()


def bare(
    address: str, topics: dict[str, str], posts: int, templates: dict[str, Any], producer: dict[str, Any]
) -> dict[str, float]:
    """A loop with nothing in it: read, decode, encode six records, wait for their futures, commit, batch by batch.

    `templates` hold, by output, a record's JSON and headers as the pipeline writes them.
    """
    outputs = [
        (topics[name], json.loads(one["value"]), [(key, value.encode()) for key, value in one["headers"]])
        for name, one in templates.items()
    ]
    sender = KafkaProducer(bootstrap_servers=address, acks="all", **producer)
    consumer = KafkaConsumer(
        topics["input"],
        bootstrap_servers=address,
        group_id=topics["group"],
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_poll_records=_BATCH,
    )
    watch, done = _Stopwatch(), 0
    while done < posts:
        polled = consumer.poll(500)
        if not polled:
            continue
        watch.polled()
        futures, offsets = [], {}
        for partition, records in polled.items():
            for record in records:
                post = orjson.loads(record.value)
                for topic, template, headers in outputs:
                    template["post_id"] = post["post_id"]
                    futures.append(sender.send(topic, orjson.dumps(template), key=record.key, headers=headers))
            offsets[partition] = OffsetAndMetadata(records[-1].offset + 1, "", -1)
            done += len(records)
        for future in futures:
            future.get(60)
        consumer.commit(offsets)
        watch.committed()
    sender.close()
    consumer.close()
    return watch.result(done)


class _WatchedSubscription:
    """A subscription that tells a stopwatch."""

    def __init__(self, inner: Subscription, watch: _Stopwatch) -> None:
        self._inner, self._watch = inner, watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def poll(self, timeout_seconds: float, max_records: int) -> PollResult:
        result = self._inner.poll(timeout_seconds, max_records)
        if result.records:
            self._watch.polled()
        return result

    def commit(self, *arguments: Any) -> None:
        self._inner.commit(*arguments)
        self._watch.committed()


class _WatchedPublisher:
    """A transactional publisher that tells a stopwatch, and how long its transactions took."""

    def __init__(self, inner: Any, watch: _Stopwatch) -> None:
        self._inner, self._watch = inner, watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def publish(self, *arguments: Any) -> None:
        self._inner.publish(*arguments)
        self._watch.committed()


class _WatchedBroker:
    """A broker whose parts tell a stopwatch."""

    def __init__(self, inner: Broker, watch: _Stopwatch) -> None:
        self._inner, self._watch = inner, watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def subscribe(self, *arguments: Any, **options: Any) -> Any:
        return _WatchedSubscription(self._inner.subscribe(*arguments, **options), self._watch)

    def publisher(self) -> Publisher:
        return self._inner.publisher()

    def transactional_publisher(self, transactional_id: str) -> Any:
        return _WatchedPublisher(self._inner.transactional_publisher(transactional_id), self._watch)


class _MemorySampler:
    """Takes resident memory at every n-th of the posts, on a thread of its own."""

    def __init__(self, metrics: Metrics, posts: int, samples: int) -> None:
        self._metrics, self._posts, self._samples = metrics, posts, samples
        self._taken: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        if samples:
            self._thread.start()

    def end(self) -> list[float]:
        """Resident memory in MB; the last sample is taken at the end."""
        self._ended.set()
        if self._samples:
            self._thread.join()
        return [round(one, 1) for one in self._taken]

    def _run(self) -> None:
        memory = psutil.Process().memory_info
        while len(self._taken) < self._samples:
            done = sum(
                one.value for one in self._metrics.post_seconds.collect()[0].samples if one.name.endswith("_count")
            )
            if done >= self._posts * (len(self._taken) + 1) / self._samples or self._ended.is_set():
                self._taken.append(memory().rss / 2**20)
            else:
                self._ended.wait(0.02)


def pipeline(
    broker_url: str,
    cache_url: str,
    topics: dict[str, str],
    posts: int,
    delivery: str,
    picture_host: str = "",
    samples: int = 0,
    cache_bytes: int = 2**24,
) -> dict[str, Any]:
    """The pipeline with the fake engine; every post gets all six records.

    With `samples`, resident memory is taken at so many equal steps of the way.
    """
    clock, watch, engine = SystemClock(), _Stopwatch(), FakeEngine()
    metrics = Metrics(CollectorRegistry())
    policy = load_policy(None).model_copy(update={"otherwise": "review"})
    cache = open_cache(cache_url, ttl_seconds=3600, timeout_seconds=1, max_bytes=cache_bytes, clock=clock)
    outputs = OutputTopics(**{name: topics[name] for name in OutputTopics.__dataclass_fields__})
    rules = FetchingRules(
        schemes=frozenset({"http"}), hosts=(picture_host,) if picture_host else (), private_networks=("127.0.0.0/8",)
    )
    services = Services(
        broker=_WatchedBroker(open_broker(broker_url, KafkaSettings()), watch),  # type: ignore[arg-type] # a delegate
        engine=engine,
        cache=ScoreCache(GuardedCache(cache, clock=clock), engine.description.identity.scores_key),
        fetcher=ImageFetcher(rules, clock),
        judge=Judge(policy, engine.description),
        writer=VerdictWriter(outputs, engine.description, policy),
        clock=clock,
        metrics=metrics,
    )
    options = PipelineOptions(
        topic=topics["input"],
        group=topics["group"],
        dead_letters=DeadLetterOptions(topics["dead"], topics["group"], "benchmark", 2**20),
        delivery="exactly-once" if delivery == "exactly-once" else "at-least-once",
        transactional_id=f"{topics['group']}-0",
        batching=BatchLimits(),
        polling=PollLimits(max_posts=posts, max_records=_BATCH),
        publish_posts=_BATCH,
    )
    memory = _MemorySampler(metrics, posts, samples)
    Pipeline(services, options).run()
    steps = {
        sample.labels["step"]: sample.value / posts * 1e6
        for sample in next(iter(metrics.step_seconds.collect())).samples
        if sample.name.endswith("_total")
    }
    publishes = next(
        one.value for one in next(iter(metrics.publish_posts.collect())).samples if one.name.endswith("_count")
    )
    return watch.result(posts) | {"resident_mb": memory.end(), "steps_us_per_post": steps, "publishes": publishes}


def transactions(broker_url: str, topics: dict[str, str], posts: int) -> dict[str, Any]:
    """Milliseconds that writing one small record takes, in a transaction with an offset and without: medians."""
    broker = open_broker(broker_url, KafkaSettings())
    subscription = broker.subscribe(
        topics["input"], topics["group"], start_at=StartAt.EARLIEST, on_revoked=lambda _partitions, _lost: {}
    )
    polled = subscription.poll(0.2, 1)
    while not polled.records:
        polled = subscription.poll(0.2, 1)
    first = polled.records[0]
    transactional, plain = broker.transactional_publisher(f"{topics['group']}-0"), broker.publisher()
    record = OutputRecord(topics["verdicts"], b"key", b"value")
    within, without = [], []
    for _ in range(posts):
        within.append(_milliseconds(lambda: transactional.publish([record], {first.partition: 1}, polled.snapshot)))
        without.append(_milliseconds(lambda: plain.publish([record])))
    transactional.close()
    plain.close()
    subscription.close()
    return {"ms_within": statistics.median(within), "ms_without": statistics.median(without)}


def _milliseconds(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


_SIDES: dict[str, Callable[..., dict[str, Any]]] = {"bare": bare, "pipeline": pipeline, "transactions": transactions}


def main() -> None:
    """Run the side that the argument names, and print its result in one line."""
    order = json.loads(sys.argv[1])
    result = _SIDES[order.pop("side")](**order)
    result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(result))


if __name__ == "__main__":
    main()
