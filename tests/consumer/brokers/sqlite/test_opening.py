"""What only the embedded broker promises: retention and compaction, files that can't be used, processes that die."""

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from tests.consumer.brokers.member_process import MemberProcess
from tests.consumer.brokers.rig import NOTHING, Rig, gather, gathered, joined, unique
from tests.servers.waiting import eventually

from memelens.consumer.brokers.interface import OutputRecord, Partition, StartAt, TopicSpec
from memelens.consumer.brokers.opening import open_broker
from memelens.consumer.brokers.sqlite import SqliteBroker
from memelens.consumer.clock import ManualClock
from memelens.consumer.errors import BrokerUnavailableError, OperatorError, RetryLaterError, UnknownOutcomeError
from memelens.consumer.settings import KafkaSettings

HOUR_MS = 3_600_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the broker lies."""
    return tmp_path / "broker.db"


@pytest.fixture
def url(file: Path) -> str:
    """Its address."""
    return f"sqlite:///{file}"


@pytest.fixture
def rig(url: str) -> Iterator[Rig]:
    """The broker, open."""
    made = Rig(url)
    yield made
    made.close()


@pytest.fixture
def clock() -> ManualClock:
    """Time, turned by hand."""
    return ManualClock()


@pytest.fixture
def timed(url: str, clock: ManualClock) -> Iterator[SqliteBroker]:
    """A broker that lives in that time."""
    broker = SqliteBroker(url, clock=clock)
    yield broker
    broker.close()


def send(broker: SqliteBroker, topic: str, *keys: bytes) -> None:
    """Publish records whose value is their key."""
    with closing(broker.publisher()) as publisher:
        publisher.publish([OutputRecord(topic, key, key) for key in keys])


def kept(broker: SqliteBroker, topic: str) -> list[tuple[int, bytes | None]]:
    """Offsets and keys of what is retained."""
    return [(record.offset, record.key) for record in broker.read(topic)]


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


# Retention and compaction


def test_records_older_than_the_retention_are_removed(timed: SqliteBroker, clock: ManualClock) -> None:
    """By the next record that is written to their partition; offsets go on, and `records` counts what is left."""
    timed.create_topics([TopicSpec("posts", retention_ms=HOUR_MS)])
    send(timed, "posts", b"old", b"older")
    clock.advance(1800)
    send(timed, "posts", b"young")
    clock.advance(1801)
    send(timed, "posts", b"new")
    assert kept(timed, "posts") == [(2, b"young"), (3, b"new")]
    described = timed.describe_topics(["posts"])["posts"]
    assert described is not None
    assert described.records == 2


def test_without_retention_records_stay(timed: SqliteBroker, clock: ManualClock) -> None:
    """For years."""
    timed.create_topics([TopicSpec("posts")])
    send(timed, "posts", b"old")
    clock.advance(10 * 365 * 86400)
    send(timed, "posts", b"new")
    assert [key for _, key in kept(timed, "posts")] == [b"old", b"new"]


def test_removing_is_bounded_work_and_catches_up(timed: SqliteBroker, clock: ManualClock) -> None:
    """One call removes about a thousand expired records; those that follow remove the rest."""
    timed.create_topics([TopicSpec("posts", retention_ms=HOUR_MS)])
    send(timed, "posts", *[b"%d" % number for number in range(3000)])
    clock.advance(3601)
    counts = []
    for _ in range(4):
        send(timed, "posts", b"new")
        counts.append(len(kept(timed, "posts")))
    assert counts == [1999, 998, 3, 4]


def test_a_reader_that_was_overtaken_needs_a_person(timed: SqliteBroker, clock: ManualClock) -> None:
    """Records that are removed before a member has polled them are counted, not skipped."""
    timed.create_topics([TopicSpec("posts", retention_ms=HOUR_MS)])
    send(timed, "posts", *[b"%d" % number for number in range(10)])
    subscription = timed.subscribe("posts", "group", start_at=StartAt.EARLIEST, on_revoked=lambda *_: NOTHING)
    assert len(subscription.poll(1, 4).records) == 4
    clock.advance(3601)
    send(timed, "posts", b"new")
    with pytest.raises(OperatorError, match="6 of partition 0"):
        subscription.poll(1, 4)
    subscription.close()


def test_compaction_keeps_the_last_record_of_each_key(timed: SqliteBroker) -> None:
    """Earlier ones go at once, tombstones stay, and a reader gets over the holes."""
    timed.create_topics([TopicSpec("keys", compact=True)])
    send(timed, "keys", b"a", b"b", b"a")
    send(timed, "keys", b"c", b"b")
    assert kept(timed, "keys") == [(2, b"a"), (3, b"c"), (4, b"b")]
    subscription = timed.subscribe("keys", "group", start_at=StartAt.EARLIEST, on_revoked=lambda *_: NOTHING)
    assert [record.offset for record in subscription.poll(1, 10).records] == [2, 3, 4]
    subscription.close()


def test_compaction_and_retention_together(timed: SqliteBroker, clock: ManualClock) -> None:
    """The last record of a key goes too, when it is too old; its key may come again."""
    timed.create_topics([TopicSpec("keys", compact=True, retention_ms=HOUR_MS)])
    send(timed, "keys", b"a", b"b")
    clock.advance(3601)
    send(timed, "keys", b"b")
    send(timed, "keys", b"a")
    assert kept(timed, "keys") == [(2, b"b"), (3, b"a")]


def test_a_compacted_topic_wants_keys(timed: SqliteBroker) -> None:
    """A record without one could never be replaced."""
    timed.create_topics([TopicSpec("keys", compact=True)])
    with closing(timed.publisher()) as publisher, pytest.raises(OperatorError, match="compacted"):
        publisher.publish([OutputRecord("keys", None, b"value")])


def test_time_never_runs_backwards_in_a_partition(timed: SqliteBroker, clock: ManualClock) -> None:
    """A clock that is set back doesn't put records before others, so that a time has one place."""
    timed.create_topics([TopicSpec("posts")])
    send(timed, "posts", b"a")
    clock.advance(-5000)
    send(timed, "posts", b"b")
    first, second = timed.read("posts")
    assert first.timestamp_ms == second.timestamp_ms


