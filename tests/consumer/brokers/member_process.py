"""A group member in a process of its own, to be frozen and killed: `python -m tests.consumer.brokers.member_process …`.

It polls, commits what it polled at once, and prints a line of JSON for each thing that happens.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from memelens.consumer.brokers.interface import GroupSnapshot, Partition, StartAt, Subscription
from memelens.consumer.errors import RetryLaterError

from .rig import NOTHING, opened


class MemberProcess:
    """The process, seen from the test."""

    def __init__(self, url: str, topic: str, group: str) -> None:
        command = [sys.executable, "-m", "tests.consumer.brokers.member_process", url, topic, group]
        self._process = subprocess.Popen(command, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE)
        self.committed = 0
        """Records that it has committed."""
        self.lost = 0
        """Partitions that were lost to it."""
        self.held = 0
        """Partitions that it holds."""
        self.refused = 0
        """Commits that were refused."""
        self.keys: list[str] = []
        """Keys of the records, as they were polled."""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def freeze(self) -> None:
        """It stands still, between two polls: in the middle of a transaction it would hold up others."""
        self._process.send_signal(signal.SIGUSR1)
        _, status = os.waitpid(self._process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)

    def thaw(self) -> None:
        """It goes on."""
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """As a crash does: nothing is said to anybody. Waits for what it had said before."""
        self._process.kill()
        self._process.wait()
        self._listener.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said: dict[str, Any] = json.loads(line)
            self.committed += said.get("committed", 0)
            self.lost += said.get("lost", 0)
            self.refused += said.get("refused", 0)
            self.held = said.get("held", self.held)
            self.keys += said.get("keys", [])


def _say(**what: Any) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201 - what the test listens to


def main() -> None:
    """Poll and commit until killed."""
    url, topic, group = sys.argv[1:]
    freezing, lost = threading.Event(), list[Partition]()
    signal.signal(signal.SIGUSR1, lambda *_: freezing.set())

    def on_revoked(partitions: frozenset[Partition], is_lost: bool) -> Mapping[Partition, int]:
        lost.extend(partitions if is_lost else ())
        return NOTHING

    subscription = opened(url).subscribe(topic, group, start_at=StartAt.EARLIEST, on_revoked=on_revoked)
    last: tuple[Mapping[Partition, int], GroupSnapshot] | None = None
    while True:
        if freezing.is_set():
            freezing.clear()
            os.kill(os.getpid(), signal.SIGSTOP)
        result = subscription.poll(0.1, 10)
        if lost and last is not None:
            _say(lost=len(lost), refused=_is_refused(subscription, *last))
            lost.clear()
        if result.records:
            last = {record.partition: record.offset + 1 for record in result.records}, result.snapshot
            subscription.commit(*last)
            _say(committed=len(result.records), keys=[(record.key or b"").decode() for record in result.records])
        _say(held=len(subscription.assignment()))


def _is_refused(subscription: Subscription, offsets: Mapping[Partition, int], snapshot: GroupSnapshot) -> bool:
    try:
        subscription.commit(offsets, snapshot)
    except RetryLaterError:
        return True
    return False


if __name__ == "__main__":
    main()
