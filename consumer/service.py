"""From settings to what commands work with: a broker, a cache, an engine, and the rules of the consumer."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from ..model.engine import Engine
from ..model.opening import EngineSpec, open_engine
from ..model.supervisor import Death, WorkerLimits
from .brokers.interface import Broker
from .brokers.opening import open_broker
from .cache.interface import Cache
from .cache.opening import open_cache
from .clock import Clock
from .images.rules import FetchingRules
from .preparing import PreparingLimits
from .settings import Settings
from .wire.decoding import DecodingLimits
from .wire.verdicts import OutputTopics

__all__ = [
    "cache_of",
    "connect",
    "decoding_limits",
    "fetching_rules",
    "output_topics_of",
    "preparing_limits",
    "start_engine",
]


@contextmanager
def connect(settings: Settings) -> Iterator[Broker]:
    """The broker of the settings, connected and authenticated; closed at the end.

    Raises:
        BrokerUnavailableError, OperatorError: as `Broker.check` says, within `limits.start_seconds`.
    """
    with closing(open_broker(settings.broker, settings.kafka)) as broker:
        broker.check(settings.limits.start_seconds)
        yield broker


def start_engine(settings: Settings, on_death: Callable[[Death], None] = lambda _: None) -> Engine:
    """The model of the settings, loaded.

    Raises:
        CheckpointError: it can't be served as it is.
        EngineUnavailableError: its process died, or wasn't ready in time.
    """
    engine = settings.engine
    how = engine.model_dump(exclude={"start_seconds", "call_seconds"})
    limits = WorkerLimits(start_seconds=engine.start_seconds, call_seconds=engine.call_seconds)
    return open_engine(EngineSpec(model=settings.model, **how), limits, on_death)


def cache_of(settings: Settings, clock: Clock) -> Cache:
    """The cache of the settings, not connected to yet, its errors unguarded."""
    caching = settings.caching
    return open_cache(
        settings.cache,
        ttl_seconds=caching.ttl_seconds,
        timeout_seconds=caching.timeout_seconds,
        max_bytes=caching.max_bytes,
        clock=clock,
    )


def preparing_limits(settings: Settings) -> PreparingLimits:
    """Caps on texts and pictures."""
    return PreparingLimits(
        max_text_characters=settings.limits.max_text_characters,
        max_image_bytes=settings.images.max_bytes,
        max_image_pixels=settings.images.max_pixels,
    )


def decoding_limits(settings: Settings) -> DecodingLimits:
    """Caps on records."""
    return DecodingLimits(settings.limits.max_record_bytes, settings.images.max_bytes)


def fetching_rules(settings: Settings) -> FetchingRules:
    """Where references to pictures may lead."""
    return FetchingRules(**settings.images.model_dump(exclude={"max_pixels"}))


def output_topics_of(settings: Settings) -> OutputTopics:
    """Where verdicts go."""
    return OutputTopics(**settings.topics.model_dump(exclude={"input", "dead_letter"}))
