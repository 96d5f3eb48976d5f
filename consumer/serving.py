"""The consumer as a process: it starts what the pipeline needs in the order in which it can fail, and takes it down."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from typing import TypeVar

import structlog
from prometheus_client import CollectorRegistry

from ..model.engine import Engine
from ..model.errors import CheckpointError, EngineUnavailableError
from .brokers.interface import Broker, TopicDescription
from .brokers.opening import open_broker
from .clock import Clock
from .composing import compose, pipeline_options
from .errors import BrokerUnavailableError, OperatorError
from .judging.policy_loading import load_policy
from .metrics import Metrics
from .pipeline import Pipeline
from .running.halting import Control, StoppedError
from .running.health import HealthServer
from .running.liveness import LivenessLimits, alive, ready
from .running.retrying import Retrying, RetryLimits
from .service import start_engine
from .settings import Settings
from .steps.poll import PollLimits
from .topics import require_topics
from .tracking.flow import FlowLimits, InFlight

__all__ = ["Service"]

_Result = TypeVar("_Result")
_log = structlog.get_logger(__name__)


class Service:
    """`memelens run`. Call `run` once; `stop`, `alive` and `ready` from any thread, `stop` from a signal handler too.

    Raises:
        SettingsError: the policy isn't one.
    """

    def __init__(self, settings: Settings, polling: PollLimits, clock: Clock, registry: CollectorRegistry) -> None:
        self._settings, self._polling, self._clock, self._registry = settings, polling, clock, registry
        self._policy = load_policy(settings.policy)
        self._metrics = Metrics(registry)
        self._control = Control(stays_alive=not polling.finite)
        stopping, nothing = self._control.stopping, InFlight(FlowLimits())
        self._starting = Retrying(stopping, clock, nothing, RetryLimits(), self._metrics.retried)
        self._pipeline: Pipeline | None = None

    def run(self) -> None:
        """Serve until `stop`, or until `polling` says so.

        Where a person must act it stays alive, says at `/readyz` what to do, and waits for `stop`; where a dependency
        doesn't answer yet it tries again. A run that is to end by itself raises both.

        Raises:
            OperatorError: a person must act, and it was to end by itself; or the health port is taken.
            BrokerUnavailableError, EngineUnavailableError: not there at the start, and it was to end by itself.
            FencedError: another process took this one's place.
        """
        with ExitStack() as stack:
            self._serve_health(stack)
            try:
                self._pipeline = self._start(stack)
            except StoppedError:
                return
            except (OperatorError, CheckpointError) as error:
                self._halt(error)
                return
            if self._control.stopping.is_set():
                return
            self._pipeline.run()
            _log.info("stopped", **self._metrics.outcomes())

    def stop(self, reason: str = "asked to") -> None:
        """Finish what is in flight, commit, end. Idempotent."""
        self._control.stop(reason)
        if self._pipeline is not None:
            self._pipeline.stop(reason)

    @property
    def begun(self) -> bool:
        """Whether anything was read: before that, the process may end at any moment."""
        return self._pipeline is not None

    def alive(self) -> str | None:
        """None, or why the process should be killed."""
        return None if self._pipeline is None else alive(self._pipeline.state, LivenessLimits())

    def ready(self) -> str | None:
        """None, or why no posts are judged now."""
        if self._pipeline is not None:
            return ready(self._pipeline.state)
        if self._control.halted:
            return f"halted: {self._control.halted}"
        return f"waiting for {', '.join(self._starting.waiting)}" if self._starting.waiting else "starting"

    def outcomes(self) -> Mapping[str, int]:
        """Posts that are through, by outcome (verdict, deletion, dead-letter), since the start."""
        return self._metrics.outcomes()

    def _serve_health(self, stack: ExitStack) -> None:
        host, port = self._settings.health.host, self._settings.health.port
        if port is not None:
            server = HealthServer(host, port, alive=self.alive, ready=self.ready, registry=self._registry)
            stack.enter_context(closing(server))
            _log.info("health", host=host, port=server.port)

    def _start(self, stack: ExitStack) -> Pipeline:
        """Broker and topics first, since they answer fast; the model last, since it takes longest."""
        settings = self._settings
        broker = stack.enter_context(closing(open_broker(settings.broker, settings.kafka)))
        topics = self._until_there("broker", lambda: self._probe(broker))
        _log.info("broker", url=broker.url, group=settings.group, topic=settings.topics.input)
        engine = stack.enter_context(closing(self._load_engine()))
        services = compose(
            settings,
            policy=self._policy,
            broker=broker,
            engine=engine,
            probe=lambda: self._probe(broker),
            metrics=self._metrics,
            clock=self._clock,
        )
        return Pipeline(stack.enter_context(services), pipeline_options(settings, self._polling, topics))

    def _until_there(self, step: str, operation: Callable[[], _Result]) -> _Result:
        if self._polling.finite:
            return operation()
        return self._starting.call(step, operation, (BrokerUnavailableError, EngineUnavailableError))

    def _probe(self, broker: Broker) -> Mapping[str, TopicDescription]:
        broker.check(self._settings.limits.start_seconds)
        return require_topics(broker, self._settings.topics)

    def _load_engine(self) -> Engine:
        engine = self._until_there("engine", lambda: start_engine(self._settings, self._metrics.engine_died))
        identity = engine.description.identity
        say = _log.warning if engine.description.demonstration else _log.info
        say(
            "model",
            name=identity.name,
            revision=identity.revision,
            device=engine.description.device,
            demonstration=engine.description.demonstration,
        )
        return engine

    def _halt(self, error: OperatorError | CheckpointError) -> None:
        failure = error if isinstance(error, OperatorError) else OperatorError(str(error))
        self._control.halt(failure)
        self._control.wait_until_over()
        if self._control.failure is not None:
            raise failure from error
