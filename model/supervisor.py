"""An engine in a process of its own: started again when it dies, and the meme that kills it named."""

import atexit
import multiprocessing
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import structlog

from .engine import Engine, EngineDescription, Meme, RationaleRequest, Scores
from .errors import CheckpointError, EngineUnavailableError, MemeError
from .worker import Method, work

__all__ = ["Death", "SupervisedEngine", "WorkerLimits"]

Death = Literal["died", "hung", "broken"]
"""How a worker was lost: the process ended, a call passed its deadline, or the engine raised what it may not."""

_CANARY = Meme(text="canary")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """Deadlines in seconds: for loading the model, for one call, and for a worker that was asked to end."""

    start_seconds: float = 900.0
    call_seconds: float = 300.0
    stop_seconds: float = 5.0


class _WorkerLostError(Exception):
    """The worker is gone."""

    def __init__(self, death: Death, reason: str) -> None:
        super().__init__(reason)
        self.death = death


class SupervisedEngine:
    """`Engine` whose model lives in a child process.

    A worker that dies is started again and its batch submitted once more. A batch that kills it twice is run one by
    one, so that one more death names the culprit: its answer is a MemeError of kind `kills-worker`, the others get
    theirs.
    Where a harmless meme kills it too, no meme is to blame and the call raises EngineUnavailableError; so it does where
    the model that is loaded again isn't the one that was described.

    `make_engine` is pickled and called in the child. `on_death` is called after each loss, from the calling thread.

    Raises:
        CheckpointError: from the constructor, where the child can't serve the checkpoint.
        EngineUnavailableError: from the constructor, where the child died or wasn't ready in time.
    """

    def __init__(
        self,
        make_engine: Callable[[], Engine],
        limits: WorkerLimits | None = None,
        on_death: Callable[[Death], None] = lambda _: None,
    ) -> None:
        self._make_engine = make_engine
        self._limits = limits or WorkerLimits()
        self._on_death = on_death
        self._closed = threading.Event()
        self._worker: _Worker | None = None
        self._busy = threading.Lock()
        atexit.register(
            self.close
        )  # a worker ignores SIGTERM, so multiprocessing's own exit handler would wait for ever
        try:
            with self._busy:
                self._description = self._start().description
        except BaseException:
            self.close()
            raise

    @property
    def description(self) -> EngineDescription:
        return self._description

    @property
    def pid(self) -> int | None:
        """Process id of the worker; None while there is none."""
        return self._worker.pid if self._worker else None

    def count_tokens(self, meme: Meme) -> int:
        return self._description.tokens.count(meme)

    def score(self, memes: Sequence[Meme]) -> list[Scores | MemeError]:
        return self._run("score", memes)

    def explain(self, requests: Sequence[RationaleRequest]) -> list[str | MemeError]:
        return self._run("explain", requests)

    def close(self) -> None:
        self._closed.set()
        atexit.unregister(self.close)
        worker = self._worker
        if worker is None:
            return
        if self._busy.acquire(blocking=False):
            worker.stop(self._limits.stop_seconds)
            self._worker = None
            self._busy.release()
        else:
            worker.kill()  # the call in progress ends with EngineUnavailableError

    def _run(self, method: Method, items: Sequence[Any]) -> list[Any]:
        with self._busy:
            for _ in range(2):
                try:
                    return self._call(method, list(items))
                except _WorkerLostError:
                    continue
            return [self._run_alone(method, item) for item in items]

    def _run_alone(self, method: Method, item: object) -> object:
        try:
            (answer,) = self._call(method, [item])
        except _WorkerLostError as error:
            self._try_canary()
            return MemeError("kills-worker", f"the model's process was lost three times with it ({error})")
        return answer

    def _try_canary(self) -> None:
        try:
            self._call("score", [_CANARY])
        except _WorkerLostError as error:
            raise EngineUnavailableError(f"the model's process is lost with any meme ({error})") from error

    def _call(self, method: Method, items: list[Any]) -> list[Any]:
        if self._closed.is_set():
            raise EngineUnavailableError("the engine was closed")
        worker = self._worker or self._restart()
        try:
            return worker.call(method, items, self._limits.call_seconds)
        except _WorkerLostError as error:
            self._bury(error)
            raise

    def _restart(self) -> "_Worker":
        try:
            worker = self._start()
        except CheckpointError as error:
            raise EngineUnavailableError(f"the model can't be loaded again: {error}") from error
        old, new = self._description, worker.description
        if changed := [
            one.name for one in fields(EngineDescription) if getattr(old, one.name) != getattr(new, one.name)
        ]:
            self._forget(worker)  # its answers would be published and cached as the other's
            what = f"{', '.join(changed)}; revision {new.identity.revision}, before it was {old.identity.revision}"
            remedy = "put back what was there, or restart to serve what is there now"
            raise EngineUnavailableError(f"the model that was loaded again is another one ({what}): {remedy}")
        return worker

    def _start(self) -> "_Worker":
        worker = self._worker = _Worker(self._make_engine)
        if self._closed.is_set():  # by a thread that found no worker to end
            self._forget(worker)
            raise EngineUnavailableError("the engine was closed")
        try:
            worker.await_ready(self._limits.start_seconds)
        except _WorkerLostError as error:
            self._bury(error)
            raise EngineUnavailableError(f"the model's process doesn't start ({error})") from error
        except BaseException:
            self._forget(worker)
            raise
        return worker

    def _forget(self, worker: "_Worker") -> None:
        worker.end()
        self._worker = None

    def _bury(self, lost: _WorkerLostError) -> None:
        worker, self._worker = self._worker, None
        if worker:
            worker.end()
        if not self._closed.is_set():
            _log.warning("model worker lost", death=lost.death, reason=str(lost))
            self._on_death(lost.death)


