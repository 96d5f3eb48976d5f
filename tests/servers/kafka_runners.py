"""Two ways of running a broker: Java on this machine, or a container."""

import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from .kafka_archive import KAFKA_VERSION, download_kafka

__all__ = ["ContainerRunner", "JavaRunner", "KafkaMissingError", "Runner", "find_runner"]

_IMAGE = f"apache/kafka:{KAFKA_VERSION}"
_STOP_SECONDS = 30
_HEAP = {"KAFKA_HEAP_OPTS": "-Xmx512m -Xms256m"}


class KafkaMissingError(Exception):
    """No Kafka can be had on this machine; says what was looked for."""


class Runner(Protocol):
    """Runs one broker from a folder, which holds its settings and its data; the data outlive the process."""

    host: str
    """The address that the broker binds: loopback, as seen from the tests."""

    def format(self, folder: Path, arguments: Sequence[str]) -> None:
        """Make the folder of the data: `kafka-storage.sh format`."""
        ...

    def start(self, folder: Path, ports: Sequence[int]) -> "subprocess.Popen[bytes]":
        """Start the broker; its output goes to `folder/log`."""
        ...

    def signal(self, process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
        """TERM, KILL, STOP or CONT to the broker; after STOP it does nothing more when this returns."""
        ...


class JavaRunner:
    """The scripts of an unpacked archive."""

    host = "127.0.0.1"

    def __init__(self, home: Path) -> None:
        self._home = home

    def format(self, folder: Path, arguments: Sequence[str]) -> None:
        with (folder / "log").open("ab") as log:
            command = [str(self._home / "bin/kafka-storage.sh"), "format", *arguments]
            subprocess.run(command, check=True, env=self._environment(folder), stdout=log, stderr=log)

    def start(self, folder: Path, ports: Sequence[int]) -> "subprocess.Popen[bytes]":  # noqa: ARG002 - no mapping needed
        with (folder / "log").open("ab") as log:
            # The script replaces itself by Java: the process id is the broker's.
            command = [str(self._home / "bin/kafka-server-start.sh"), str(folder / "server.properties")]
            return subprocess.Popen(command, env=self._environment(folder), stdout=log, stderr=log)

    def signal(self, process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
        process.send_signal(number)
        if number is signal.SIGSTOP:
            # The call returns before the threads stand still: one of them may answer a request meanwhile.
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    @staticmethod
    def _environment(folder: Path) -> dict[str, str]:
        return os.environ | _HEAP | {"LOG_DIR": str(folder / "logs")}


class ContainerRunner:
    """The official image, with the folder mounted under its own name and the ports published on loopback."""

    host = "0.0.0.0"  # inside the container only

    def format(self, folder: Path, arguments: Sequence[str]) -> None:
        with (folder / "log").open("ab") as log:
            command = self._command(folder, (), "/opt/kafka/bin/kafka-storage.sh", "format", *arguments)
            subprocess.run(command, check=True, stdout=log, stderr=log)

    def start(self, folder: Path, ports: Sequence[int]) -> "subprocess.Popen[bytes]":
        self._name = f"memelens-test-{uuid.uuid4().hex}"
        published = [part for port in ports for part in ("--publish", f"127.0.0.1:{port}:{port}")]
        options = ("--name", self._name, *published)
        script = "/opt/kafka/bin/kafka-server-start.sh"
        with (folder / "log").open("ab") as log:
            command = self._command(folder, options, script, str(folder / "server.properties"))
            return subprocess.Popen(command, stdout=log, stderr=log)

    def signal(self, process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:  # noqa: ARG002 - by name
        said = {
            signal.SIGTERM: ("stop", "--time", str(_STOP_SECONDS)),
            signal.SIGKILL: ("kill",),
            signal.SIGSTOP: ("pause",),
            signal.SIGCONT: ("unpause",),
        }[number]
        subprocess.run(["docker", *said, self._name], check=False, capture_output=True)

    @staticmethod
    def _command(folder: Path, options: Sequence[str], *words: str) -> list[str]:
        variables = [part for name, value in _HEAP.items() for part in ("--env", f"{name}={value}")]
        owner = ("--user", f"{os.getuid()}:{os.getgid()}", "--env", f"LOG_DIR={folder / 'logs'}")
        mounted = ("--volume", f"{folder}:{folder}", "--entrypoint", words[0])
        return ["docker", "run", "--rm", *owner, *variables, *mounted, *options, _IMAGE, *words[1:]]


def find_runner() -> Runner:
    """KAFKA_HOME, else a container where Docker runs, else the official archive.

    Raises:
        KafkaMissingError: none of them can be had.
    """
    java = shutil.which("java") is not None
    if home := os.environ.get("KAFKA_HOME"):
        if not java:
            raise KafkaMissingError("KAFKA_HOME is set but there is no java on the PATH: install Java 17")
        return JavaRunner(Path(home))
    if _docker_runs():
        return ContainerRunner()
    if not java:
        raise KafkaMissingError("no Kafka: set KAFKA_HOME or MEMELENS_TEST_KAFKA, start Docker, or install Java 17")
    try:
        return JavaRunner(download_kafka())
    except OSError as error:
        raise KafkaMissingError(f"no KAFKA_HOME, no Docker, and Kafka can't be downloaded: {error}") from error


def _docker_runs() -> bool:
    if shutil.which("docker") is None:
        return False
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=10, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False