# Groups


def test_a_start_at_the_latest_is_kept(rig: Rig) -> None:
    """Who takes over before anything was committed doesn't skip what came in between."""
    topic, group = rig.topic(), unique("group")
    rig.send(topic, b"old")
    first = rig.subscribe(topic, group, start_at=StartAt.LATEST)
    joined(first, 1)
    rig.send(topic, b"new")
    first.close()
    second = rig.subscribe(topic, group, start_at=StartAt.LATEST)
    assert [record.value for record in gather(second, 1)] == [b"new"]


def test_an_idle_member_burns_no_core(rig: Rig) -> None:
    """Two seconds of waiting cost less than a twentieth of that in computing."""
    subscription = rig.subscribe(rig.topic())
    joined(subscription, 1)
    before = time.process_time()
    assert not subscription.poll(2.0, 10).records
    assert time.process_time() - before < 0.1


def test_a_poll_of_large_records_is_bounded(rig: Rig) -> None:
    """A page of 32 MiB or one less than two, whatever was asked for; all records come in the end."""
    topic = rig.topic(3, max_message_bytes=2**24)
    for number in range(12):
        rig.send(topic, bytes(8 * 2**20), key=b"%d" % number)
    subscription = rig.subscribe(topic)
    sizes: list[int] = []
    while sum(sizes) < 12:
        sizes.append(len(subscription.poll(1, 100).records))
    assert max(sizes) <= 7


# Processes


def test_two_processes_share_a_group_and_one_is_killed(rig: Rig) -> None:
    """Every record is polled; twice at most what the killed one had polled and not committed."""
    topic, group = rig.topic(4), unique("group")
    members = [MemberProcess(rig.url, topic, group) for _ in range(2)]
    eventually(lambda: [member.held for member in members] == [2, 2], "each holds half")
    sent = [f"k{number}" for number in range(2000)]

    def send_all() -> None:
        for at in range(0, 2000, 20):
            rig.send_keys(topic, sent[at : at + 20])

    sender = threading.Thread(target=send_all)
    sender.start()
    eventually(lambda: members[0].committed >= 200, "it is in the middle")
    members[0].kill()
    sender.join()
    eventually(lambda: set(members[0].keys + members[1].keys) == set(sent), "every record was polled")
    members[1].kill()
    twice = [key for key, count in Counter(members[0].keys + members[1].keys).items() if count > 1]
    assert len(twice) <= 10, "one poll of ten records at most is repeated"


def test_killed_within_transactions(rig: Rig) -> None:
    """After kill -9 at any moment, records and offset say the same, and whole transactions are there."""
    topic, outputs, group = rig.topic(), rig.topic(), unique("group")
    rig.send(topic, b"input")
    for _ in range(4):
        code = _TRANSACTIONS.format(url=rig.url, topic=topic, outputs=outputs, group=group)
        _kill_after(subprocess.Popen([sys.executable, "-c", code]), rig, outputs, len(rig.values(outputs)) + 150)
        committed = rig.subscribe(topic, group).committed([Partition(topic, 0)])
        assert len(rig.values(outputs)) == 50 * committed[Partition(topic, 0)]


def _kill_after(process: "subprocess.Popen[bytes]", rig: Rig, outputs: str, count: int) -> None:
    eventually(lambda: len(rig.values(outputs)) >= count, "some transactions")
    process.kill()
    process.wait()


