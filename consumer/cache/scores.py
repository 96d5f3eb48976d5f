"""Scores and rationales in a cache: what their keys cover, what their values are, and how a post is forgotten.

Nothing in a key or an index tells what a post says: all of them are hashes under the salt. Values are JSON, checked on
reading: what doesn't parse or doesn't fit is a miss, whoever wrote it.
"""

import hashlib
import math
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from ...model.engine import Scores
from ...taxonomy import LABEL_SETS, Language
from ..judging.explaining import WantedRationale
from ..prepared import PreparedPost
from .guarded import GuardedCache

__all__ = ["CacheKeys", "ScoreCache"]

_VERSION = 1  # of keys and values; a new one forgets everything
_LONGEST_RATIONALE = 20_000  # characters
_CONTENTS_PER_KEY = 100  # of the records of one key that a deletion still finds; older ones expire


@dataclass(frozen=True, slots=True)
class CacheKeys:
    """Where a post's scores lie, and the index of what belongs to the key of its record."""

    scores: str
    index: str


@dataclass(frozen=True, slots=True)
class _Found:
    scores: Scores
    index: str


class ScoreCache:
    """Raw scores and rationales of one model. An outage is a miss; only `erase` raises."""

    def __init__(self, cache: GuardedCache, scores_key: str, *, rationale_tokens: int = 0, salt: str = "") -> None:
        """`scores_key` is `ModelIdentity.scores_key`; `salt` keeps keys from telling what was posted.

        Rationales that were cut at another length than `rationale_tokens` are misses.
        """
        self._cache, self._rationale_tokens = cache, rationale_tokens
        self._salted = hashlib.blake2b(key=hashlib.sha256(salt.encode()).digest(), digest_size=20)
        self._scores_key = scores_key
        self._noting = threading.Lock()
        self._known_sets: dict[str, tuple[tuple[str, ...], int]] = {}

    def keys(self, prepared: PreparedPost) -> CacheKeys:
        """Keys of a post: same tenant, picture, text and language, same scores."""
        content = (
            prepared.post.tenant,
            prepared.image_sha256 or "",
            prepared.text_sha256,
            prepared.meme.language or "",
            self._scores_key,
        )
        return CacheKeys(self._key("s", "\0".join(content).encode()), self._key("i", prepared.key))

    def get_scores(self, keys: Sequence[CacheKeys]) -> list[Scores | None]:
        """Scores of each post where they are known, with one round trip.

        What another record wrote is noted in this record's index too (two more round trips), so that its deletion finds
        it.
        """
        values = self._cache.get([one.scores for one in keys])
        found = [None if value is None else self._read_scores(value) for value in values]
        self._note([one for one, hit in zip(keys, found, strict=True) if hit is not None and hit.index != one.index])
        return [None if hit is None else hit.scores for hit in found]

    def put_scores(self, scored: Sequence[tuple[CacheKeys, Scores]]) -> None:
        """Keep scores; those that hold NaN or an infinity are left out."""
        values = {
            keys.scores: orjson.dumps(
                {
                    "version": _VERSION,
                    "sets": " ".join(scores.sets),
                    "scores": scores.log_probabilities,
                    "index": keys.index,
                }
            )
            for keys, scores in scored
            if all(map(math.isfinite, scores.log_probabilities))
        }
        self._note([keys for keys, _ in scored if keys.scores in values], values)

    def note_shared(self, keys: Sequence[CacheKeys]) -> None:
        """These records took scores that were put for others: their deletions find them too."""
        self._note(keys)

    def get_rationales(self, wanted: Sequence[tuple[CacheKeys, WantedRationale]]) -> list[str | None]:
        """Text of each rationale where it is known, with one round trip."""
        values = self._cache.get([self._rationale_key(keys.scores, one) for keys, one in wanted])
        return [None if value is None else self._read_rationale(value) for value in values]

    def put_rationales(self, written: Sequence[tuple[CacheKeys, WantedRationale, str]]) -> None:
        """Keep rationales."""
        shape = {"version": _VERSION, "tokens": self._rationale_tokens}
        values = {
            self._rationale_key(keys.scores, one): orjson.dumps({**shape, "text": text}) for keys, one, text in written
        }
        self._note([keys for keys, _, _ in written], values)

    def erase(self, key: bytes) -> int:
        """Forget what belongs to the records of this key: scores and rationales of every model. Returns how many posts.

        Raises:
            CacheUnavailableError: nothing or not all was forgotten; what is left expires.
        """
        cache, index = self._cache.unguarded, self._key("i", key)
        contents = _read_index(cache.get([index])[0])
        doomed = [index, *contents]
        for scores in contents:
            doomed += self._rationale_keys(scores)
        cache.delete(doomed)
        return len(contents)

    def _note(self, keys: Sequence[CacheKeys], values: dict[str, bytes] | None = None) -> None:
        """Write `values` and what these records' indexes gain together: no index expires before its contents."""
        if not keys:
            return
        values = {} if values is None else values
        gained: dict[str, dict[str, None]] = {}
        for one in keys:
            gained.setdefault(one.index, {})[one.scores] = None
        with self._noting:  # an index is read and written again: two threads at once would lose what one of them adds
            self._write(gained, values)

    def _write(self, gained: Mapping[str, Mapping[str, None]], values: dict[str, bytes]) -> None:
        for index, old in zip(gained, self._cache.get(list(gained)), strict=True):
            contents = [*(scores for scores in _read_index(old) if scores not in gained[index]), *gained[index]]
            values[index] = orjson.dumps({"version": _VERSION, "contents": contents[-_CONTENTS_PER_KEY:]})
        self._cache.put(values)

    def _key(self, kind: str, content: bytes) -> str:
        digest = self._salted.copy()
        digest.update(kind.encode() + content)
        return f"memelens:{_VERSION}:{kind}:{digest.hexdigest()}"

    def _rationale_key(self, scores: str, wanted: WantedRationale) -> str:
        return self._key("r", f"{scores} {wanted.label_set} {wanted.label} {wanted.language}".encode())

    def _rationale_keys(self, scores: str) -> Iterable[str]:
        """Of everything that can be explained about one content."""
        for one in LABEL_SETS.values():
            for label in one.labels:
                for language in Language:
                    yield self._rationale_key(scores, WantedRationale(one.task, one.name, label, language))

    def _read_scores(self, value: bytes) -> _Found | None:
        try:
            read = orjson.loads(value)
            numbers, index = read["scores"], read["index"]
            sets, size = self._known_sets.get(read["sets"]) or self._check_sets(read["sets"])
            if read["version"] != _VERSION or len(numbers) != size or set(map(type, numbers)) != {float}:
                return None
            return _Found(Scores(sets, tuple(numbers)), index)
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def _read_rationale(self, value: bytes) -> str | None:
        try:
            read = orjson.loads(value)
            text, shape = read["text"], (read["version"], read["tokens"])
        except (ValueError, TypeError, KeyError):
            return None
        fits = isinstance(text, str) and 0 < len(text) <= _LONGEST_RATIONALE
        return text if fits and shape == (_VERSION, self._rationale_tokens) else None

    def _check_sets(self, names: str) -> tuple[tuple[str, ...], int]:
        """Label sets of a value, and how many scores they need; each task at most once."""
        sets = [LABEL_SETS[name] for name in names.split(" ")]
        if len({one.task for one in sets}) != len(sets):
            raise ValueError("a task stands twice")
        checked = tuple(one.name for one in sets), sum(len(one.labels) for one in sets)
        self._known_sets[names] = checked
        return checked


def _read_index(value: bytes | None) -> list[str]:
    """Keys of scores; empty for what doesn't fit."""
    if value is None:
        return []
    try:
        contents = orjson.loads(value)["contents"]
        return [one for one in contents if isinstance(one, str) and one.startswith(f"memelens:{_VERSION}:s:")]
    except (ValueError, TypeError, KeyError):
        return []
