"""What an operator meets: one YAML file, signals, and dependencies that are wrong, away, or go away."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from tests.end_to_end.world import MakeWorld, Running, World
from tests.servers.redis import RedisServer, running_servers
from tests.servers.waiting import eventually, free_ports

from memelens.consumer.errors import BrokerUnavailableError, OperatorError
from memelens.consumer.steps.poll import PollLimits

_SLOW = "fake://?latency_ms=30"
_SECONDS = 90.0
Spawn = Callable[..., "subprocess.Popen[str]"]


def posts(count: int, start: int = 0) -> list[dict[str, str]]:
    """Posts about teapots, all different."""
    return [{"post_id": f"p-{n}", "caption": f"teapot {n}", "language": "en"} for n in range(start, start + count)]


@pytest.fixture
def spawn(tmp_path: Path) -> Iterator[Spawn]:
    """`memelens run` in processes of their own, with one YAML file; gone after the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(world: World, **changes: object) -> "subprocess.Popen[str]":
        file = tmp_path / "memelens.yaml"
        content = world.settings(**changes).model_dump(mode="json", exclude={"caching"})
        file.write_text(yaml.safe_dump(content), encoding="utf-8")
        command = [sys.executable, "-m", "memelens", "run", "--config", str(file)]
        processes.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()
        assert process.stderr is not None
        process.stderr.close()


@pytest.fixture
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis of the test's own, not started yet."""
    with running_servers(tmp_path_factory) as make:
        yield make()


def readiness(port: int) -> tuple[int, str]:
    """Status and text of /readyz; 0 while nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return answer.status, answer.read().decode().strip()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode().strip()
    except OSError:
        return 0, ""


@pytest.mark.redis
def test_a_process_with_one_file_serves_until_sigterm(
    make_world: MakeWorld, broker_url: str, redis_url: str, spawn: Spawn
) -> None:
    """`memelens run --config FILE` is ready, judges, drains on SIGTERM, ends with 0; the next one repeats nothing."""
    (port,) = free_ports(1)
    world = make_world(broker_url, redis_url, model=_SLOW)
    world.create_topics()
    process = spawn(world, health__port=port)
    eventually(lambda: readiness(port) == (200, "ok"), "the process is ready", within_seconds=_SECONDS)
    world.send(posts(200))
    world.wait_for_verdicts(20)
    process.send_signal(signal.SIGTERM)
    assert process.wait(_SECONDS) == 0
    assert process.stderr is not None
    lines = [json.loads(line) for line in process.stderr.read().splitlines()]
    assert {"health", "broker", "model", "stopping"} <= {line["event"] for line in lines}
    assert not any("teapot" in json.dumps(line) for line in lines)

    world.run(200 - len(world.verdicts()))
    assert sorted(one["post_id"] for one in world.verdicts()) == sorted(one["post_id"] for one in posts(200))


def test_a_stop_does_not_wait_for_the_model(make_world: MakeWorld, broker_url: str, spawn: Spawn) -> None:
    """SIGTERM while the model is being loaded ends the process at once, with 0."""
    (port,) = free_ports(1)
    world = make_world(broker_url, "memory://")
    world.create_topics()
    process = spawn(world, health__port=port)
    eventually(lambda: readiness(port) == (503, "starting"), "it starts", within_seconds=_SECONDS)
    process.send_signal(signal.SIGTERM)
    assert process.wait(_SECONDS) == 0
    assert process.stderr is not None
    assert "model" not in {json.loads(line)["event"] for line in process.stderr.read().splitlines()}


@pytest.mark.kafka
@pytest.mark.redis
def test_killed_at_any_moment_it_loses_nothing(
    make_world: MakeWorld, kafka_url: str, redis_url: str, spawn: Spawn
) -> None:
    """After three times kill -9 every post has its verdict, and what is judged twice has the same id."""
    world = make_world(kafka_url, redis_url, model=_SLOW, **{"kafka.session_timeout_seconds": 6})
    world.create_topics()
    world.send(posts(300))
    for verdicts in (10, 60, 110):
        process = spawn(world)
        world.wait_for_verdicts(verdicts)
        process.kill()
        process.wait()
    last = world.start()
    names = {one["post_id"] for one in posts(300)}
    eventually(lambda: {one["post_id"] for one in world.verdicts()} == names, "every verdict", within_seconds=_SECONDS)
    last.stop()
    assert len({one["verdict_id"] for one in world.verdicts()}) == 300


def test_a_missing_topic_halts_with_what_to_do(make_world: MakeWorld, broker_url: str) -> None:
    """Without topics the service stays alive, isn't ready, and says how to create them."""
    world = make_world(broker_url, "memory://", model="fake://")
    running = world.start()
    eventually(lambda: "halted" in (running.service.ready() or ""), "it is halted", within_seconds=_SECONDS)
    assert "`memelens topics create`" in str(running.service.ready())
    assert running.service.alive() is None
    running.stop()


