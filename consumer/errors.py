"""Failures of the consumer, in three kinds; each kind has one way of being handled.

ConsumerError
├── RetryLaterError      our own dependency is down: bounded backoff, partitions paused, nothing dropped
│   ├── BrokerUnavailableError
│   ├── UnknownOutcomeError      a transactional call failed half-way: rebuild, re-read the committed offsets
│   └── CacheUnavailableError
├── PoisonError          this one record can't be judged: dead letter, and on
└── OperatorError        a person must act: stop consuming, stay alive, not ready, keep the offsets
    ├── FencedError              another process took this member's place: exit with a sentence
    └── SettingsError            wrong configuration, all problems at once
"""

from ..model.errors import ModelError

__all__ = [
    "BrokerUnavailableError",
    "CacheUnavailableError",
    "ConsumerError",
    "FencedError",
    "OperatorError",
    "PoisonError",
    "RetryLaterError",
    "SettingsError",
    "UnknownOutcomeError",
    "told",
]


class ConsumerError(Exception):
    """Anything that this folder raises on purpose; its text never holds a post's content or a secret."""


class RetryLaterError(ConsumerError):
    """One of our own dependencies doesn't answer; the same call may succeed later."""


class BrokerUnavailableError(RetryLaterError):
    """The broker doesn't answer, or not in time."""


class UnknownOutcomeError(RetryLaterError):
    """Nobody knows whether the transaction was committed: reset the publisher, read again from what is committed."""


class CacheUnavailableError(RetryLaterError):
    """The cache doesn't answer; go on without it."""


class PoisonError(ConsumerError):
    """A record that can't be judged; `kind` is a short stable name (see docs/wire.md), the text is for a person."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class OperatorError(ConsumerError):
    """Needs a person; the text says what is wrong and what to do."""


class FencedError(OperatorError):
    """Another process uses this group member or transactional id."""


class SettingsError(OperatorError):
    """Wrong settings: one line for each, with key, value and what would be right."""


def told(error: Exception) -> str:
    """What may be said of an error: the text of ours; of others, which may hold content, only the class."""
    if isinstance(error, ConsumerError | ModelError):
        return str(error)
    return f"a defect of this program ({type(error).__name__}); please report it"
