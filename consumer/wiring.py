"""Which step hands on to which: the pipeline's parts, put together from what they need."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..model.engine import Engine
from .batching import BatchLimits
from .brokers.interface import Broker, Partition, StartAt, Subscription
from .cache.scores import ScoreCache
from .clock import Clock
from .engine_turns import EngineTurns
from .erasing import Erasing
from .errors import BrokerUnavailableError
from .explain_stage import ExplainStep
from .fetch_stage import FetchStage
from .flow import FlowLimits, InFlight
from .halting import Control
from .images.fetching import ImageFetcher
from .intake_stage import IntakeLimits, IntakeStep
from .judge_stage import JudgeStep, Writing
from .judging import Judge
from .lanes import Lanes
from .lookup_stage import LookupStep
from .loops import Step
from .mailbox import Mailbox
from .metrics import Metrics
from .poison_watch import PoisonLimits, PoisonWatch
from .polling import PollLimits, PollStep
from .publishing import AtLeastOnce, CommitLimits, Delivery, PublishStep
from .refusing import DeadLetterOptions, Refusing
from .retrying import Retrying, RetryLimits
from .score_stage import BatchQueue, ScoreStep
from .single_flight import SingleFlight
from .tickets import Ready, Scored, Ticket, Unexplained, Wanted
from .transactions import ExactlyOnce
from .upkeep import LagWatch, ProbeStep
from .verdicts import VerdictWriter

__all__ = ["Parts", "PipelineOptions", "Services", "Shared", "wire"]


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


def wire(services: Services, options: PipelineOptions, shared: Shared) -> Parts:
    """Connect to the broker, and put everything together.

    Raises:
        OperatorError: the broker refuses us.
        StoppedError: the pipeline was stopped before the broker answered.
    """
    control, in_flight, lanes, retrying = shared.control, shared.in_flight, shared.lanes, shared.retrying
    clock, metrics, cache = services.clock, services.metrics, services.cache
    contiguous = options.delivery == "exactly-once"
    refusing = Refusing(options.dead_letters, clock)
    polled = Mailbox[Ticket]()
    ready = Mailbox[Ready]()
    scored = Mailbox[Scored]()
    unexplained = Mailbox[Unexplained]()
    done = Mailbox[Ticket]()
    flights = SingleFlight[Wanted]()
    engine = EngineTurns(services.engine, retrying)
    queue = BatchQueue(options.batching, engine, clock)
    writing = Writing(services.writer, refusing, clock)
    erasing = Erasing(cache, clock, metrics)

    subscription = _subscribe(services, options, shared)
    polling = PollStep(
        subscription,
        lanes,
        in_flight,
        polled,
        limits=options.polling,
        control=control,
        retrying=retrying,
        clock=clock,
        metrics=metrics,
    )
    try:
        delivery = _delivery(services, options, shared, subscription, polling, refusing)
    except Exception:
        subscription.close()
        raise
    fetching = FetchStage(
        services.fetcher,
        ready,
        done,
        threads=options.fetch_threads,
        limits=options.intake.preparing,
        in_flight=in_flight,
        lanes=lanes,
        control=control,
        retrying=retrying,
        refusing=refusing,
        metrics=metrics,
    )
    steps: tuple[Step, ...] = (
        polling,
        IntakeStep(
            polled,
            fetching,
            ready,
            done,
            contiguous=contiguous,
            limits=options.intake,
            lanes=lanes,
            writer=services.writer,
            refusing=refusing,
            clock=clock,
            metrics=metrics,
        ),
        LookupStep(ready, queue, flights, scored, cache=cache, lanes=lanes, clock=clock, metrics=metrics),
        ScoreStep(
            queue,
            flights,
            scored,
            done,
            engine=engine,
            cache=cache,
            lanes=lanes,
            refusing=refusing,
            clock=clock,
            metrics=metrics,
        ),
        JudgeStep(
            scored,
            unexplained,
            done,
            judge=services.judge,
            writing=writing,
            cache=cache,
            lanes=lanes,
            refusing=refusing,
            clock=clock,
            metrics=metrics,
        ),
        ExplainStep(
            unexplained,
            done,
            most_posts=options.batching.max_posts,
            engine=engine,
            writing=writing,
            cache=cache,
            lanes=lanes,
            clock=clock,
            metrics=metrics,
        ),
        PublishStep(
            done,
            delivery,
            most_posts=options.publish_posts,
            in_flight=in_flight,
            lanes=lanes,
            erasing=erasing,
            poison=PoisonWatch(options.poison, metrics),
            lag=LagWatch(
                subscription,
                lambda: polling.snapshot,
                every_seconds=options.lag_seconds,
                lanes=lanes,
                clock=clock,
                metrics=metrics,
            ),
            clock=clock,
            metrics=metrics,
        ),
        ProbeStep(services.probe, every_seconds=options.probe_seconds, control=control, clock=clock),
    )
    return Parts(subscription, delivery, erasing, fetching, polling, steps)


def _subscribe(services: Services, options: PipelineOptions, shared: Shared) -> Subscription:
    lanes, exactly_once = shared.lanes, options.delivery == "exactly-once"

    def on_revoked(partitions: frozenset[Partition], lost: bool) -> Mapping[Partition, int]:
        waits = not lost and shared.control.halted is None
        watermarks = lanes.revoke(partitions, wait_seconds=options.revocation_seconds if waits else 0)
        # With transactions, what is finished is committed already.
        return {} if lost or exactly_once else watermarks

    return shared.starting.call(
        "subscribe",
        lambda: services.broker.subscribe(
            options.topic, options.group, start_at=options.start_at, on_revoked=on_revoked
        ),
        BrokerUnavailableError,
    )


def _delivery(  # noqa: PLR0913, PLR0917 - one part each
    services: Services,
    options: PipelineOptions,
    shared: Shared,
    subscription: Subscription,
    polling: PollStep,
    refusing: Refusing,
) -> Delivery:
    lanes, retrying, metrics = shared.lanes, shared.retrying, services.metrics
    if options.delivery == "exactly-once":
        transactional = shared.starting.call(
            "transaction",
            lambda: services.broker.transactional_publisher(options.transactional_id),
            BrokerUnavailableError,
        )
        return ExactlyOnce(
            transactional, subscription, lanes=lanes, retrying=retrying, refusing=refusing, metrics=metrics
        )
    publisher = shared.starting.call("publisher", services.broker.publisher, BrokerUnavailableError)
    return AtLeastOnce(
        publisher,
        subscription,
        lambda: polling.snapshot,
        limits=options.commits,
        lanes=lanes,
        retrying=retrying,
        refusing=refusing,
        clock=services.clock,
        metrics=metrics,
    )
