"""Connecting to a real Kafka that wants passwords and certificates: the right sentence, in time."""

import importlib.util
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError
from kafka.net.transport import KafkaTCPTransport
from pydantic import SecretStr
from tests.servers.kafka import KafkaServer, own_kafka
from tests.servers.waiting import eventually, free_ports

from memelens.consumer.brokers.interface import OutputRecord, StartAt, TopicSpec
from memelens.consumer.brokers.kafka import KafkaBroker
from memelens.consumer.brokers.kafka_logging import calm_client_log
from memelens.consumer.errors import BrokerUnavailableError, OperatorError
from memelens.consumer.settings import KafkaSettings

from .rig import NOTHING, poll_for_ever, unique

pytestmark = pytest.mark.kafka
DEADLINE_SECONDS = 30.0
SILENCE_SECONDS = 8.0
"""Where nobody says anything, the whole deadline is waited for."""
PASSWORD = "tr0ub4dor-and-3"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaServer]:
    """A broker that listens for SASL and TLS."""
    with own_kafka(tmp_path_factory.mktemp("kafka"), secured=True) as one:
        yield one


def settings(
    protocol: str, mechanism: str | None = None, user: str = "bob", password: str = "bob-pw", **more: Any
) -> KafkaSettings:
    """Settings of one listener."""
    sasl: dict[str, Any] = {"sasl_mechanism": mechanism, "sasl_username": user, "sasl_password": SecretStr(password)}
    return KafkaSettings.model_validate({"security_protocol": protocol, **(sasl if mechanism else {}), **more})


def refusal(
    server: KafkaServer, listener: str, chosen: KafkaSettings, deadline_seconds: float = DEADLINE_SECONDS
) -> str:
    """What `check` says, within the deadline, of a connection that can't be had."""
    broker, started = KafkaBroker(server.url_of(listener), chosen), time.monotonic()
    with pytest.raises(OperatorError) as caught:
        broker.check(deadline_seconds)
    assert time.monotonic() - started < deadline_seconds + 2
    assert server.url_of(listener) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
@pytest.mark.parametrize("protocol", ["SASL_PLAINTEXT", "SASL_SSL"])
def test_right_credentials_let_us_in(server: KafkaServer, protocol: str, mechanism: str) -> None:
    """With each mechanism, with and without TLS, records can be written and read."""
    broker = KafkaBroker(server.url_of(protocol), settings(protocol, mechanism, ssl_cafile=server.ca_file))
    broker.check(DEADLINE_SECONDS)
    topic = unique("topic")
    broker.create_topics([TopicSpec(topic)])
    publisher = broker.publisher()
    publisher.publish([OutputRecord(topic, b"key", b"value")])
    assert [record.value for record in broker.read(topic)] == [b"value"]
    publisher.close()
    broker.close()


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-512"])
@pytest.mark.parametrize("user", ["bob", "nobody"])
def test_a_wrong_password_is_told(server: KafkaServer, mechanism: str, user: str) -> None:
    """The sentence names user and setting and never the password; it comes long before the deadline."""
    said = refusal(server, "SASL_PLAINTEXT", settings("SASL_PLAINTEXT", mechanism, user, PASSWORD))
    assert user in said
    assert "MEMELENS_KAFKA__SASL_PASSWORD" in said
    assert PASSWORD not in said


