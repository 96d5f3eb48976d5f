"""`memelens topics create|describe`."""

from typing import Annotated

import typer

from . import options

__all__ = ["app"]

app = typer.Typer(help="Create and describe the topics.", no_args_is_help=True)


@app.command()
def create(
    partitions: Annotated[int, typer.Option(min=1, max=10_000, help="Partitions of each.")] = 6,
    replication: Annotated[int, typer.Option(min=1, max=100, help="Copies of each.")] = 1,
    max_message_bytes: Annotated[
        int, typer.Option(min=1024, max=2_000_000_000, help="Largest post; dead letters get 64 KiB more.")
    ] = 8 * 1024 * 1024,
    retention_hours: Annotated[
        float | None, typer.Option(min=0.01, max=1_000_000, help="Left out: the broker's default.")
    ] = None,
    config: options.Config = None,
    broker: options.Broker = None,
) -> None:
    """Create the topics that are missing, with the right settings; existing ones are left alone."""
    from ..consumer.service import connect
    from ..consumer.topics import topic_specs
    from .console import say

    settings = options.load(config, broker=broker)
    specs = topic_specs(
        settings.topics,
        partitions=partitions,
        replication=replication,
        max_message_bytes=max_message_bytes,
        retention_hours=retention_hours,
    )
    with connect(settings) as connected:
        created = connected.create_topics(specs)
    for spec in specs:
        say(f"{'created' if spec.name in created else 'exists '}  {spec.name}")


@app.command()
def describe(config: options.Config = None, broker: options.Broker = None) -> None:
    """What each topic is, and what is wrong with it."""
    from ..consumer.service import connect
    from ..consumer.topics import topic_names, topic_problems
    from .console import err, print_table

    settings = options.load(config, broker=broker)
    with connect(settings) as connected:
        names = topic_names(settings.topics)
        found = connected.describe_topics(names)
    rows = [
        (name, str(one.partitions), str(one.replication), f"{one.max_message_bytes:,}", f"{one.records:,}")
        if (one := found.get(name))
        else (name, "missing", "", "", "")
        for name in names
    ]
    print_table(("topic", "partitions", "copies", "largest record", "records"), rows)
    problems = topic_problems(settings.topics, found)
    for problem in problems:
        err().print(problem, markup=False, soft_wrap=True)
    if problems:
        raise typer.Exit(1)
