"""The topics of a settings file: making them, and checking that they are what the consumer needs."""

from collections.abc import Mapping

from .brokers.interface import Broker, TopicDescription, TopicSpec
from .errors import OperatorError
from .settings import TopicSettings

__all__ = [
    "DEAD_LETTER_MARGIN_BYTES",
    "missing_topics",
    "require_topics",
    "topic_names",
    "topic_problems",
    "topic_specs",
]

DEAD_LETTER_MARGIN_BYTES = 64 * 1024
"""What a dead letter's headers may add to the record they stand on."""


def topic_names(topics: TopicSettings) -> tuple[str, ...]:
    """Names of the input and of the outputs that are switched on."""
    return tuple(name for name in topics.model_dump().values() if name is not None)


def topic_specs(
    topics: TopicSettings, *, partitions: int, replication: int, max_message_bytes: int, retention_hours: float | None
) -> list[TopicSpec]:
    """What to create. `max_message_bytes` is the input's; dead letters get more, the other outputs the broker's own."""
    retention_ms = None if retention_hours is None else round(retention_hours * 3_600_000)
    limits = {topics.input: max_message_bytes, topics.dead_letter: max_message_bytes + DEAD_LETTER_MARGIN_BYTES}
    return [TopicSpec(name, partitions, replication, limits.get(name), retention_ms) for name in topic_names(topics)]


def missing_topics(topics: TopicSettings, found: Mapping[str, TopicDescription | None]) -> list[str]:
    """Topics of the settings that the broker doesn't have."""
    return [name for name in topic_names(topics) if found.get(name) is None]


def topic_problems(topics: TopicSettings, found: Mapping[str, TopicDescription | None]) -> list[str]:
    """What stands against starting, one sentence with a remedy each; empty where nothing does."""
    problems = []
    if missing := missing_topics(topics, found):
        plural = "topics" if len(missing) > 1 else "topic"
        problems.append(f"missing {plural} {', '.join(missing)}; create with `memelens topics create`")
    letters, posts = found.get(topics.dead_letter), found.get(topics.input)
    if letters and posts and letters.max_message_bytes < posts.max_message_bytes + DEAD_LETTER_MARGIN_BYTES:
        wanted = posts.max_message_bytes + DEAD_LETTER_MARGIN_BYTES
        problems.append(
            f"{letters.name} takes records of {letters.max_message_bytes} bytes, but a dead letter of {posts.name} may "
            f"have {wanted}; set max.message.bytes={wanted} on {letters.name}"
        )
    return problems


def require_topics(broker: Broker, topics: TopicSettings) -> Mapping[str, TopicDescription]:
    """Descriptions of all topics of the settings.

    Raises:
        OperatorError: topics are missing, or the dead-letter topic takes too little.
        BrokerUnavailableError: the broker doesn't answer.
    """
    found = broker.describe_topics(topic_names(topics))
    if problems := topic_problems(topics, found):
        raise OperatorError("; ".join(problems))
    return {name: description for name, description in found.items() if description}
