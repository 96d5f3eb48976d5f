"""`memelens run`."""

import signal
from typing import TYPE_CHECKING, Annotated

import typer

from . import options

if TYPE_CHECKING:
    from ..consumer.serving import Service

__all__ = ["run"]


def run(
    max_posts: Annotated[int | None, typer.Option(min=1, help="Stop after so many posts.")] = None,
    until_idle: Annotated[
        float | None, typer.Option(min=0.1, metavar="SECONDS", help="Stop when no post came for so long.")
    ] = None,
    config: options.Config = None,
    broker: options.Broker = None,
    group: options.Group = None,
    cache: options.Cache = None,
    model: options.Model = None,
    device: options.Device = None,
    policy: options.Policy = None,
    delivery: options.Delivery = None,
) -> None:
    """Read posts, publish verdicts, until it is told to stop (SIGTERM drains and commits)."""
    from prometheus_client import CollectorRegistry

    from ..consumer.clock import SystemClock
    from ..consumer.serving import Service
    from ..consumer.steps.poll import PollLimits
    from .logs import configure_logging

    settings = options.load(
        config,
        broker=broker,
        group=group,
        cache=cache,
        model=model,
        engine__device=device,
        policy=policy,
        delivery=delivery,
    )
    configure_logging(settings.log.format, settings.log.level)
    polling = PollLimits(max_posts=max_posts, until_idle_seconds=until_idle)
    service = Service(settings, polling, SystemClock(), CollectorRegistry())
    _stop_on_signals(service)
    service.run()


def _stop_on_signals(service: "Service") -> None:
    """SIGTERM and the first Ctrl-C end it in good order, a second Ctrl-C at once; nothing is lost either way."""

    def stop(number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        service.stop(signal.Signals(number).name)
        if not service.begun:
            raise SystemExit(0)  # loading a model takes minutes, and nobody asks it to stop

    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, stop)