_TRANSACTIONS = """
from memelens.consumer.brokers.interface import OutputRecord, Partition, StartAt
from memelens.consumer.brokers.sqlite import SqliteBroker
broker = SqliteBroker("{url}", session_seconds=0.5)
subscription = broker.subscribe("{topic}", "{group}", start_at=StartAt.EARLIEST, on_revoked=lambda *_: {{}})
partition = Partition("{topic}", 0)
while partition not in subscription.assignment():
    snapshot = subscription.poll(0.1, 1).snapshot
publisher = broker.transactional_publisher("id")
done = subscription.committed([partition]).get(partition, 0)
while True:
    done += 1
    publisher.publish([OutputRecord("{outputs}", b"key", b"x" * 3000)] * 50, {{partition: done}}, snapshot)
"""


def test_many_threads_publish_while_one_reads(rig: Rig) -> None:
    """Every record arrives, each thread's in its order."""
    topic, threads, each = rig.topic(3), 8, 150
    subscription = rig.subscribe(topic)

    def publish(number: int) -> None:
        with closing(rig.broker.publisher()) as publisher:
            for turn in range(0, each, 10):
                values = [b"%d" % value for value in range(turn, turn + 10)]
                publisher.publish([OutputRecord(topic, b"%d" % number, value) for value in values])

    senders = [threading.Thread(target=publish, args=(number,)) for number in range(threads)]
    for sender in senders:
        sender.start()
    records = gather(subscription, threads * each)
    for sender in senders:
        sender.join()
    found = Counter(record.key for record in records)
    assert found == {b"%d" % number: each for number in range(threads)}
    for key in found:
        assert [record.value for record in records if record.key == key] == [b"%d" % value for value in range(each)]


def test_many_processes_may_make_the_file_at_once(url: str) -> None:
    """One makes its tables, the others find them."""
    code = f"from memelens.consumer.brokers.sqlite import SqliteBroker; SqliteBroker({url!r}).check(20)"
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4


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
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
        folder.chmod(0o777)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may write everywhere, so it is someone else for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def full_disk() -> Iterator[None]:
    """No file may grow beyond 300 kB, as at the end of a quota. The limit is the kernel's."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_without_room_is_tried_again(rig: Rig) -> None:
    """Nothing of the call is written, and the same publisher goes on when there is room."""
    topic = rig.topic()
    rig.send(topic, b"before")
    with full_disk(), pytest.raises(BrokerUnavailableError, match="room"):
        rig.send(topic, *[bytes(100_000)] * 5)
    assert rig.values(topic) == [b"before"]
    rig.send(topic, b"after")
    assert rig.values(topic) == [b"before", b"after"]


def test_a_file_that_may_not_grow_is_tried_again(rig: Rig) -> None:
    """As above, where it is SQLite itself that says that its disk is full."""
    topic = rig.topic()
    with closing(rig.broker.publisher()) as publisher:
        connection = publisher._store._connection  # type: ignore[attr-defined] # behind the seam
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 10}")
        with pytest.raises(BrokerUnavailableError, match="disk is full"):
            publisher.publish([OutputRecord(topic, b"key", bytes(100_000))])
        publisher.publish([OutputRecord(topic, b"key", b"small")])
    assert rig.values(topic) == [b"small"]


def test_a_disk_without_room_leaves_a_transaction_unknown(rig: Rig) -> None:
    """Neither records nor offset are there; after a reset the work is done again."""
    topic, outputs = rig.topic(), rig.topic()
    rig.send(topic, b"input")
    subscription, transactional = rig.subscribe(topic), rig.transactional()
    _, snapshot = gathered(subscription, 1)
    offsets = {Partition(topic, 0): 1}
    with full_disk(), pytest.raises(UnknownOutcomeError):
        transactional.publish([OutputRecord(outputs, b"key", bytes(100_000))] * 5, offsets, snapshot)
    assert (rig.values(outputs), subscription.committed(offsets)) == ([], NOTHING)
    transactional.reset()
    transactional.publish([OutputRecord(outputs, b"key", b"done")], offsets, snapshot)
    assert (rig.values(outputs), subscription.committed(offsets)) == ([b"done"], offsets)


def test_a_locked_file_is_tried_again(rig: Rig, file: Path) -> None:
    """Another program that holds the file for long is named as the reason."""
    rig.topic()
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BrokerUnavailableError, match="locked"):
            rig.broker.check(0.2)
        other.execute("ROLLBACK")
    rig.broker.check(0.2)


def test_a_refused_commit_is_no_outage(rig: Rig) -> None:
    """Whoever retries outages doesn't retry this one for ever."""
    topic = rig.topic()
    subscription = rig.subscribe(topic)
    snapshot = joined(subscription, 1)
    subscription.close()
    other = rig.subscribe(topic)
    joined(other, 1)
    with pytest.raises(RetryLaterError) as caught:
        other.commit({Partition(topic, 0): 0}, snapshot)
    assert not isinstance(caught.value, BrokerUnavailableError)
