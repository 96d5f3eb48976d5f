"""kafka-python's failures as ours: what may succeed later, what needs a person, and who was fenced."""

from collections.abc import Iterator
from contextlib import contextmanager

import kafka.errors as kafka

from ..errors import BrokerUnavailableError, ConsumerError, FencedError, OperatorError, RetryLaterError

__all__ = ["FENCED", "MEMBERSHIP_CHANGED", "translated", "translating"]

FENCED = (kafka.FencedInstanceIdError, kafka.ProducerFencedError, kafka.InvalidProducerEpochError)
"""Another process took our place; `retriable` is False on all of them, and no common class says so."""

MEMBERSHIP_CHANGED = (
    kafka.CommitFailedError,
    kafka.RebalanceInProgressError,
    kafka.IllegalGenerationError,
    kafka.UnknownMemberIdError,
)
"""Offsets were refused because the group has moved on."""

_FORBIDDEN = (kafka.AuthorizationError,)

_MISCONFIGURED = (
    kafka.KafkaConfigurationError,
    kafka.SaslAuthenticationFailedError,
    kafka.UnsupportedSaslMechanismError,
    kafka.IllegalSaslStateError,
    kafka.UnsupportedVersionError,
    kafka.InvalidTopicError,
    kafka.InvalidGroupIdError,
    kafka.InvalidSessionTimeoutError,
    kafka.InvalidTransactionTimeoutError,
    kafka.InconsistentGroupProtocolError,
    kafka.GroupMaxSizeReachedError,
    kafka.InvalidConfigurationError,
    kafka.InvalidReplicationFactorError,
    kafka.InvalidPartitionsError,
    kafka.PolicyViolationError,
    kafka.InvalidRecordError,
    kafka.CorruptRecordError,
    kafka.OffsetOutOfRangeError,
)
"""Trying again changes nothing."""


def translated(error: Exception, doing: str) -> ConsumerError:
    """What to raise, `from` the client's error, for something that failed while `doing` it."""
    reason = f"{doing}: {_said(error)}"
    if isinstance(error, FENCED):
        return FencedError(f"{reason}: another process uses the same identity; give each process an ordinal of its own")
    if isinstance(error, MEMBERSHIP_CHANGED):
        return RetryLaterError(f"{reason}: the group's membership changed")
    if isinstance(error, _FORBIDDEN):
        return OperatorError(f"{reason}: grant the right to our user on the broker (kafka-acls)")
    if isinstance(error, _MISCONFIGURED):
        return OperatorError(reason)
    return BrokerUnavailableError(reason)


@contextmanager
def translating(doing: str) -> Iterator[None]:
    """Raises what `translated` says of a client's error, and BrokerUnavailableError of a client closed meanwhile."""
    try:
        yield
    except kafka.KafkaError as error:
        raise translated(error, doing) from error
    except RuntimeError as error:
        if "closed" not in str(error):
            raise
        raise BrokerUnavailableError(f"{doing}: the client was closed meanwhile") from error


def _said(error: Exception) -> str:
    """Name and words of a client's error in one line."""
    name, words = type(error).__name__, " ".join(str(error).split())
    return words if name in words else f"{name} {words}".strip()
