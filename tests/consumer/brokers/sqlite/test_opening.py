"""Addresses of embedded brokers, and files that can't be used."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.consumer.brokers.rig import Rig
from tests.disks import as_nobody, open_folder

from memelens.consumer.brokers.interface import OutputRecord, TopicSpec
from memelens.consumer.brokers.opening import open_broker
from memelens.consumer.brokers.sqlite import SqliteBroker
from memelens.consumer.errors import OperatorError
from memelens.consumer.settings import KafkaSettings

# Addresses


def test_a_path_is_relative_or_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three slashes and a path: one that begins with a slash itself is absolute."""
    monkeypatch.chdir(tmp_path)
    for url in ("sqlite:///near.db", f"sqlite:///{tmp_path}/far.db"):
        broker = open_broker(url, KafkaSettings())
        broker.check(1)
        broker.close()
    assert {"near.db", "far.db"} <= {path.name for path in tmp_path.iterdir()}


def test_opening_a_file_loads_no_kafka() -> None:
    """Who runs embedded doesn't wait for kafka-python."""
    code = "import sys, memelens.consumer.brokers.opening as it; from memelens.consumer.settings import KafkaSettings; "
    code += "it.open_broker('sqlite:///x.db', KafkaSettings()); sys.exit('kafka' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# Files that can't be used


def test_a_missing_folder_needs_a_person(tmp_path: Path) -> None:
    """The error names the file and what must be."""
    broker = SqliteBroker(f"sqlite:///{tmp_path}/missing/broker.db")
    with pytest.raises(OperatorError, match="folder must exist"):
        broker.check(1)


def test_a_file_of_something_else_needs_a_person(url: str, file: Path) -> None:
    """It isn't touched."""
    file.write_bytes(b"This is a shopping list." * 100)
    with pytest.raises(OperatorError, match="no embedded broker's file"):
        SqliteBroker(url).check(1)
    assert file.read_bytes() == b"This is a shopping list." * 100


def test_another_programs_database_needs_a_person(url: str, file: Path) -> None:
    """It isn't touched, nor turned to another journal."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE teapots (name TEXT)")
    before = file.read_bytes()
    with pytest.raises(OperatorError, match="another program's database"):
        SqliteBroker(url).check(1)
    assert file.read_bytes() == before


def test_a_newer_file_needs_a_person(rig: Rig, url: str, file: Path) -> None:
    """Tables of a later version aren't guessed at."""
    rig.topic()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(OperatorError, match="another version"):
        SqliteBroker(url).check(1)


def test_a_damaged_file_needs_a_person(rig: Rig, url: str, file: Path) -> None:
    """Reading says that it is damaged, and goes on with nothing made up."""
    topic = rig.topic()
    rig.send(topic, *[bytes(5000)] * 200)
    rig.close()
    size = file.stat().st_size
    with file.open("r+b") as opened:
        opened.seek(size // 3)
        opened.write(os.urandom(size // 2))
    with pytest.raises(OperatorError, match="damaged"):
        list(SqliteBroker(url).read(topic))


def test_a_file_that_may_not_be_written_needs_a_person(unprivileged: Path) -> None:
    """The check says so, before anything is consumed; so does a publish."""
    file = unprivileged / "broker.db"
    broker = SqliteBroker(f"sqlite:///{file}")
    broker.create_topics([TopicSpec("posts")])
    broker.close()
    with closing(broker.publisher()) as before:
        file.chmod(0o444)
        with as_nobody():
            with pytest.raises(OperatorError, match="writable for this user"):
                broker.check(1)
            with closing(broker.publisher()) as publisher, pytest.raises(OperatorError, match="writable for this user"):
                publisher.publish([OutputRecord("posts", b"key", b"value")])
        before.publish([OutputRecord("posts", b"key", b"value")])


def test_a_folder_that_may_not_be_written_needs_a_person(unprivileged: Path) -> None:
    """SQLite keeps its log beside the file."""
    unprivileged.chmod(0o555)
    with as_nobody(), pytest.raises(OperatorError, match="writable for this user"):
        SqliteBroker(f"sqlite:///{unprivileged}/broker.db").check(1)


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder that a user without rights can get at (a test's own lies in root's, where root runs it)."""
    with open_folder() as folder:
        yield folder
