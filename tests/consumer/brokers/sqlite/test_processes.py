"""Processes and threads that share one file, and processes that die."""

import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing

from tests.consumer.brokers.member_process import MemberProcess
from tests.consumer.brokers.rig import Rig, gather, unique
from tests.servers.waiting import eventually

from memelens.consumer.brokers.interface import OutputRecord, Partition


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
