"""Scores and rationales in a cache: what shares an entry, what is a miss, what a deletion forgets."""

import math
from collections.abc import Mapping
from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memelens.consumer.brokers.interface import Partition, Record
from memelens.consumer.cache.guarded import GuardedCache
from memelens.consumer.cache.memory import MemoryCache
from memelens.consumer.cache.scores import ScoreCache
from memelens.consumer.clock import ManualClock
from memelens.consumer.errors import CacheUnavailableError
from memelens.consumer.judging.explaining import WantedRationale
from memelens.consumer.judging.judge import Judge, Judgement
from memelens.consumer.judging.policy_loading import load_policy
from memelens.consumer.messages import Post
from memelens.consumer.prepared import PreparedPost
from memelens.model.calibration import Calibration, LabelSetCalibration
from memelens.model.engine import Meme, Scores
from memelens.model.fake import FakeEngine
from memelens.taxonomy import LABEL_SETS, Language, Task

PREPARED = PreparedPost(
    record=Record(Partition("memes.posts", 0), 7, b"key", b"{}"),
    post=Post(post_id="p-1", caption="a teapot"),
    meme=Meme(caption="a teapot", language=Language.ENGLISH),
    key=b"key",
    image_sha256="a" * 64,
    text_sha256="b" * 64,
    language="en",
)
SCORES = Scores(("hateful", "sarcasm-degree"), (-0.125, -2.5, -1.0, -1.5, -1.25, -3.0))
WHY = WantedRationale(Task.HATEFUL, "hateful", "hateful", Language.ENGLISH)


class Seen(MemoryCache):
    """A memory cache whose content can be read and changed, that counts calls and can be switched off."""

    def __init__(self) -> None:
        super().__init__(max_bytes=10_000_000, ttl_seconds=60, clock=ManualClock())
        self.content: dict[str, bytes] = {}
        self.calls: list[str] = []
        self.is_down = False

    def get(self, keys: object) -> list[bytes | None]:
        self._note("get")
        return [self.content.get(key) for key in keys]  # type: ignore[attr-defined]  # a sequence of keys

    def put(self, items: Mapping[str, bytes]) -> None:
        self._note("put")
        self.content.update(items)

    def delete(self, keys: object) -> None:
        self._note("delete")
        for key in keys:  # type: ignore[attr-defined]  # a sequence of keys
            self.content.pop(key, None)

    def _note(self, call: str) -> None:
        self.calls.append(call)
        if self.is_down:
            raise CacheUnavailableError("down")


def score_cache(seen: Seen, scores_key: str = "model-1", salt: str = "") -> ScoreCache:
    """A score cache over what can be seen."""
    return ScoreCache(GuardedCache(seen, clock=ManualClock()), scores_key, salt=salt)


def test_scores_come_back_to_the_last_bit() -> None:
    """An answer from the cache is the model's answer."""
    cache = score_cache(Seen())
    keys = cache.keys(PREPARED)
    assert cache.get_scores([keys]) == [None]
    cache.put_scores([(keys, SCORES)])
    (found,) = cache.get_scores([keys])
    assert found is not None
    assert (found.sets, found.log_probabilities) == (SCORES.sets, SCORES.log_probabilities)


@given(st.lists(st.floats(max_value=0, allow_infinity=False), min_size=6, max_size=6))
def test_every_finite_score_survives(numbers: list[float]) -> None:
    """However small or close to zero."""
    cache = score_cache(Seen())
    keys = cache.keys(PREPARED)
    cache.put_scores([(keys, Scores(SCORES.sets, tuple(numbers)))])
    (found,) = cache.get_scores([keys])
    assert found is not None
    assert found.log_probabilities == tuple(numbers)


def with_post(**changes: object) -> PreparedPost:
    """The post with other fields."""
    return replace(PREPARED, post=PREPARED.post.model_copy(update=changes))


