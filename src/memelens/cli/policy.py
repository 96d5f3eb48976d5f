"""`memelens policy check|diff`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import options

if TYPE_CHECKING:
    from ..consumer.judging.comparing import Comparison
    from ..consumer.judging.policy import Policy
    from ..consumer.settings import Settings

__all__ = ["app"]

app = typer.Typer(help="Check a policy, and what it would change.", no_args_is_help=True)

_File = Annotated[Path | None, typer.Argument(metavar="FILE", help="Left out: the policy of the settings.")]


@app.command()
def check(file: _File = None, config: options.Config = None) -> None:
    """Validate a policy file and show what it says."""
    from ..consumer.judging.policy_loading import load_policy
    from .console import say

    policy = load_policy(file or options.load(config).policy)
    say(f"policy {policy.name!r} is valid, digest {policy.digest}")
    _show(policy)


@app.command()
def diff(
    file: Annotated[Path, typer.Argument(help="The other policy.")],
    verdicts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Verdicts from a .jsonl; left out: the verdicts topic.")
    ] = None,
    start: Annotated[str, typer.Option("--from", help="In the topic: beginning, a time, or 2h, 1d ago.")] = "beginning",
    examples: Annotated[int, typer.Option(min=0, help="Changed posts to show.")] = 20,
    config: options.Config = None,
    broker: options.Broker = None,
) -> None:
    """What another policy would change on past verdicts; runs no model."""
    from ..consumer.judging.comparing import compare
    from ..consumer.judging.policy_loading import load_policy

    policy = load_policy(file)
    if verdicts:
        comparison = compare(policy, _from_file(verdicts))
    else:
        comparison = compare(policy, _from_topic(options.load(config, broker=broker), start))
    _report(comparison, examples)


def _show(policy: "Policy") -> None:
    from ..taxonomy import TASKS
    from .console import print_table, say

    rows = []
    for task in TASKS:
        scopes = policy.thresholds.get(task, {})
        shown = ", ".join(f"{scope} {'never' if value is None else value}" for scope, value in scopes.items())
        rows.append((task.value, shown.removeprefix("default ") or "never", f"{policy.weight(task):g}"))
    print_table(("task", "flags from", "weight"), rows)
    rationales = policy.rationales
    languages = ", ".join(rationales.languages)
    say(
        f"routes: {len(policy.routes)} rules, otherwise {policy.otherwise}; "
        f"rationales: {rationales.which.value} in {languages}, at most {rationales.max_per_post} a post",
    )


def _from_file(path: Path) -> Iterator[Mapping[str, Any]]:
    import json

    from ..consumer.errors import OperatorError, SettingsError

    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                content = json.loads(line)
                if not isinstance(content, dict):
                    raise OperatorError(f"{path} line {number}: not an object")
                # `memelens tail --format jsonl` wraps the verdict
                yield content.get("value", content)
    except OSError as error:
        raise SettingsError(f"{path}: can't be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise OperatorError(
            f"{path}: not a file of JSON lines; "
            "`memelens tail memes.verdicts --from beginning --no-follow --format jsonl` writes one"
        ) from error


def _from_topic(settings: "Settings", start: str) -> Iterator[Mapping[str, Any]]:
    from ..consumer.clock import SystemClock
    from ..consumer.errors import OperatorError
    from ..consumer.service import connect
    from ..consumer.tailing import content_of, starting_offsets, tail

    topic = settings.topics.verdicts
    if topic is None:
        raise OperatorError("topics.verdicts is switched off; name a file with --verdicts")
    with connect(settings) as broker:
        offsets = starting_offsets(broker, topic, start, SystemClock())
        for record in tail(broker, topic, offsets, most=None, follow=False):
            if record.value is not None:
                yield content_of(record) or {}


def _report(comparison: "Comparison", examples: int) -> None:
    from ..taxonomy import TASKS
    from .console import print_table, say

    skipped = f"; {comparison.skipped} records were no verdicts" if comparison.skipped else ""
    say(f"{len(comparison.changes)} of {comparison.verdicts} verdicts would change{skipped}")
    if not comparison.changes:
        return
    moved = [(*pair, str(number)) for pair, number in sorted(comparison.routes.items()) if pair[0] != pair[1]]
    if moved:
        print_table(("route", "becomes", "posts"), moved)
    tasks = [task for task in TASKS if comparison.gained[task] or comparison.lost[task]]
    if tasks:
        rows = [(task.value, f"+{comparison.gained[task]}", f"-{comparison.lost[task]}") for task in tasks]
        print_table(("task", "newly flagged", "no more"), rows)
    print_table(
        ("post", "language", "route", "newly flagged", "no more"),
        [
            (one.post_id, one.language, f"{one.before} → {one.after}", " ".join(one.gained), " ".join(one.lost))
            for one in comparison.changes[:examples]
        ],
    )
