"""`fake://`: an engine that answers at once from a hash of the content, for load, fault and contract tests."""

import difflib
import hashlib
import os
import signal
import time
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Annotated, NoReturn
from urllib.parse import parse_qsl, urlsplit

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..taxonomy import LABEL_SETS, TASKS, Language, Task, served_set
from .calibration import Calibration
from .engine import EngineDescription, Meme, ModelIdentity, RationaleRequest, Scores, TokenEstimate
from .errors import CheckpointError, EngineUnavailableError, MemeError

__all__ = ["FakeEngine", "FakeOptions"]

_LOUD_SHARE = 1 / 8
_VARIANTS = 256  # one byte of the digest picks a task's answer
_HANG_SECONDS = 24 * 3600.0


class FakeOptions(BaseModel):
    """The query of a `fake://` URL. Counters count calls of `score` in one process; a text marker matches memes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    latency_ms: Annotated[float, Field(ge=0)] = 0
    """Milliseconds that each call of `score` or `explain` takes."""
    fail_every: Annotated[int, Field(ge=0)] = 0
    """Every n-th call raises EngineUnavailableError; 0 is never."""
    die_every: Annotated[int, Field(ge=0)] = 0
    """At every n-th call the engine kills the process it runs in; 0 is never."""
    poison_text: str = ""
    """A meme whose text holds this is answered with a MemeError."""
    kill_text: str = ""
    """A meme whose text holds this kills the process the engine runs in."""
    hang_text: str = ""
    """A call with a meme whose text holds this never returns."""
    break_text: str = ""
    """A call with a meme whose text holds this raises what no engine may raise, as after a device error."""

    @classmethod
    def from_url(cls, url: str) -> "FakeOptions":
        """Options of `fake://?latency_ms=5&fail_every=100`.

        Raises:
            CheckpointError: not such a URL, an unknown option or a bad value.
        """
        parts = urlsplit(url)
        if parts.scheme != "fake" or parts.netloc or parts.path:
            raise CheckpointError(f"model {url!r}: write fake:// or fake://?option=value&…")
        try:
            return cls.model_validate(dict(parse_qsl(parts.query, keep_blank_values=True)))
        except ValidationError as error:
            raise CheckpointError(f"model {url!r}: {_sentence(error)}") from error


class FakeEngine:
    """Deterministic scores and rationales; one meme in eight is loud, the others answer as a harmless one would."""

    def __init__(self, options: FakeOptions | None = None) -> None:
        self._options = options or FakeOptions()
        self._calls = 0
        self._description = EngineDescription(
            identity=ModelIdentity("fake", "1", None, "fake", hashlib.sha256(b"memelens fake engine 1").hexdigest()),
            calibration=Calibration(),
            trained=_trained_cells(),
            rationale_languages=frozenset(Language),
            demonstration=True,
            tokens=TokenEstimate(base=256, per_image=256),
        )

    @property
    def description(self) -> EngineDescription:
        return self._description

    def count_tokens(self, meme: Meme) -> int:
        return self._description.tokens.count(meme)

    def score(self, memes: Sequence[Meme]) -> list[Scores | MemeError]:
        self._calls += 1
        self._obey_markers(memes)
        self._obey_counters()
        self._take_time()
        return [self._score(meme) for meme in memes]

    def explain(self, requests: Sequence[RationaleRequest]) -> list[str | MemeError]:
        self._obey_markers([request.meme for request in requests])
        self._take_time()
        return [self._explain(request) for request in requests]

    def close(self) -> None:
        """Holds nothing."""

    def _score(self, meme: Meme) -> Scores | MemeError:
        if error := self._poison(meme):
            return error
        digest = _digest(meme)
        sets, quiet, loud = _answers(meme.language)
        answers = loud if digest[-1] < _LOUD_SHARE * 256 else quiet
        flat: list[float] = []
        for choices, byte in zip(answers, digest, strict=False):
            flat += choices[byte]
        return Scores(sets, tuple(flat))

    def _explain(self, request: RationaleRequest) -> str | MemeError:
        if error := self._poison(request.meme):
            return error
        mark = _digest(request.meme).hex()[:8]
        return f"[{request.language}] {request.label_set} is {request.label} for the content {mark}."

    def _poison(self, meme: Meme) -> MemeError | None:
        marker = self._options.poison_text
        return (
            MemeError("fake-poison", "the fake engine was told to refuse it")
            if marker in meme.text and marker
            else None
        )

    def _obey_markers(self, memes: Sequence[Meme]) -> None:
        options = self._options
        if _holds(memes, options.kill_text):
            _kill_own_process()
        if _holds(memes, options.hang_text):
            time.sleep(_HANG_SECONDS)
        if _holds(memes, options.break_text):
            raise RuntimeError("the fake engine was told to break")

    def _obey_counters(self) -> None:
        options = self._options
        if options.die_every and self._calls % options.die_every == 0:
            _kill_own_process()
        if options.fail_every and self._calls % options.fail_every == 0:
            raise EngineUnavailableError(f"the fake engine fails every {options.fail_every} calls")

    def _take_time(self) -> None:
        if self._options.latency_ms:
            time.sleep(self._options.latency_ms / 1000)


def _holds(memes: Sequence[Meme], marker: str) -> bool:
    return bool(marker) and any(marker in meme.text for meme in memes)


def _kill_own_process() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")  # SIGKILL can't be survived


def _digest(meme: Meme) -> bytes:
    parts = (meme.text, meme.caption, meme.language or "")
    joined = "\0".join(parts).encode(errors="surrogatepass")
    whole = hashlib.blake2b(joined, digest_size=len(TASKS) + 1)
    if meme.image is not None:
        whole.update(hashlib.sha1(meme.image, usedforsecurity=False).digest())
    return whole.digest()


def _trained_cells() -> dict[Task, frozenset[Language]]:
    """English has every task, each other language every third: both kinds of evidence occur."""
    languages = tuple(Language)
    return {
        task: frozenset(
            language
            for column, language in enumerate(languages)
            if language is Language.ENGLISH or (row + column) % 3 == 0
        )
        for row, task in enumerate(TASKS)
    }


_Answers = tuple[tuple[tuple[float, ...], ...], ...]
"""Log-probabilities by task and variant: a tuple of labels each."""


@cache
def _answers(language: Language | None) -> tuple[tuple[str, ...], _Answers, _Answers]:
    """Names of the served sets, and their answers for a quiet and for a loud meme."""
    names = tuple(served_set(task, language).name for task in TASKS)
    return names, tuple(_variants(name, 5.0) for name in names), tuple(_variants(name, 0.0) for name in names)


@cache
def _variants(label_set: str, lead_of_first: float) -> tuple[tuple[float, ...], ...]:
    random, labels = Random(label_set), len(LABEL_SETS[label_set].labels)
    raw = np.array([[random.gauss(0, 1.5) for _ in range(labels)] for _ in range(_VARIANTS)])
    raw[:, 0] += lead_of_first
    raw -= np.log(np.exp(raw).sum(axis=1, keepdims=True))
    return tuple(tuple(float(value) for value in row) for row in raw)


def _sentence(error: ValidationError) -> str:
    problem = error.errors()[0]
    name = str(problem["loc"][0])
    if problem["type"] != "extra_forbidden":
        return f"{name}={problem['input']!r}: {problem['msg']}"
    near = difflib.get_close_matches(name, FakeOptions.model_fields, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(FakeOptions.model_fields)}"
    return f"unknown option {name!r}; {hint}"
