"""Is everything that `run` needs there? One finding after the other, each with what to do about it."""

import importlib.util
import math
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from ..model.engine import Engine, Meme, Scores
from ..model.errors import MemeError, ModelError
from ..taxonomy import LABEL_SETS, TASKS, Language
from .brokers.interface import Broker, TopicDescription
from .cache.interface import Cache
from .clock import Clock
from .errors import CacheUnavailableError, ConsumerError
from .judging.policy_loading import load_policy
from .service import cache_of, connect, start_engine
from .settings import ImageSettings, Settings
from .settings_loading import ordinal_of
from .topics import missing_topics, topic_names, topic_problems

__all__ = [
    "Finding",
    "Outcome",
    "cache_findings",
    "delivery_findings",
    "examine",
    "image_findings",
    "in_set_masses",
    "model_findings",
    "policy_findings",
    "topic_findings",
]

_PROBES = tuple(
    Meme(text=text, language=Language.ENGLISH)
    for text in ("The teapot is ready.", "Nobody asked.", "When it rains on a Monday", "Two of them, at sea")
)
_LOW_MASS = 0.9
_UNTRAINED_REMEDY = (
    "nothing is flagged on transferred evidence alone; put memelens.json beside the weights or set engine.manifest"
    " (released, for a copy of QCRI/MemeLens-VLM)"
)


class Outcome(StrEnum):
    """How a check came out; a warning doesn't keep the consumer from running."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do about it (empty where nothing is due)."""

    subject: str
    outcome: Outcome
    said: str
    remedy: str = ""


