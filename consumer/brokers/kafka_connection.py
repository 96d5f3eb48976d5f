# ruff: noqa: ANN401 - the client has no types
"""From settings to connected clients of kafka-python."""

import importlib.util
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kafka.errors import KafkaError, KafkaTimeoutError

from ..errors import OperatorError
from ..settings import KafkaSettings
from .kafka_clients import network_client
from .kafka_diagnosis import listening
from .kafka_errors import translated

__all__ = ["KafkaConnection", "require_checksums"]

_FIRST_ATTEMPT_SECONDS = 1.0  # twice as long each time: a wrong password is known early, a slow broker gets its time


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """Where the brokers are and how to talk to them."""

    url: str
    settings: KafkaSettings

    @property
    def request_seconds(self) -> float:
        """Deadline of one request."""
        return self.settings.request_timeout_seconds

    @property
    def request_ms(self) -> int:
        """The same in milliseconds."""
        return int(self.settings.request_timeout_seconds * 1000)

    def options(self) -> Mapping[str, Any]:
        """What every client is made with."""
        settings = self.settings
        return {
            "bootstrap_servers": self.url.partition("://")[2].strip("/").split(","),
            "request_timeout_ms": self.request_ms,
            # The default of 30 s would be added to every outage.
            "reconnect_backoff_max_ms": 1000,
            # api_version stays unset: with it, a wrong password is never noticed.
            **_security(settings),
        }

    def connect(self, make: Callable[..., Any], *, timeout_seconds: float | None = None, **options: Any) -> Any:
        """A client of kafka-python, connected and authenticated.

        Raises:
            BrokerUnavailableError: nobody answers within `timeout_seconds` (else the request timeout).
            OperatorError: wrong credentials, TLS trouble.
        """
        deadline = time.monotonic() + (timeout_seconds or self.request_seconds)
        patience = _FIRST_ATTEMPT_SECONDS
        with listening() as heard:
            while True:
                left = deadline - time.monotonic()
                try:
                    return self._attempt(make, min(patience, left), options)
                except KafkaTimeoutError as error:
                    if heard.decided or patience >= left:
                        raise heard.error(self.url, self.settings) from error
                except KafkaError as error:
                    raise translated(error, f"connecting to {self.url}") from error
                patience *= 2

    def _attempt(self, make: Callable[..., Any], seconds: float, options: Mapping[str, Any]) -> Any:
        clients: list[Any] = []

        def client(**configuration: Any) -> Any:
            clients.append(network_client(**configuration))
            return clients[-1]

        configuration = {**self.options(), "kafka_client": client, "bootstrap_timeout_ms": int(seconds * 1000)}
        try:
            return make(**configuration, **options)
        except BaseException:
            # A constructor that fails leaves its network thread behind.
            for one in clients:
                one.close()
            raise


def require_checksums() -> None:
    """Raises OperatorError where only the checksums in Python are there: they make everything five times slower."""
    if importlib.util.find_spec("crc32c") is None:
        raise OperatorError("the package crc32c is missing: pip install 'kafka-python[crc32c]'")


def _security(settings: KafkaSettings) -> Mapping[str, Any]:
    names = ("security_protocol", "sasl_mechanism", "ssl_check_hostname")
    files = ("ssl_cafile", "ssl_certfile", "ssl_keyfile")
    secret = settings.sasl_password.get_secret_value() if settings.sasl_password else None
    return {
        **{name: getattr(settings, name) for name in names},
        **{name: str(getattr(settings, name)) for name in files if getattr(settings, name)},
        "sasl_plain_username": settings.sasl_username,
        "sasl_plain_password": secret,
    }