def test_the_last_words_of_a_broker_are_heard(server: KafkaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its refusal of a password and the end of the connection may come in one piece: the client alone drops both."""
    receive, drops = KafkaTCPTransport._sock_recv, []

    def in_one_piece(transport: KafkaTCPTransport) -> tuple[bytes, Exception | None]:
        content, error = receive(transport)
        if b"Authentication failed" in content:
            drops.append(content)
            return content, KafkaConnectionError("socket disconnected")
        return content, error

    monkeypatch.setattr(KafkaTCPTransport, "_sock_recv", in_one_piece)
    assert "bob" in refusal(server, "SASL_PLAINTEXT", settings("SASL_PLAINTEXT", "PLAIN", password=PASSWORD))
    assert drops


def test_a_wrong_password_is_told_where_the_log_is_silent(server: KafkaServer) -> None:
    """The reason is found in the client's log even where nobody wants to read that."""
    logger = logging.getLogger("kafka")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        assert "bob" in refusal(server, "SASL_PLAINTEXT", settings("SASL_PLAINTEXT", "PLAIN", password=PASSWORD))
    finally:
        logger.setLevel(level)


def test_a_mechanism_that_is_not_offered_is_told(server: KafkaServer) -> None:
    """It is not taken for a wrong password."""
    assert "SCRAM-SHA-256" in refusal(server, "SASL_PLAINTEXT", settings("SASL_PLAINTEXT", "SCRAM-SHA-256"))


def test_an_unknown_certificate_is_told(server: KafkaServer) -> None:
    """Without the CA's file, the sentence names the setting for it."""
    assert "kafka.ssl_cafile" in refusal(server, "SSL", settings("SSL"))


@pytest.mark.parametrize(
    ("listener", "spoken"), [("SSL", "PLAINTEXT"), ("PLAINTEXT", "SSL"), ("PLAINTEXT", "SASL_PLAINTEXT")]
)
def test_a_wrong_protocol_is_told(server: KafkaServer, listener: str, spoken: str) -> None:
    """Whichever side expects TLS or a password that doesn't come."""
    mechanism = "PLAIN" if "SASL" in spoken else None
    assert "kafka.security_protocol" in refusal(server, listener, settings(spoken, mechanism), SILENCE_SECONDS)


def test_nobody_there_is_no_matter_for_a_person() -> None:
    """An address without a broker is to be tried again; the sentence says why, within the time given."""
    (port,) = free_ports(1)
    broker, started = KafkaBroker(f"kafka://127.0.0.1:{port}", KafkaSettings()), time.monotonic()
    with pytest.raises(BrokerUnavailableError, match="ECONNREFUSED"):
        broker.check(2)
    assert time.monotonic() - started < 5


def test_failed_connections_leave_nothing_behind(server: KafkaServer) -> None:
    """Trying for months doesn't pile up threads."""
    broker = KafkaBroker(server.url_of("SSL"), settings("SSL"))
    before = threading.active_count()
    for _ in range(5):
        with pytest.raises(OperatorError):
            broker.check(0.5)
    eventually(lambda: threading.active_count() <= before, "threads are gone")


def publish(broker: KafkaBroker, topic: str) -> None:
    """Write a record."""
    with closing(broker.publisher()) as publisher:
        publisher.publish([OutputRecord(topic, b"key", b"value")])


def poll(broker: KafkaBroker, topic: str) -> None:
    """Read as a member of a group."""
    with closing(
        broker.subscribe(topic, "group", start_at=StartAt.EARLIEST, on_revoked=lambda _partitions, _lost: NOTHING)
    ) as subscription:
        poll_for_ever(subscription)


@pytest.mark.parametrize(
    "attempt",
    [
        publish,
        lambda broker, topic: broker.transactional_publisher(topic),
        poll,
        lambda broker, topic: broker.create_topics([TopicSpec(f"{topic}-more")]),
    ],
    ids=["publish", "transaction", "poll", "create"],
)
def test_missing_rights_need_a_person(server: KafkaServer, attempt: Callable[[Any, str], Any]) -> None:
    """A user who is let in but may do nothing is told so at once."""
    topic, alice = unique("topic"), settings("SASL_PLAINTEXT", "PLAIN", "alice", "alice-pw")
    with closing(KafkaBroker(server.url, KafkaSettings())) as broker:
        broker.create_topics([TopicSpec(topic)])
    with closing(KafkaBroker(server.url_of("SASL_PLAINTEXT"), alice)) as broker:
        broker.check(DEADLINE_SECONDS)
        with pytest.raises(OperatorError, match=r"[Aa]uthoriz"):
            attempt(broker, topic)


def test_slow_checksums_need_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package crc32c everything would be five times slower, without a word."""
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "crc32c" else found(name))
    with pytest.raises(OperatorError, match=r"pip install 'kafka-python\[crc32c\]'"):
        KafkaBroker("kafka://127.0.0.1:1", KafkaSettings())


def test_the_client_does_not_flood_the_log(tmp_path: Path) -> None:
    """Lines of one kind are written once in half a minute; other kinds and the first of each always are."""
    calm_client_log()
    written: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: written.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    lines = [f"log.error('kind {kind} %s', number)" for kind in range(3)]
    code = compile("\n".join(lines), str(tmp_path / "noisy.py"), "exec")
    try:
        for number in range(100):
            exec(code, {"log": logging.getLogger("kafka.noisy"), "number": number})
    finally:
        logging.getLogger().removeHandler(handler)
    assert written == ["kind 0 0", "kind 1 0", "kind 2 0"]
