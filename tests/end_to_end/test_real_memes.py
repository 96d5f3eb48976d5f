"""Real memes of a published corpus through Kafka and Redis: read where the corpus lies, never copied."""

import base64
import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.world import MakeWorld

from memelens.consumer.messages import Verdict
from memelens.taxonomy import TASKS

pytestmark = [pytest.mark.corpus, pytest.mark.kafka, pytest.mark.redis, pytest.mark.slow]

_CORPUS = Path(__file__).parents[3] / "shared/corpus/raw/multi3hate/data"
_LANGUAGES = ("en", "es", "hi")
_POLICIES = {"wide": ("hateful", "toxic", "vulgar"), "narrow": ("hateful", "toxic")}
_EACH = None if os.environ.get("MEMELENS_REAL") == "all" else 30


@pytest.fixture(scope="module")
def posts() -> list[dict[str, Any]]:
    """Memes with their text, each language's in the order of its file."""
    if not _CORPUS.is_dir():
        pytest.skip(f"the real memes aren't there: put Multi3Hate's data at {_CORPUS}")
    return [post for language in _LANGUAGES for post in list(_memes(language))[:_EACH]]


def _memes(language: str) -> Iterator[dict[str, Any]]:
    pictures = {path.stem: path for path in (_CORPUS / "memes" / language).rglob("*.jpg")}
    with (_CORPUS / "captions" / f"{language}.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if picture := pictures.get(row["Meme ID"]):
                yield {
                    "post_id": f"{language}-{row['Meme ID']}",
                    "language": language,
                    "image": {"content": base64.b64encode(picture.read_bytes()).decode()},
                    "image_text": row["Translation"].replace("<sep>", "\n"),
                }


def test_real_memes_are_judged_once_and_answered_from_the_cache_afterwards(
    make_world: MakeWorld, posts: list[dict[str, Any]], kafka_url: str, redis_url: str, tmp_path: Path
) -> None:
    """Twenty answers each; a new group gets the same verdicts from the cache, a new policy needs no model."""
    policies = {name: _policy(tmp_path / f"{name}.yaml", name, tasks) for name, tasks in _POLICIES.items()}
    world = make_world(kafka_url, redis_url, policy=policies["wide"])
    world.create_topics()
    count = world.send(posts)

    first = world.run(count)
    verdicts = world.new_verdicts()
    assert {one["post_id"] for one in verdicts} == {post["post_id"] for post in posts}
    assert world.dead_letters() == {}
    assert first.value("finished_total", outcome="verdict") == count
    for one in verdicts:
        _check(one)

    again = world.run(count, group="again")
    repeated = world.new_verdicts()
    assert again.value("batch_posts_count") == 0
    assert {one["verdict_id"] for one in repeated} == {one["verdict_id"] for one in verdicts}
    assert all(one["cached"] for one in repeated)
    assert _rationales(repeated) == _rationales(verdicts)

    changed = world.run(count, group="changed", policy=policies["narrow"])
    judged = world.new_verdicts()
    assert changed.value("batch_posts_count") == 0
    assert changed.value("cache_lookups_total", what="rationales", result="miss") == 0
    assert not {one["verdict_id"] for one in judged} & {one["verdict_id"] for one in verdicts}
    flagged = [_flags(some) for some in (verdicts, judged)]
    assert flagged[1] < flagged[0]


def _check(content: dict[str, Any]) -> None:
    verdict = Verdict.model_validate(content)
    assert set(verdict.labels) == set(TASKS)
    for label in verdict.labels.values():
        assert sum(label.probabilities.values()) == pytest.approx(1, abs=1e-6)
        assert label.label == max(label.probabilities, key=label.probabilities.__getitem__)


def _policy(path: Path, name: str, tasks: tuple[str, ...]) -> Path:
    """A policy that flags these tasks and explains every flag."""
    thresholds = ", ".join(f"{task}: 0.5" for task in tasks)
    rationales = "{which: flagged, max_per_post: 100, languages: [en, post]}"
    path.write_text(f"name: {name}\nthresholds: {{{thresholds}}}\nrationales: {rationales}\n", encoding="utf-8")
    return path


def _flags(verdicts: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(one["post_id"], task) for one in verdicts for task, label in one["labels"].items() if label["flagged"]}


def _rationales(verdicts: list[dict[str, Any]]) -> dict[str, Any]:
    return {one["post_id"]: one["rationales"] for one in verdicts}