def examine(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """All findings, each as soon as it is there; what fails doesn't keep the others from being looked at."""
    yield from _safely("broker", lambda: _broker_findings(settings))
    yield from delivery_findings(settings)
    yield from _safely("cache", lambda: cache_findings(cache_of(settings, clock)))
    yield from _safely("policy", lambda: policy_findings(settings))
    yield from image_findings(settings.images)
    yield from _safely("model", lambda: _loaded_model_findings(settings))


def _safely(subject: str, findings: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from findings()
    except (ConsumerError, ModelError) as error:
        yield _failed(subject, error)


def _failed(subject: str, error: ConsumerError | ModelError) -> Finding:
    """A check that ended with an error; such an error's text holds the remedy."""
    said, _, remedy = str(error).partition("; ")
    return Finding(subject, Outcome.FAILED, said, remedy)


def _broker_findings(settings: Settings) -> Iterator[Finding]:
    with connect(settings) as broker:
        yield Finding("broker", Outcome.OK, f"{broker.url} answers and lets us in")
        yield from topic_findings(broker, settings)


def cache_findings(cache: Cache) -> Iterator[Finding]:
    """Whether what is put into the cache comes out again. An outage is a warning: posts are judged without it."""
    key, value = f"memelens:doctor:{uuid.uuid4()}", b"teapot"
    try:
        cache.put({key: value})
        kept = cache.get([key]) == [value]
        cache.delete([key])
    except CacheUnavailableError as error:
        remedy = "posts are judged without it meanwhile, each one by the model"
        yield Finding("cache", Outcome.WARNING, str(error), remedy)
        return
    finally:
        cache.close()
    if kept:
        yield Finding("cache", Outcome.OK, f"{cache.url} keeps what it is given")
    else:
        yield Finding("cache", Outcome.WARNING, f"{cache.url} forgets at once", "look at its maxmemory and policy")


def policy_findings(settings: Settings) -> Iterator[Finding]:
    """Whether the policy is one."""
    policy = load_policy(settings.policy)
    said = f"{policy.name!r}, digest {policy.digest}, {len(policy.thresholds)} tasks with thresholds"
    yield Finding("policy", Outcome.OK, said)


def _loaded_model_findings(settings: Settings) -> Iterator[Finding]:
    with closing(start_engine(settings)) as engine:
        yield from model_findings(engine, asked_device=settings.engine.device)


def topic_findings(broker: Broker, settings: Settings) -> Iterator[Finding]:
    """Whether all topics are there and dead letters fit; how many posts wait."""
    names = topic_names(settings.topics)
    found = broker.describe_topics(names)
    for problem in topic_problems(settings.topics, found):
        said, _, remedy = problem.partition("; ")
        yield Finding("topics", Outcome.FAILED, said, remedy)
    if not missing_topics(settings.topics, found):
        yield Finding("topics", Outcome.OK, f"all {len(names)} are there; {_size(found[settings.topics.input])}")


def _size(topic: TopicDescription | None) -> str:
    return f"{topic.name} has {topic.partitions} partitions and {topic.records:,} records" if topic else ""


def delivery_findings(settings: Settings) -> Iterator[Finding]:
    """What the delivery asks for."""
    if settings.delivery == "exactly-once":
        said = f"exactly-once as {settings.group}-{ordinal_of(settings)}"
        remedy = "give every process of the group another ordinal, and let readers use read_committed"
        yield Finding("delivery", Outcome.OK, said, remedy)
    else:
        yield Finding("delivery", Outcome.OK, "at-least-once; a verdict may come twice, with the same verdict_id")


def image_findings(images: ImageSettings) -> Iterator[Finding]:
    """Where references may lead, and whether what reads them is installed."""
    places = [*images.hosts, *(f"s3://{name}" for name in images.buckets)]
    places += [f"file:{images.file_root}"] if images.file_root else []
    if images.buckets and importlib.util.find_spec("boto3") is None:
        yield Finding("pictures", Outcome.FAILED, "images.buckets needs boto3", "pip install 'memelens[s3]'")
    said = f"references may lead to {', '.join(places)}" if places else "inline only: no reference may be fetched"
    yield Finding("pictures", Outcome.OK, said, "" if places else "list hosts, buckets or file_root under images:")


def model_findings(engine: Engine, *, asked_device: str) -> Iterator[Finding]:
    """What the model is, whether it answers with our labels, and where it runs."""
    description, identity = engine.description, engine.description.identity
    name = f"{identity.name} {identity.revision[:12]}" + (f" with {identity.adapter}" if identity.adapter else "")
    if description.demonstration:
        remedy = "for real posts set model: QCRI/MemeLens-VLM, or a checkpoint of your own"
        yield Finding("model", Outcome.WARNING, f"{name} knows nothing of the real world", remedy)
    else:
        cells = sum(len(description.trained.get(task, ())) for task in TASKS)
        trained = f"{cells} of {len(TASKS) * len(Language)} task and language cells trained"
        outcome, remedy = (Outcome.OK, "") if cells else (Outcome.WARNING, _UNTRAINED_REMEDY)
        yield Finding("model", outcome, f"{name}, layout {identity.layout}; {trained}", remedy)
    yield from _answers(engine)
    slow = description.device == "cpu" and asked_device == "auto" and not description.demonstration
    remedy = "install a torch build for your GPU, or expect seconds for each post" if slow else ""
    yield Finding("device", Outcome.WARNING if slow else Outcome.OK, description.device, remedy)


def _answers(engine: Engine) -> Iterator[Finding]:
    answers = engine.score(_PROBES)
    errors = [answer for answer in answers if isinstance(answer, MemeError)]
    if errors:
        yield Finding("answers", Outcome.FAILED, f"a plain sentence can't be judged: {errors[0]}")
        return
    masses = [in_set_masses(answer) for answer in answers if isinstance(answer, Scores)]
    mean = fmean(mass for one in masses for mass in one.values())
    low = mean < _LOW_MASS
    worst = min(masses[0], key=lambda name: sum(one[name] for one in masses))
    said = f"{mean:.0%} of the model's probability lies on the labels that are asked for; least for {worst}"
    remedy = "the checkpoint may want another layout or prompt: memelens.json beside it, or engine.manifest"
    yield Finding("answers", Outcome.WARNING if low else Outcome.OK, said, remedy if low else "")


def in_set_masses(scores: Scores) -> Mapping[str, float]:
    """Probability that the model gives to all labels of a set together, by set.

    Near 1 it answers with our labels; near 0 it would rather say something else, and its scores mean little.
    """
    return {
        name: math.fsum(map(math.exp, values))
        for name, values in scores.by_set().items()
        if not LABEL_SETS[name].multiple  # each of its labels is a question of its own
    }