def test_a_finite_run_ends_with_the_sentence(make_world: MakeWorld, broker_url: str) -> None:
    """A run that ends by itself has nobody who watches it: it raises what a person must do."""
    world = make_world(broker_url, "memory://", model="fake://")
    with pytest.raises(OperatorError, match="memelens topics create"):
        world.run(1)


def test_a_checkpoint_that_is_none_halts(make_world: MakeWorld, broker_url: str, tmp_path: Path) -> None:
    """A model folder without a checkpoint in it: not ready, alive, the folder is named."""
    world = make_world(broker_url, "memory://", model=str(tmp_path), **{"engine.process": "thread"})
    world.create_topics()
    running = world.start()
    eventually(lambda: "halted" in (running.service.ready() or ""), "it is halted", within_seconds=_SECONDS)
    assert str(tmp_path) in str(running.service.ready())
    assert running.service.alive() is None
    running.stop()


def test_an_unreachable_broker_is_waited_for(make_world: MakeWorld) -> None:
    """Nobody listens: the service waits, alive and not ready; a run that ends by itself says so at once."""
    (port,) = free_ports(1)
    world = make_world(f"kafka://127.0.0.1:{port}", "memory://", model="fake://", **{"limits.start_seconds": 2})
    running = world.start()
    eventually(lambda: running.service.ready() == "waiting for broker", "it waits", within_seconds=_SECONDS)
    assert running.service.alive() is None
    running.stop()
    with pytest.raises(BrokerUnavailableError, match=str(port)):
        Running(world.settings(), PollLimits(max_posts=1)).join()


@pytest.mark.redis
def test_redis_away_at_the_start_and_in_the_middle_stops_nothing(
    make_world: MakeWorld, broker_url: str, redis: RedisServer
) -> None:
    """Posts are judged without the cache, and from it again when it is back."""
    world = make_world(broker_url, redis.url, model="fake://")
    world.create_topics()
    running = world.start()
    world.send(posts(20))
    world.wait_for_verdicts(20)
    assert running.value("cache_breaker_open") == 1
    redis.start()
    eventually(lambda: _cached(world, running), "an answer from the cache", within_seconds=_SECONDS)
    redis.kill()
    sent = len(world.verdicts())
    world.send(posts(20, start=10_000))
    world.wait_for_verdicts(sent + 20)
    running.stop()
    assert world.dead_letters() == {}


def _cached(world: World, running: Running) -> bool:
    """Send a post that is known by now; whether it was answered from the cache."""
    before = running.value("finished_total", outcome="verdict")
    world.send(posts(1))
    eventually(lambda: running.value("finished_total", outcome="verdict") > before, "it is judged")
    return running.value("cache_lookups_total", what="scores", result="hit") > 0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("brokr: kafka://a:1\n", "brokr: unknown key (in {file}); did you mean 'broker'?"),
        ("model: ./gone\n", "model: './gone' (in {file}): no such directory"),
        ("batching: {max_posts: 0}\ngroup: ''\n", "batching.max_posts: 0 (in {file})"),
        ("broker: [\n", "is not YAML"),
    ],
)
def test_a_wrong_file_ends_with_status_two(tmp_path: Path, text: str, says: str) -> None:
    """Unknown keys, bad values and missing files are told with file, key, value and remedy, without a traceback."""
    file = tmp_path / "memelens.yaml"
    file.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "memelens", "run", "--config", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60)
    assert done.returncode == 2
    assert says.format(file=file) in done.stderr
    assert "Traceback" not in done.stderr