@pytest.mark.parametrize(
    ("other", "scores_key", "salt"),
    [
        (with_post(tenant="other"), "model-1", ""),
        (replace(with_post(tenant="default" + "a" * 64), image_sha256=None), "model-1", ""),
        (replace(PREPARED, image_sha256="c" * 64), "model-1", ""),
        (replace(PREPARED, image_sha256=None), "model-1", ""),
        (replace(PREPARED, text_sha256="c" * 64), "model-1", ""),
        (replace(PREPARED, meme=replace(PREPARED.meme, language=Language.GERMAN)), "model-1", ""),
        (replace(PREPARED, meme=replace(PREPARED.meme, language=None)), "model-1", ""),
        (PREPARED, "model-2", ""),
        (PREPARED, "model-1", "pepper"),
    ],
    ids=[
        "tenant",
        "tenant that ends like a hash",
        "image",
        "no image",
        "text",
        "language",
        "no language",
        "model",
        "salt",
    ],
)
def test_what_may_score_otherwise_has_another_key(other: PreparedPost, scores_key: str, salt: str) -> None:
    """Tenant, picture, text, language, model and salt each separate entries."""
    seen = Seen()
    score_cache(seen).put_scores([(score_cache(seen).keys(PREPARED), SCORES)])
    cache = score_cache(seen, scores_key, salt)
    assert cache.get_scores([cache.keys(other)]) == [None]


@pytest.mark.parametrize(
    "other",
    [with_post(post_id="p-2"), with_post(metadata={"a": "b"}), replace(PREPARED, key=b"other key")],
    ids=["post id", "metadata", "record key"],
)
def test_the_same_content_shares_an_entry(other: PreparedPost) -> None:
    """The same meme posted again isn't scored again."""
    cache = score_cache(Seen())
    cache.put_scores([(cache.keys(PREPARED), SCORES)])
    assert cache.get_scores([cache.keys(other)]) != [None]


def test_keys_tell_nothing() -> None:
    """Neither keys nor indexes hold an id, a label or a hash of the content."""
    seen = Seen()
    cache = score_cache(seen)
    cache.put_rationales([(cache.keys(PREPARED), WHY, "it insults the Zorblaxians")])
    told = " ".join(seen.content) + " ".join(v.decode() for k, v in seen.content.items() if ":i:" in k)
    assert not [word for word in ("p-1", "key ", "hateful", "en ", "a" * 64, "b" * 64) if word in told]


VALUE = {"version": 1, "sets": "hateful", "scores": [-0.5, -1.5], "index": "i"}


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xff\x00",
        b"null",
        b"[]",
        b"1e999",
        orjson.dumps(VALUE)[:-2],
        orjson.dumps(VALUE | {"version": 2}),
        orjson.dumps(VALUE | {"sets": "hatefull"}),
        orjson.dumps(VALUE | {"sets": ""}),
        orjson.dumps(VALUE | {"sets": ["hateful"]}),
        orjson.dumps(VALUE | {"sets": "sarcasm sarcasm-degree", "scores": [-1.0] * 6}),
        orjson.dumps(VALUE | {"scores": [-0.5]}),
        orjson.dumps(VALUE | {"scores": [-0.5, None]}),
        orjson.dumps(VALUE | {"scores": [-0.5, "-1.5"]}),
        orjson.dumps(VALUE | {"scores": [-0.5, True]}),
        orjson.dumps(VALUE | {"scores": {"a": -0.5, "b": -1.5}}),
        orjson.dumps(VALUE).replace(b"-1.5", b"-1e999"),
        orjson.dumps({key: value for key, value in VALUE.items() if key != "index"}),
    ],
)
def test_a_corrupted_value_is_a_miss(value: bytes) -> None:
    """What doesn't parse or doesn't fit is scored anew."""
    seen = Seen()
    cache = score_cache(seen)
    keys = cache.keys(PREPARED)
    seen.content[keys.scores] = orjson.dumps(VALUE)
    assert cache.get_scores([keys]) != [None]
    seen.content[keys.scores] = value
    assert cache.get_scores([keys]) == [None]


