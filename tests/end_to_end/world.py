"""What an operator has: a broker with topics, a cache, settings, and services that run on them."""

import json
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any

from prometheus_client import CollectorRegistry
from tests.servers.waiting import eventually

from memelens.consumer.brokers.interface import Broker, Headers, OutputRecord, Record
from memelens.consumer.brokers.opening import open_broker
from memelens.consumer.clock import SystemClock
from memelens.consumer.serving import Service
from memelens.consumer.settings import Settings
from memelens.consumer.settings_loading import load_settings
from memelens.consumer.steps.poll import PollLimits
from memelens.consumer.topics import topic_specs
from memelens.consumer.wire.headers import last_header

__all__ = ["OUTPUTS", "MakeWorld", "Running", "World"]

OUTPUTS = ("verdicts", "harm", "target", "intent", "affect", "flagged")
_SECONDS = 120.0


class Running:
    """A service on a thread of its own."""

    def __init__(self, settings: Settings, polling: PollLimits) -> None:
        self.registry = CollectorRegistry()
        self.service = Service(settings, polling, SystemClock(), self.registry)
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def join(self) -> "Running":
        """Wait for the end; raises what `run` raised."""
        self._thread.join(_SECONDS)
        assert not self._thread.is_alive(), f"the service doesn't end: {self.service.ready()}"
        if self.error is not None:
            raise self.error
        return self

    def stop(self) -> "Running":
        """Stop it, and wait."""
        self.service.stop()
        return self.join()

    def value(self, name: str, **labels: str) -> float:
        """A metric's value; 0 where it was never touched."""
        return self.registry.get_sample_value(f"memelens_{name}", labels) or 0.0

    def _run(self) -> None:
        try:
            self.service.run()
        except BaseException as error:  # noqa: BLE001 - handed to the test
            self.error = error


class World:
    """Topics that no other test uses, on real servers."""

    def __init__(self, broker_url: str, cache_url: str, **changes: Any) -> None:
        """`changes` are settings by dotted name."""
        self._mark = uuid.uuid4().hex[:12]
        self._fixed = {"broker": broker_url, "cache": cache_url, "health.port": None, **changes}
        self._settings = self.settings()
        self._seen: dict[int, int] = {}
        self.broker: Broker = open_broker(broker_url, self._settings.kafka)

    def close(self) -> None:
        """Leave no connection behind."""
        self.broker.close()

    def settings(self, **changes: Any) -> Settings:
        """Settings of this world, read as those of a file are; null stands for what a file leaves empty."""
        topics = {f"topics.{name}": f"{name}-{self._mark}" for name in ("input", "dead_letter", *OUTPUTS)}
        salt = {"caching.salt": self._mark, "group": f"group-{self._mark}"}
        wanted = topics | salt | self._fixed | {name.replace("__", "."): value for name, value in changes.items()}
        return load_settings(None, wanted, {"MEMELENS_HEALTH__PORT": "null"})

    def create_topics(self, *, partitions: int = 2, max_message_bytes: int = 2**20) -> None:
        """All of them."""
        self.broker.create_topics(
            topic_specs(
                self._settings.topics,
                partitions=partitions,
                replication=1,
                max_message_bytes=max_message_bytes,
                retention_hours=None,
            )
        )

    def send(self, posts: Iterable[tuple[bytes | None, bytes | None, Headers] | Mapping[str, Any]]) -> int:
        """Send posts as JSON under their id, or (key, value, headers) as they are; returns how many."""
        with closing(self.broker.publisher()) as publisher:
            records = [self._record(one) for one in posts]
            for start in range(0, len(records), 100):
                publisher.publish(records[start : start + 100])
        return len(records)

    def run(self, posts: int, **changes: Any) -> Running:
        """Judge so many posts, and end."""
        return Running(self.settings(**changes), PollLimits(max_posts=posts)).join()

    def start(self, **changes: Any) -> Running:
        """A service that runs until it is stopped."""
        return Running(self.settings(**changes), PollLimits())

    def read(self, topic: str) -> Sequence[Record]:
        """All records of one of our topics, by the name of its setting."""
        return list(self.broker.read(getattr(self._settings.topics, topic)))

    def verdicts(self) -> list[dict[str, Any]]:
        """All verdicts."""
        return [json.loads(record.value) for record in self.read("verdicts") if record.value is not None]

    def new_verdicts(self) -> list[dict[str, Any]]:
        """Verdicts since the last call."""
        records = list(self.broker.read(str(self._settings.topics.verdicts), start=self._seen))
        self._seen |= {record.partition.index: record.offset + 1 for record in records}
        return [json.loads(record.value) for record in records if record.value is not None]

    def dead_letters(self) -> dict[bytes | None, tuple[Record, str, str]]:
        """Dead letters by key: the record, the kind and the reason."""
        letters = {}
        for record in self.read("dead_letter"):
            kind = last_header(record.headers, "memelens.error.kind") or b""
            reason = last_header(record.headers, "__connect.errors.exception.message") or b""
            letters[record.key] = (record, kind.decode(), reason.decode())
        return letters

    def wait_for_verdicts(self, count: int) -> None:
        """Until there are so many."""
        eventually(lambda: len(self.read("verdicts")) >= count, f"{count} verdicts", within_seconds=_SECONDS)

    def _record(self, post: tuple[bytes | None, bytes | None, Headers] | Mapping[str, Any]) -> OutputRecord:
        topic = self._settings.topics.input
        if isinstance(post, tuple):
            return OutputRecord(topic, *post)
        return OutputRecord(topic, str(post["post_id"]).encode(), json.dumps(post, ensure_ascii=False).encode())


MakeWorld = Callable[..., World]
"""Makes a world that is closed after the test."""
