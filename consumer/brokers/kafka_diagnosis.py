"""Why a connection can't be had: kafka-python says it in its log only, and raises a timeout for everything."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ..errors import BrokerUnavailableError, ConsumerError, OperatorError
from ..settings import KafkaSettings

__all__ = ["Diagnosis", "listening"]

_FAILED = re.compile(
    r"(?:Bootstrap connection to \S+ failed|Bootstrap attempt to \S+ failed): (.*?)(?: \(backoff .*)?$"
)
_NOISE = re.compile(r"KafkaConnectionError: |Handshake failed: | \(_ssl\.c:\d+\)")


@dataclass(slots=True)
class Diagnosis:
    """What the client said of each failed attempt, oldest first."""

    reasons: list[str] = field(default_factory=list)

    def error(self, url: str, settings: KafkaSettings) -> ConsumerError:
        """OperatorError where a person must act, else BrokerUnavailableError; names address, reason and remedy."""
        for sign, remedy in _DECISIVE:
            if found := [reason for reason in self.reasons if sign in reason]:
                return OperatorError(f"{url}: {found[-1]}: {remedy(settings)}")
        last = self.reasons[-1] if self.reasons else "no answer in time"
        for sign, remedy in _DECISIVE_ALONE:
            # A broker that restarts looks like this for a moment, but not only like this.
            if self.reasons and all(sign in reason for reason in self.reasons):
                return OperatorError(f"{url}: {last}: {remedy(settings)}")
        advice = "see that it runs, and that broker and kafka.security_protocol are right"
        return BrokerUnavailableError(f"{url} doesn't answer: {last}; {advice}")

    @property
    def decided(self) -> bool:
        """Whether going on trying can't help."""
        return any(sign in reason for sign, _ in _DECISIVE for reason in self.reasons)


@contextmanager
def listening() -> Iterator[Diagnosis]:
    """Collects what the client's log says of failed connections."""
    heard = Diagnosis()
    handler = _Listener(heard)
    logger = logging.getLogger("kafka.net.manager")
    logger.addHandler(handler)
    try:
        yield heard
    finally:
        logger.removeHandler(handler)


class _Listener(logging.Handler):
    def __init__(self, heard: Diagnosis) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        if found := _FAILED.match(record.getMessage()):
            self._heard.reasons.append(_NOISE.sub("", found[1]))


def _credentials(settings: KafkaSettings) -> str:
    return (
        f"check user {settings.sasl_username!r}, its password and {settings.sasl_mechanism}"
        " (MEMELENS_KAFKA__SASL_USERNAME, MEMELENS_KAFKA__SASL_PASSWORD, MEMELENS_KAFKA__SASL_MECHANISM)"
    )


def _mechanism(settings: KafkaSettings) -> str:
    return f"the broker doesn't offer {settings.sasl_mechanism}; set kafka.sasl_mechanism to one that it does"


def _certificate(settings: KafkaSettings) -> str:
    trusted = settings.ssl_cafile or "the system's"
    return (
        f"the broker's certificate isn't trusted (trusted are those of: {trusted}); set kafka.ssl_cafile to its CA's,"
        " and name the broker as its certificate does"
    )


def _protocol(settings: KafkaSettings) -> str:
    return f"that listener doesn't speak {settings.security_protocol}; set kafka.security_protocol to what it speaks"


_DECISIVE: tuple[tuple[str, Callable[[KafkaSettings], str]], ...] = (
    ("SaslAuthenticationFailedError", _credentials),
    ("UnsupportedSaslMechanismError", _mechanism),
    ("IllegalSaslStateError", _protocol),
    ("CERTIFICATE_VERIFY_FAILED", _certificate),
    ("Invalid frame length", _protocol),  # a TLS alert, read as Kafka's framing
    ("WRONG_VERSION_NUMBER", _protocol),
)
_DECISIVE_ALONE: tuple[tuple[str, Callable[[KafkaSettings], str]], ...] = (("UNEXPECTED_EOF_WHILE_READING", _protocol),)