class _Worker:
    """One life of the child process."""

    def __init__(self, make_engine: Callable[[], Engine]) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, make_engine), name="memelens-model", daemon=True)
        self._process.start()
        theirs.close()  # with our copy open, the child's death would not end the pipe

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def await_ready(self, seconds: float) -> None:
        """Wait for the engine's description. Raises CheckpointError, _WorkerLostError."""
        kind, answer = self._receive(seconds)
        if kind == "checkpoint":
            raise CheckpointError(answer)
        self.description: EngineDescription = answer

    def call(self, method: Method, items: list[Any], seconds: float) -> list[Any]:
        """Raises EngineUnavailableError, _WorkerLostError."""
        try:
            self._connection.send((method, items))
        except OSError as error:
            raise _WorkerLostError("died", self._exit()) from error
        kind, answer = self._receive(seconds)
        if kind == "unavailable":
            raise EngineUnavailableError(answer)
        results: list[Any] = answer
        return results

    def stop(self, seconds: float) -> None:
        """Close the pipe, which ends the child; kill it where it doesn't. Nobody may be waiting on the pipe."""
        self._connection.close()
        self._process.join(seconds)
        self.end()

    def end(self) -> None:
        """Kill and forget. Nobody may be waiting on the pipe."""
        self.kill()
        self._connection.close()

    def kill(self) -> None:
        """Kill; whoever waits on the pipe finds it ended."""
        self._process.kill()
        self._process.join()

    def _receive(self, seconds: float) -> tuple[str, Any]:
        try:
            if not self._connection.poll(seconds):
                raise _WorkerLostError("hung", f"no answer in {seconds:g} s")
            kind, answer = self._connection.recv()
        except (EOFError, OSError) as error:
            raise _WorkerLostError("died", self._exit()) from error
        if kind == "broken":
            raise _WorkerLostError("broken", answer)
        return kind, answer

    def _exit(self) -> str:
        self._process.join(1.0)
        code = self._process.exitcode
        return f"killed by signal {-code}" if code is not None and code < 0 else f"exit status {code}"