@given(st.binary(max_size=60), st.integers(0, 200), st.integers(0, 200))
def test_random_damage_never_raises(noise: bytes, start: int, end: int) -> None:
    """Any bytes in any place: a miss, or scores that fit their label sets."""
    seen = Seen()
    cache = score_cache(seen)
    keys = cache.keys(PREPARED)
    cache.put_rationales([(keys, WHY, "because")])
    cache.put_scores([(keys, SCORES)])
    for key, value in seen.content.items():
        seen.content[key] = value[:start] + noise + value[end:]
    (found,) = cache.get_scores([keys])
    assert found is None or len(found.log_probabilities) == sum(len(LABEL_SETS[name].labels) for name in found.sets)
    (text,) = cache.get_rationales([(keys, WHY)])
    assert text is None or isinstance(text, str)
    cache.erase(b"key")


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_scores_that_are_no_numbers_are_not_kept(number: float) -> None:
    """An error of today isn't an answer of tomorrow."""
    seen = Seen()
    cache = score_cache(seen)
    cache.put_scores([(cache.keys(PREPARED), Scores(("hateful",), (number, -1.0)))])
    assert seen.content == {}


def test_a_batch_is_one_round_trip() -> None:
    """However many posts; a second pass over the same records writes nothing."""
    seen = Seen()
    cache = score_cache(seen)
    keys = [cache.keys(replace(PREPARED, text_sha256=f"{number:064d}", key=b"%d" % number)) for number in range(50)]
    cache.put_scores([(one, SCORES) for one in keys])
    seen.calls.clear()
    assert None not in cache.get_scores(keys)
    assert seen.calls == ["get"]


def test_rationales_are_kept_by_label_and_language() -> None:
    """Another label or language of the same meme is another text."""
    cache = score_cache(Seen())
    keys = cache.keys(PREPARED)
    cache.put_rationales([(keys, WHY, "it insults the Zorblaxians")])
    others = [
        replace(WHY, language=Language.GERMAN),
        replace(WHY, label="not-hateful"),
        replace(WHY, label_set="toxic"),
    ]
    asked = [(keys, one) for one in (WHY, *others)]
    assert cache.get_rationales(asked) == ["it insults the Zorblaxians", None, None, None]


def test_a_rationale_cut_elsewhere_is_a_miss() -> None:
    """After a change of `engine.rationale_tokens` every rationale is written at the new length."""
    seen = Seen()
    old, new = score_cache(seen), ScoreCache(GuardedCache(seen, clock=ManualClock()), "model-1", rationale_tokens=96)
    keys = old.keys(PREPARED)
    old.put_rationales([(keys, WHY, "it insults the")])
    assert new.get_rationales([(keys, WHY)]) == [None]
    new.put_rationales([(keys, WHY, "it insults the Zorblaxians")])
    assert new.get_rationales([(keys, WHY)]) == ["it insults the Zorblaxians"]


@pytest.mark.parametrize(
    "changes", [{"text": ""}, {"text": "x" * 20_001}, {"text": None}, {"version": 2}, {"tokens": None}]
)
def test_a_corrupted_rationale_is_a_miss(changes: dict[str, object]) -> None:
    """What doesn't fit is written anew, whoever put it there."""
    seen = Seen()
    cache = score_cache(seen)
    keys = cache.keys(PREPARED)
    cache.put_rationales([(keys, WHY, "because")])
    (key,) = [one for one in seen.content if ":r:" in one]
    seen.content[key] = orjson.dumps(orjson.loads(seen.content[key]) | changes)
    assert cache.get_rationales([(keys, WHY)]) == [None]


