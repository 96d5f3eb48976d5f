"""From settings to the parts of a pipeline and its options."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager

from .. import __version__
from ..model.engine import Engine
from .brokers.interface import Broker, StartAt, TopicDescription
from .cache.guarded import GuardedCache
from .cache.scores import ScoreCache
from .clock import Clock
from .images.fetching import ImageFetcher
from .judging.judge import Judge
from .judging.policy import Policy
from .metrics import CacheMetrics, Metrics
from .parts import PipelineOptions, Services
from .service import cache_of, decoding_limits, fetching_rules, output_topics_of, preparing_limits
from .settings import Settings
from .settings_loading import ordinal_of
from .steps.batching import BatchLimits
from .steps.intake import IntakeLimits
from .steps.poison_watch import PoisonLimits
from .steps.poll import PollLimits
from .steps.refusing import DeadLetterOptions
from .tracking.flow import FlowLimits
from .wire.verdicts import VerdictWriter

__all__ = ["compose", "pipeline_options"]


@contextmanager
def compose(  # noqa: PLR0913 - what it is composed of
    settings: Settings,
    *,
    policy: Policy,
    broker: Broker,
    engine: Engine,
    probe: Callable[[], object],
    metrics: Metrics,
    clock: Clock,
) -> Iterator[Services]:
    """What a pipeline uses; the cache and the fetcher, which are opened here, are closed at the end."""
    cache = GuardedCache(cache_of(settings, clock), clock=clock, observer=CacheMetrics(metrics))
    salt = settings.caching.salt.get_secret_value()
    with closing(cache), closing(ImageFetcher(fetching_rules(settings), clock)) as fetcher:
        yield Services(
            broker=broker,
            engine=engine,
            cache=ScoreCache(
                cache,
                engine.description.identity.scores_key,
                rationale_tokens=engine.description.rationale_tokens,
                salt=salt,
            ),
            fetcher=fetcher,
            judge=Judge(policy, engine.description),
            writer=VerdictWriter(output_topics_of(settings), engine.description, policy, settings.carry_headers),
            clock=clock,
            metrics=metrics,
            probe=probe,
        )


def pipeline_options(
    settings: Settings, polling: PollLimits, topics: Mapping[str, TopicDescription]
) -> PipelineOptions:
    """How the pipeline works; `topics` are as the broker describes them."""
    limits, batching, poison = settings.limits, settings.batching, settings.poison
    letters = topics[settings.topics.dead_letter]
    return PipelineOptions(
        topic=settings.topics.input,
        group=settings.group,
        dead_letters=DeadLetterOptions(letters.name, settings.group, __version__, letters.max_message_bytes),
        delivery=settings.delivery,
        transactional_id=f"{settings.group}-{ordinal_of(settings)}",
        start_at=StartAt(settings.start_at),
        polling=polling,
        flow=FlowLimits(limits.in_flight_posts, limits.in_flight_bytes),
        intake=IntakeLimits(decoding_limits(settings), preparing_limits(settings)),
        batching=BatchLimits(batching.max_posts, batching.max_age_ms / 1000, settings.engine.token_budget),
        poison=PoisonLimits(poison.share, poison.window, poison.halts),
        fetch_threads=limits.fetch_threads,
        drain_seconds=limits.drain_seconds,
    )
