"""What a pipeline is made of: its options, the services it uses, what its threads share, and its parts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from ..model.engine import Engine
from .brokers.interface import Broker, StartAt, Subscription
from .cache.scores import ScoreCache
from .clock import Clock
from .images.fetching import ImageFetcher
from .judging.judge import Judge
from .metrics import Metrics
from .running.halting import Control
from .running.loops import Step
from .running.retrying import Retrying, RetryLimits
from .steps.batching import BatchLimits
from .steps.erasing import Erasing
from .steps.fetch import FetchStage
from .steps.intake import IntakeLimits
from .steps.poison_watch import PoisonLimits
from .steps.poll import PollLimits, PollStep
from .steps.publish import CommitLimits, Delivery
from .steps.refusing import DeadLetterOptions
from .steps.upkeep import ProbeStep
from .tracking.flow import FlowLimits, InFlight
from .tracking.lanes import Lanes
from .wire.verdicts import VerdictWriter

__all__ = ["Parts", "PipelineOptions", "Services", "Shared"]


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """What to read and how. `transactional_id` is needed for exactly-once: the same after a restart, of nobody else.

    `revocation_seconds` bounds the wait for work in flight when partitions are given up, `drain_seconds` the one when
    the pipeline stops. Lag is measured every `lag_seconds`, `Services.probe` called every `probe_seconds`.
    """

    topic: str
    group: str
    dead_letters: DeadLetterOptions
    delivery: Literal["at-least-once", "exactly-once"] = "at-least-once"
    transactional_id: str = ""
    start_at: StartAt = StartAt.EARLIEST
    polling: PollLimits = field(default_factory=PollLimits)
    flow: FlowLimits = field(default_factory=FlowLimits)
    intake: IntakeLimits = field(default_factory=IntakeLimits)
    batching: BatchLimits = field(default_factory=BatchLimits)
    commits: CommitLimits = field(default_factory=CommitLimits)
    retries: RetryLimits = field(default_factory=RetryLimits)
    poison: PoisonLimits = field(default_factory=PoisonLimits)
    fetch_threads: int = 16
    publish_posts: int = 500
    revocation_seconds: float = 10.0
    drain_seconds: float = 25.0
    lag_seconds: float = 15.0
    probe_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Services:
    """What the pipeline uses and doesn't own: whoever opened them closes them.

    `probe` raises OperatorError where broker or topics aren't what the pipeline needs; it is called on a thread of its
    own and may block.
    """

    broker: Broker
    engine: Engine
    cache: ScoreCache
    fetcher: ImageFetcher
    judge: Judge
    writer: VerdictWriter
    clock: Clock
    metrics: Metrics
    probe: Callable[[], object] = lambda: None


@dataclass(frozen=True, slots=True)
class Parts:
    """A pipeline that is connected and doesn't turn yet."""

    subscription: Subscription
    delivery: Delivery
    erasing: Erasing
    fetching: FetchStage
    polling: PollStep
    probing: ProbeStep
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """What the threads of one pipeline share."""

    control: Control
    in_flight: InFlight
    lanes: Lanes
    retrying: Retrying
    starting: Retrying
    """As `retrying`, but given up as soon as the pipeline is to stop: nothing is in flight yet."""