def test_a_deletion_forgets_all_that_belongs_to_the_key() -> None:
    """Every revision under the key, every model, scores and rationales; nothing of other keys."""
    seen = Seen()
    old, new = score_cache(seen, "model-1"), score_cache(seen, "model-2")
    edited = replace(PREPARED, text_sha256="c" * 64)
    stranger = replace(PREPARED, text_sha256="d" * 64, key=b"another key")
    for cache in (old, new):
        for post in (PREPARED, edited, stranger):
            cache.put_scores([(cache.keys(post), SCORES)])
            cache.put_rationales([(cache.keys(post), WHY, "because")])
    assert new.erase(b"key") == 4
    for cache in (old, new):
        found = cache.get_scores([cache.keys(post) for post in (PREPARED, edited, stranger)])
        assert [one is None for one in found] == [True, True, False]
        assert cache.get_rationales([(cache.keys(PREPARED), WHY), (cache.keys(stranger), WHY)]) == [None, "because"]
    assert new.erase(b"key") == 0
    assert len(seen.content) == 5


def test_a_deletion_finds_what_another_post_wrote() -> None:
    """A post answered from the cache is forgotten too: the entry that another record made goes with it."""
    cache = score_cache(Seen())
    again = replace(PREPARED, key=b"another key")
    cache.put_scores([(cache.keys(PREPARED), SCORES)])
    assert cache.get_scores([cache.keys(again)]) != [None]
    assert cache.erase(b"another key") == 1
    assert cache.get_scores([cache.keys(PREPARED)]) == [None]


def test_equal_memes_of_one_batch_are_both_found() -> None:
    """Two records with one content, written at once: deleting either forgets it."""
    cache = score_cache(Seen())
    again = replace(PREPARED, key=b"another key")
    cache.put_scores([(cache.keys(PREPARED), SCORES), (cache.keys(again), SCORES)])
    assert cache.erase(b"another key") == 1
    assert cache.get_scores([cache.keys(PREPARED)]) == [None]


def test_an_index_stays_small() -> None:
    """A key that stands for thousands of posts keeps the latest hundred in its index."""
    seen = Seen()
    cache = score_cache(seen)
    posts = [replace(PREPARED, text_sha256=f"{number:064d}") for number in range(150)]
    for post in posts:
        cache.put_scores([(cache.keys(post), SCORES)])
    assert cache.erase(b"key") == 100
    assert cache.get_scores([cache.keys(posts[-1])]) == [None]


def test_an_outage_is_a_miss_and_a_deletion_says_so() -> None:
    """Posts go on without the cache; who must forget something learns that it wasn't."""
    seen = Seen()
    cache = score_cache(seen)
    keys = cache.keys(PREPARED)
    cache.put_scores([(keys, SCORES)])
    seen.is_down = True
    assert cache.get_scores([keys]) == [None]
    assert cache.get_rationales([(keys, WHY)]) == [None]
    cache.put_scores([(keys, SCORES)])
    with pytest.raises(CacheUnavailableError):
        cache.erase(b"key")


def test_calibration_changes_labels_without_touching_the_cache() -> None:
    """Calibration and policy apply after the cache: the same entry gives another label."""
    engine, seen = FakeEngine(), Seen()
    cache = score_cache(seen, engine.description.identity.scores_key)
    keys = cache.keys(PREPARED)
    cache.put_scores([(keys, Scores(("hateful",), (-0.1, -2.35)))])
    before = dict(seen.content)

    def label(calibration: Calibration) -> str:
        (scores,) = cache.get_scores([keys])
        assert scores is not None
        judge = Judge(load_policy(None), replace(engine.description, calibration=calibration))
        (judgement,) = judge.judge([scores], [Language.ENGLISH])
        assert isinstance(judgement, Judgement)
        return judgement.labels[0]

    assert label(Calibration()) == "not-hateful"
    assert label(Calibration(sets={"hateful": LabelSetCalibration(bias=(0, 5))})) == "hateful"
    assert seen.content == before
