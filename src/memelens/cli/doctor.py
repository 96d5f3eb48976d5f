"""`memelens doctor`."""

from typing import TYPE_CHECKING

import typer

from . import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..consumer.doctor import Finding

__all__ = ["doctor"]

_COLOURS = {"ok": "green", "warning": "yellow", "failed": "bold red"}


def doctor(
    config: options.Config = None,
    broker: options.Broker = None,
    group: options.Group = None,
    cache: options.Cache = None,
    model: options.Model = None,
    device: options.Device = None,
    policy: options.Policy = None,
    delivery: options.Delivery = None,
) -> None:
    """Check broker, credentials, topics, cache, model, device and policy; say what to do about each."""
    from ..consumer.clock import SystemClock
    from ..consumer.doctor import Outcome, examine

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
    outcomes, findings = set(), examine(settings, SystemClock())
    while finding := _next(findings):
        _show(finding)
        outcomes.add(finding.outcome)
    if Outcome.FAILED in outcomes:
        raise typer.Exit(1)


def _next(findings: "Iterator[Finding]") -> "Finding | None":
    """The next one. The spinner is gone before it is shown: both would share a line."""
    from .console import waiting

    with waiting("looking"):
        return next(findings, None)


def _show(finding: "Finding") -> None:
    from rich.text import Text

    from .console import out

    line = Text.assemble(
        (f"{finding.outcome:<8}", _COLOURS[finding.outcome]), (f"{finding.subject:<10}", "bold"), finding.said
    )
    out().print(line, soft_wrap=True)
    if finding.remedy:
        out().print(Text(f"{'':18}{finding.remedy}", "dim"), soft_wrap=True)
