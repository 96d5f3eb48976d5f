"""A real one-node Kafka on free loopback ports that can be stopped, killed, frozen and started again."""

import base64
import os
import signal
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .kafka_runners import KafkaMissingError, Runner, find_runner
from .kafka_security import SECURED, make_certificate, secured_settings
from .waiting import answers, eventually, free_ports, skip_or_fail

__all__ = ["KafkaServer", "own_kafka", "shared_kafka"]

_START_SECONDS = 90.0
_STOP_SECONDS = 40.0


class KafkaServer:
    """One broker. Its data live in `directory`, so what was acknowledged is there after a start.

    With `secured` it also listens for SASL and TLS (see `kafka_security`), and every user but bob may do nothing.
    """

    def __init__(
        self,
        directory: Path,
        *,
        secured: bool = False,
        properties: Mapping[str, str] | None = None,
        runner: Runner | None = None,
    ) -> None:
        """Raises KafkaMissingError where no Kafka can be had."""
        self._folder, self._secured, self._properties = directory, secured, properties or {}
        self._runner = runner or find_runner()
        protocols = ("PLAINTEXT", *(SECURED if secured else ()))
        *ports, self._controller = free_ports(len(protocols) + 1)
        self._ports = dict(zip(protocols, ports, strict=True))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address of the plain listener, as our settings take it."""
        return self.url_of("PLAINTEXT")

    @property
    def ca_file(self) -> Path:
        """The certificate to trust (`secured` only)."""
        return self._folder / "ca.pem"

    def url_of(self, protocol: str) -> str:
        """Address of another listener."""
        return f"kafka://127.0.0.1:{self._ports[protocol]}"

    def start(self) -> None:
        """Start it, with the data it had before, and wait until it answers."""
        if not (self._folder / "server.properties").exists():
            self._format()
        self._process = self._runner.start(self._folder, [*self._ports.values()])
        eventually(self._answers, f"Kafka answers (see {self._folder}/log)", within_seconds=_START_SECONDS)

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a crash does: nothing is said to anybody."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """The process stands still; its kernel goes on accepting connections."""
        assert self._process is not None
        self._runner.signal(self._process, signal.SIGSTOP)

    def thaw(self) -> None:
        """Undo `freeze`."""
        assert self._process is not None
        self._runner.signal(self._process, signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self.thaw()
        self._runner.signal(self._process, number)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._runner.signal(self._process, signal.SIGKILL)
            self._process.wait(_STOP_SECONDS)
        self._process = None

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"Kafka ended: {(self._folder / 'log').read_text()[-2000:]}"
        return all(answers(port) for port in self._ports.values())

    def _format(self) -> None:
        settings = self._settings()
        if self._secured:
            make_certificate(self._folder)
        file = self._folder / "server.properties"
        file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
        # Not "-t ID": an id that starts with "-" would be taken for an option.
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        users = ["--add-scram", "SCRAM-SHA-512=[name=bob,password=bob-pw]"] if self._secured else []
        self._runner.format(self._folder, [f"--cluster-id={cluster}", "-c", str(file), *users])

    def _settings(self) -> dict[str, str]:
        listeners = [f"{name}://{self._runner.host}:{port}" for name, port in self._ports.items()]
        advertised = [f"{name}://127.0.0.1:{port}" for name, port in self._ports.items()]
        protocols = [f"{name}:{name}" for name in self._ports]
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller}",
            "listeners": ",".join([*listeners, f"CONTROLLER://127.0.0.1:{self._controller}"]),
            "advertised.listeners": ",".join(advertised),
            "inter.broker.listener.name": "PLAINTEXT",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": ",".join(["CONTROLLER:PLAINTEXT", *protocols]),
            "log.dirs": str(self._folder / "data"),
            "num.partitions": "1",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "1",
            "group.initial.rebalance.delay.ms": "0",
            "auto.create.topics.enable": "false",
            **(secured_settings(self._folder) if self._secured else {}),
            **self._properties,
        }


@contextmanager
def own_kafka(directory: Path, *, secured: bool = False) -> Iterator[KafkaServer]:
    """A running broker of a test's own, to be stopped and killed; where there can be none, skips or fails the test."""
    try:
        server = KafkaServer(directory, secured=secured)
    except KafkaMissingError as missing:
        skip_or_fail(str(missing))
    try:
        server.start()
        yield server
    finally:
        server.kill()


@contextmanager
def shared_kafka(directory: Path) -> Iterator[str]:
    """URL of a running broker that tests share: MEMELENS_TEST_KAFKA (`host:port`), else one of our own."""
    if address := os.environ.get("MEMELENS_TEST_KAFKA"):
        yield f"kafka://{address.removeprefix('kafka://')}"
        return
    with own_kafka(directory) as server:
        yield server.url
