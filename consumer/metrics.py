"""Every metric of the consumer with its meaning: this file is the operator's manual of them."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from .brokers.interface import Partition
from .judging.judge import Judgement
from .running.liveness import PipelineState
from .tracking.tickets import Ticket

__all__ = ["CacheMetrics", "Metrics", "StepName"]

StepName = Literal["decode", "fetch", "lookup", "score", "keep", "judge", "explain", "publish", "commit"]
"""Label of `memelens_step_seconds_total`: `keep` puts scores into the cache, `publish` includes acknowledgements."""

_BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
_SECONDS_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """Metrics in a registry of their own; safe to share between threads."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(f"memelens_{name}", meaning, labels, registry=registry)

        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(f"memelens_{name}", meaning, labels, registry=registry)

        def histogram(name: str, meaning: str, buckets: tuple[float, ...]) -> Histogram:
            return Histogram(f"memelens_{name}", meaning, buckets=buckets, registry=registry)

        self.polled = counter("polled", "Records admitted from the input topic.")
        self.finished = counter("finished", "Posts whose outputs are acknowledged.", "outcome")
        """outcome: verdict, deletion, dead-letter."""
        self.dead_letters = counter("dead_letters", "Records that couldn't be judged.", "kind")
        self.poison_share = gauge("poison_share", "Share of dead letters among the last posts (see docs/pipeline.md).")
        self.flagged = counter("flagged", "Flagged answers.", "task", "language")
        self.cache_lookups = counter("cache_lookups", "Looked up in the cache.", "what", "result")
        """what: scores, rationales; result: hit, miss."""
        self.cache_seconds = counter("cache_seconds", "Seconds that calls of the cache took.", "operation")
        self.cache_failures = counter("cache_failures", "Calls that failed, or weren't tried.", "operation")
        self.cache_open = gauge("cache_breaker_open", "1 while the cache isn't asked because it doesn't answer.")
        self.shared = counter("shared_scores", "Posts that took the scores of an equal meme in flight.")
        self.erase_failures = counter("erase_failures", "Deletions whose cache entries are left to expire.")
        self.unexplained = counter("unexplained", "Rationales that the model couldn't give; verdicts went without.")
        self.batch_posts = histogram("batch_posts", "Memes in a batch of the engine.", _BATCH_BUCKETS)
        self.batch_age = histogram("batch_age_seconds", "Wait of a batch's oldest meme.", _SECONDS_BUCKETS)
        self.publish_posts = histogram("publish_posts", "Posts published together.", _BATCH_BUCKETS)
        self.post_seconds = histogram("post_seconds", "From poll to acknowledged outputs.", _SECONDS_BUCKETS)
        self.step_seconds = counter("step_seconds", "Seconds that a step worked or waited for its dependency.", "step")
        self.step_posts = counter("step_posts", "Posts that went through a step.", "step")
        self.retries = counter("retries", "Attempts that failed and are made again.", "step")
        self.dropped = counter("dropped", "Posts in flight forgotten, because their partition was given up or rewound.")
        self.rewinds = counter("rewinds", "Transactions of unknown or refused outcome: read again from the commit.")
        self.in_flight_posts = gauge("in_flight_posts", "Posts between poll and acknowledged outputs.")
        self.in_flight_bytes = gauge("in_flight_bytes", "Their bytes, fetched pictures included.")
        self.lag = gauge("lag_records", "Records behind the end of the partition.", "partition")
        self.halted = gauge("halted", "1 while a person must act.")
        self.engine_restarts = counter("engine_restarts", "Lost model workers.", "death")

    @contextmanager
    def step(self, name: StepName, posts: int) -> Iterator[None]:
        """Time what a step does with so many posts."""
        started = perf_counter()
        try:
            yield
        finally:
            self.step_seconds.labels(name).inc(perf_counter() - started)
            self.step_posts.labels(name).inc(posts)

    def watch(self, state: Callable[[], PipelineState]) -> None:
        """Read the gauges of a pipeline whenever they are asked for."""
        self.in_flight_posts.set_function(lambda: state().in_flight_posts)
        self.in_flight_bytes.set_function(lambda: state().in_flight_bytes)
        self.halted.set_function(lambda: state().halted is not None)

    def looked_up(self, what: Literal["scores", "rationales"], hits: int, misses: int) -> None:
        """Count lookups."""
        self.cache_lookups.labels(what, "hit").inc(hits)
        self.cache_lookups.labels(what, "miss").inc(misses)

    def judged(self, judgements: Iterable[tuple[Judgement, str]]) -> None:
        """Count flags of (judgement, language)."""
        flags: Tally[tuple[str, str]] = Tally()
        for judgement, language in judgements:
            if judgement.any_flagged:
                flags.update(
                    (one.task.value, language)
                    for one, flagged in zip(judgement.sets, judgement.flagged, strict=True)
                    if flagged
                )
        for labels, count in flags.items():
            self.flagged.labels(*labels).inc(count)

    def acknowledged(self, tickets: Iterable[Ticket], now: float) -> None:
        """Count posts that are through."""
        outcomes: Tally[str] = Tally()
        kinds: Tally[str] = Tally()
        for ticket in tickets:
            self.post_seconds.observe(now - ticket.admitted_at)
            if ticket.kind:
                kinds[ticket.kind] += 1
            outcomes["dead-letter" if ticket.kind else "deletion" if ticket.erases is not None else "verdict"] += 1
        for outcome, count in outcomes.items():
            self.finished.labels(outcome).inc(count)
        for kind, count in kinds.items():
            self.dead_letters.labels(kind).inc(count)

    def outcomes(self) -> dict[str, int]:
        """Posts that are through, by outcome, since the start."""
        samples = next(iter(self.finished.collect())).samples
        return {one.labels["outcome"]: int(one.value) for one in samples if one.name.endswith("_total")}

    def lags(self, lags: Mapping[Partition, int]) -> None:
        """Lag of the partitions held; those given up disappear."""
        self.lag.clear()
        for partition, lag in lags.items():
            self.lag.labels(str(partition.index)).set(lag)

    def retried(self, step: str) -> None:
        """For `Retrying(on_retry=…)`."""
        self.retries.labels(step).inc()

    def engine_died(self, death: str) -> None:
        """For `open_engine(on_death=…)`."""
        self.engine_restarts.labels(death).inc()


class CacheMetrics:
    """`CacheObserver` that counts."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def called(self, operation: str, seconds: float) -> None:
        self._metrics.cache_seconds.labels(operation).inc(seconds)

    def failed(self, operation: str, error: Exception) -> None:  # noqa: ARG002 - the contract of CacheObserver
        self._metrics.cache_failures.labels(operation).inc()

    def skipped(self, operation: str) -> None:
        self._metrics.cache_failures.labels(operation).inc()

    def breaker(self, *, is_open: bool) -> None:
        self._metrics.cache_open.set(is_open)
