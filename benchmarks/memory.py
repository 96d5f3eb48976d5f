"""Resident memory of a consumer that runs for long: `python -m benchmarks.memory`.

Judges many posts with the fake engine, on SQLite and on a Kafka of its own, in a process for each, and samples resident
memory at every twentieth of the way. `growth_mb` is the most that it rises above its level after the first tenth
(a sample's mean over its last twentieth); the bound is 50 MB. The cache in memory has 1 MB, so that it is full in the
first tenth. Prints one JSON object last.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.posts import posts_of_text, posts_with_picture
from benchmarks.servers import kafka

from memelens.consumer.brokers.interface import Broker, OutputRecord, TopicSpec
from memelens.consumer.brokers.opening import open_broker
from memelens.consumer.settings import KafkaSettings

_TOPICS = ("input", "dead", "verdicts", "harm", "target", "intent", "affect", "flagged")
_LOADED_AT_ONCE = 200
_LARGEST_BYTES = 2**20
_BOUND_MB = 50.0


def main() -> None:
    """Run everything and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000, help="posts of 1 KB")
    parser.add_argument("--pictures", type=int, default=20_000, help="posts with a picture of 100 KB")
    options = parser.parse_args()
    loads: dict[str, tuple[int, Callable[[int], Iterable[bytes]]]] = {
        "1kb": (options.posts, lambda count: posts_of_text(count, 1000, "memory")),
        "100kb": (options.pictures, lambda count: posts_with_picture(count, 100_000, "memory")),
    }
    results: dict[str, Any] = {"benchmark": "memory", "bound_mb": _BOUND_MB}
    for name, (count, posts) in loads.items():
        with tempfile.TemporaryDirectory(prefix="memelens-memory-") as folder:
            results[f"sqlite_{name}"] = _measured(f"sqlite:///{Path(folder, 'broker.db')}", posts(count), count)
        with kafka() as address:
            results[f"kafka_{name}"] = _measured(f"kafka://{address}", posts(count), count)
    print(json.dumps(results))


def _measured(url: str, posts: Iterable[bytes], count: int) -> dict[str, Any]:
    broker = open_broker(url, KafkaSettings())
    broker.create_topics([TopicSpec(name, 2, max_message_bytes=_LARGEST_BYTES) for name in _TOPICS])
    _load(broker, posts)
    broker.close()
    order = {
        "side": "pipeline",
        "broker_url": url,
        "cache_url": "memory://",
        "topics": {name: name for name in (*_TOPICS, "group")},
        "posts": count,
        "delivery": "at-least-once",
        "samples": 20,
        "cache_bytes": 2**20,
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.sides", json.dumps(order)], check=True, stdout=subprocess.PIPE
    )
    result = json.loads(done.stdout.splitlines()[-1])
    samples = result["resident_mb"]
    growth = max(samples[2:]) - samples[1]
    print(f"{url.partition(':')[0]} {count}: {samples}", file=sys.stderr)
    return {
        "posts": count,
        "posts_per_second": round(result["posts_per_second"], 1),
        "resident_mb": samples,
        "growth_mb": round(growth, 1),
        "flat": growth <= _BOUND_MB,
    }


def _load(broker: Broker, posts: Iterable[bytes]) -> None:
    publisher = broker.publisher()
    waiting: list[OutputRecord] = []
    for number, value in enumerate(posts):
        waiting.append(OutputRecord("input", b"%d" % number, value))
        if len(waiting) == _LOADED_AT_ONCE:
            publisher.publish(waiting)
            waiting.clear()
    if waiting:
        publisher.publish(waiting)
    publisher.close()


if __name__ == "__main__":
    main()
