"""The broker of a URL."""

from ..settings import KafkaSettings
from .interface import Broker

__all__ = ["open_broker"]


def open_broker(url: str, kafka: KafkaSettings) -> Broker:
    """The broker of a URL that `setting_values.broker_url` lets through, not connected to yet.

    Of `kafka`, an embedded broker only takes the session timeout.
    """
    if url.startswith("sqlite:"):
        from .sqlite import SqliteBroker  # noqa: PLC0415  only one of the two is needed

        return SqliteBroker(url, session_seconds=kafka.session_timeout_seconds)
    from .kafka import KafkaBroker  # noqa: PLC0415  kafka-python isn't loaded where nobody needs it

    return KafkaBroker(url, kafka)
