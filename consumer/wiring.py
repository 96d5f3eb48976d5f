"""Which step hands on to which: the pipeline's parts, put together from what they need."""

from collections.abc import Mapping

from .brokers.interface import Partition, Subscription
from .errors import BrokerUnavailableError
from .parts import Parts, PipelineOptions, Services, Shared
from .running.loops import Step
from .running.mailbox import Mailbox
from .steps.engine_turns import EngineTurns
from .steps.erasing import Erasing
from .steps.explain import ExplainStep
from .steps.fetch import FetchStage
from .steps.intake import IntakeStep
from .steps.judge import JudgeStep, Writing
from .steps.lookup import LookupStep
from .steps.poison_watch import PoisonWatch
from .steps.poll import PollStep
from .steps.publish import AtLeastOnce, Delivery, PublishStep
from .steps.refusing import Refusing
from .steps.score import BatchQueue, ScoreStep
from .steps.single_flight import SingleFlight
from .steps.transactions import ExactlyOnce
from .steps.upkeep import LagWatch, ProbeStep
from .tracking.tickets import Ready, Scored, Ticket, Unexplained, Wanted

__all__ = ["wire"]


def wire(services: Services, options: PipelineOptions, shared: Shared) -> Parts:
    """Connect to the broker, and put everything together.

    Raises:
        OperatorError: the broker refuses us.
        StoppedError: the pipeline was stopped before the broker answered.
    """
    return _Wiring(services, options, shared).parts()


class _Wiring:
    """What several parts share, and the parts made of it."""

    def __init__(self, services: Services, options: PipelineOptions, shared: Shared) -> None:
        self._services, self._options, self._shared = services, options, shared
        self._exactly_once = options.delivery == "exactly-once"
        self._polled, self._ready, self._scored = Mailbox[Ticket](), Mailbox[Ready](), Mailbox[Scored]()
        self._unexplained, self._done = Mailbox[Unexplained](), Mailbox[Ticket]()
        self._refusing = Refusing(options.dead_letters, services.clock)
        self._erasing = Erasing(services.cache, services.clock, services.metrics)

    def parts(self) -> Parts:
        subscription = self._subscribe()
        try:
            polling = self._poll(subscription)
            delivery = self._deliver(subscription, polling)
        except Exception:
            subscription.close()
            raise
        fetching = self._fetch()
        lag = self._watch_lag(subscription, polling)
        probing = self._probe()
        steps = (polling, self._take_in(fetching), *self._judge(), self._publish(delivery, lag), probing)
        return Parts(subscription, delivery, self._erasing, fetching, polling, probing, steps)

    def _subscribe(self) -> Subscription:
        options, shared = self._options, self._shared

        def on_revoked(partitions: frozenset[Partition], lost: bool) -> Mapping[Partition, int]:
            waits = not lost and shared.control.halted is None
            watermarks = shared.lanes.revoke(partitions, wait_seconds=options.revocation_seconds if waits else 0)
            # With transactions, what is finished is committed already.
            return {} if lost or self._exactly_once else watermarks

        def subscribe() -> Subscription:
            broker = self._services.broker
            return broker.subscribe(options.topic, options.group, start_at=options.start_at, on_revoked=on_revoked)

        return shared.starting.call("subscribe", subscribe, BrokerUnavailableError)

    def _poll(self, subscription: Subscription) -> PollStep:
        shared = self._shared
        return PollStep(
            subscription,
            shared.lanes,
            shared.in_flight,
            self._polled,
            limits=self._options.polling,
            control=shared.control,
            retrying=shared.retrying,
            clock=self._services.clock,
            metrics=self._services.metrics,
        )

    def _deliver(self, subscription: Subscription, polling: PollStep) -> Delivery:
        services, options, shared = self._services, self._options, self._shared
        lanes, retrying, refusing, metrics = shared.lanes, shared.retrying, self._refusing, services.metrics
        if self._exactly_once:
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

    def _fetch(self) -> FetchStage:
        shared = self._shared
        return FetchStage(
            self._services.fetcher,
            self._ready,
            self._done,
            threads=self._options.fetch_threads,
            limits=self._options.intake.preparing,
            in_flight=shared.in_flight,
            lanes=shared.lanes,
            control=shared.control,
            retrying=shared.retrying,
            refusing=self._refusing,
            metrics=self._services.metrics,
        )

    def _take_in(self, fetching: FetchStage) -> Step:
        return IntakeStep(
            self._polled,
            fetching,
            self._ready,
            self._done,
            contiguous=self._exactly_once,
            limits=self._options.intake,
            lanes=self._shared.lanes,
            writer=self._services.writer,
            refusing=self._refusing,
            clock=self._services.clock,
            metrics=self._services.metrics,
        )

    def _judge(self) -> tuple[Step, ...]:
        """Looking up, scoring, judging and explaining."""
        services, batching, refusing, done = self._services, self._options.batching, self._refusing, self._done
        cache, lanes, clock, metrics = services.cache, self._shared.lanes, services.clock, services.metrics
        flights = SingleFlight[Wanted]()
        engine = EngineTurns(services.engine, self._shared.retrying)
        queue = BatchQueue(batching, engine, clock)
        writing = Writing(services.writer, refusing, clock)
        return (
            LookupStep(
                self._ready, queue, flights, self._scored, cache=cache, lanes=lanes, clock=clock, metrics=metrics
            ),
            ScoreStep(
                queue,
                flights,
                self._scored,
                done,
                engine=engine,
                cache=cache,
                lanes=lanes,
                refusing=refusing,
                clock=clock,
                metrics=metrics,
            ),
            JudgeStep(
                self._scored,
                self._unexplained,
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
                self._unexplained,
                done,
                most_posts=batching.max_posts,
                engine=engine,
                writing=writing,
                cache=cache,
                lanes=lanes,
                clock=clock,
                metrics=metrics,
            ),
        )

    def _watch_lag(self, subscription: Subscription, polling: PollStep) -> LagWatch:
        return LagWatch(
            subscription,
            lambda: polling.snapshot,
            every_seconds=self._options.lag_seconds,
            lanes=self._shared.lanes,
            clock=self._services.clock,
            metrics=self._services.metrics,
        )

    def _publish(self, delivery: Delivery, lag: LagWatch) -> Step:
        services, options, shared = self._services, self._options, self._shared
        return PublishStep(
            self._done,
            delivery,
            most_posts=options.publish_posts,
            in_flight=shared.in_flight,
            lanes=shared.lanes,
            erasing=self._erasing,
            poison=PoisonWatch(options.poison, services.metrics),
            lag=lag,
            clock=services.clock,
            metrics=services.metrics,
        )

    def _probe(self) -> ProbeStep:
        services, options = self._services, self._options
        return ProbeStep(
            services.probe, every_seconds=options.probe_seconds, control=self._shared.control, clock=services.clock
        )
