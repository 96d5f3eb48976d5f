"""The pipeline against a bare kafka-python loop, on a Kafka and a Redis of its own: `python -m benchmarks.pipeline`.

The loop reads the same posts, decodes them, encodes and writes six records of the same size and headers, waits for
their futures, and commits each batch. `ratio` compares with it as kafka-python comes; `ratio_tuned` with one whose
producer has the pipeline's own settings. Sides are interleaved, and each runs in a process of its own. Prints one JSON
object last.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.posts import picture_server, posts_by_reference, posts_of_text, posts_with_picture
from benchmarks.servers import kafka, redis
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

_OUTPUTS = ("verdicts", "harm", "target", "intent", "affect", "flagged")
_PARTITIONS = 4
_SAMPLED = 200


def main() -> None:
    """Run everything and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000, help="posts of 1 KB in each run")
    parser.add_argument("--pictures", type=int, default=1_000, help="posts with a picture of 100 KB in each run")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with kafka() as address, redis() as cache, picture_server(100_000) as pictures:
        print(json.dumps(Benchmark(address, cache, pictures, options.rounds).run(options.posts, options.pictures)))


class Benchmark:
    """One broker, one cache, and the sides that run on them."""

    def __init__(self, address: str, cache: str, pictures: str, rounds: int) -> None:
        self._address, self._cache, self._pictures, self._rounds = address, cache, pictures, rounds
        self._admin = KafkaAdminClient(bootstrap_servers=address)
        self._runs = 0

    def run(self, posts: int, pictures: int) -> dict[str, Any]:
        """All comparisons, as medians over the rounds."""
        templates = self._templates()
        plain = self._rounds_of(
            lambda seed: posts_of_text(posts, 1000, seed),
            posts,
            {
                "bare": {"side": "bare", "templates": templates, "producer": {}},
                "bare_tuned": {"side": "bare", "templates": templates, "producer": _tuning()},
                "pipeline": {"side": "pipeline", "delivery": "at-least-once"},
                "exactly_once": {"side": "pipeline", "delivery": "exactly-once"},
            },
        )
        inline = self._rounds_of(
            lambda seed: posts_with_picture(pictures, 100_000, seed),
            pictures,
            {
                "bare": {"side": "bare", "templates": templates, "producer": {}},
                "pipeline": {"side": "pipeline", "delivery": "at-least-once"},
            },
        )
        fetched = self._rounds_of(
            lambda seed: posts_by_reference(pictures, self._pictures, seed),
            pictures,
            {"pipeline": {"side": "pipeline", "delivery": "at-least-once", "picture_host": self._pictures[7:]}},
        )
        return {
            "benchmark": "pipeline",
            "posts": posts,
            "rounds": self._rounds,
            "ratio": _ratio(plain, "pipeline", "bare"),
            "ratio_tuned": _ratio(plain, "pipeline", "bare_tuned"),
            "plain_1kb": plain,
            "inline_100kb": inline | {"ratio": _ratio(inline, "pipeline", "bare")},
            "by_reference_100kb": fetched,
            "exactly_once": _cost_of_transactions(plain, posts) | self._transactions(),
        }

    def _transactions(self) -> dict[str, float]:
        """What one transaction takes by itself."""
        topics = self._load(posts_of_text(10, 1000, "transactions"))
        result = self._run({"side": "transactions"}, topics, _SAMPLED)
        return {
            "transaction_ms": round(result["ms_within"], 2),
            "of_which_write_ms": round(result["ms_without"], 2),
        }

    def _templates(self) -> dict[str, Any]:
        """A record of middle size from each output of a short run, and a warm broker."""
        topics = self._load(posts_of_text(_SAMPLED, 1000, "warm"))
        self._run({"side": "pipeline", "delivery": "at-least-once"}, topics, _SAMPLED)
        return {name: self._middle(topics[name]) for name in _OUTPUTS}

    def _middle(self, topic: str) -> dict[str, Any]:
        consumer = KafkaConsumer(
            topic, bootstrap_servers=self._address, auto_offset_reset="earliest", consumer_timeout_ms=3000
        )
        records = sorted((record.value, record.headers) for record in consumer)
        consumer.close()
        records.sort(key=lambda record: len(record[0]))
        value, headers = records[len(records) // 2]
        return {"value": value.decode(), "headers": [(name, content.decode()) for name, content in headers]}

    def _rounds_of(
        self, posts: Callable[[str], Iterable[bytes]], count: int, sides: dict[str, dict[str, Any]]
    ) -> dict[str, Any]:
        results: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
        for number in range(self._rounds):
            order = list(sides) if number % 2 == 0 else list(reversed(sides))
            for name in order:
                topics = self._load(posts(f"{name}-{number}-{self._runs}"))
                results[name].append(self._run(sides[name], topics, count))
                print(f"{name}: {results[name][-1]['posts_per_second']:.0f} posts/s", file=sys.stderr)
                self._admin.delete_topics([topic for key, topic in topics.items() if key != "group"])
        return {name: _summary(runs) for name, runs in results.items()}

    def _load(self, values: Iterable[bytes]) -> dict[str, str]:
        """New topics, the input filled."""
        self._runs += 1
        topics = {name: f"{name}-{self._runs}" for name in ("input", "dead", *_OUTPUTS)}
        self._admin.create_topics([NewTopic(name, _PARTITIONS, 1) for name in topics.values()])
        producer = KafkaProducer(bootstrap_servers=self._address, linger_ms=20, batch_size=2**20)
        futures = []
        for number, value in enumerate(values):
            futures.append(producer.send(topics["input"], value, key=b"%d" % number))
            if len(futures) >= 500:
                _wait(futures)
        _wait(futures)
        producer.close()
        return topics | {"group": f"group-{self._runs}"}

    def _run(self, side: dict[str, Any], topics: dict[str, str], posts: int) -> dict[str, Any]:
        order = side | {"topics": topics, "posts": posts}
        if side["side"] == "bare":
            order["address"] = self._address
        else:
            order["broker_url"] = f"kafka://{self._address}"
        if side["side"] == "pipeline":
            order["cache_url"] = self._cache
        command = [sys.executable, "-m", "benchmarks.sides", json.dumps(order)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=600, env={**os.environ})
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result


def _tuning() -> dict[str, Any]:
    """The producer settings of the pipeline's own broker."""
    from memelens.consumer.brokers.kafka import PRODUCER_SETTINGS

    return dict(PRODUCER_SETTINGS)


def _wait(futures: list[Any]) -> None:
    for future in futures:
        future.get(60)
    futures.clear()


def _summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Medians, and the spread of the speed."""
    speeds = [run["posts_per_second"] for run in runs]
    names = ("posts_per_second", "us_per_post", "cpu_us_per_post", "peak_mb", "publishes")
    result: dict[str, Any] = {
        name: round(statistics.median(run[name] for run in runs), 1) for name in names if name in runs[0]
    }
    result["spread"] = [round(min(speeds)), round(max(speeds))]
    if "steps_us_per_post" in runs[0]:
        result["steps_us_per_post"] = {
            step: round(statistics.median(run["steps_us_per_post"].get(step, 0) for run in runs), 1)
            for step in runs[0]["steps_us_per_post"]
        }
    return result


def _ratio(results: dict[str, Any], one: str, other: str) -> float:
    return round(results[one]["posts_per_second"] / results[other]["posts_per_second"], 3)


def _cost_of_transactions(plain: dict[str, Any], posts: int) -> dict[str, Any]:
    """What exactly-once costs: in all, and for each transaction."""
    without, within = plain["pipeline"], plain["exactly_once"]
    transactions = within["publishes"]
    more_ms = (within["us_per_post"] - without["us_per_post"]) * posts / 1000
    return {
        "cost": round(1 - within["posts_per_second"] / without["posts_per_second"], 3),
        "transactions": transactions,
        "posts_each": round(posts / transactions, 1),
        "more_ms_each": round(more_ms / transactions, 2),
    }


if __name__ == "__main__":
    main()
