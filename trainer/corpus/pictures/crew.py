"""Processes that look at pictures. One that dies costs nothing but time: the file that kills it is found and named."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from ....model.errors import MemeError
from ...errors import WorkersError
from .fingerprints import Fingerprint, fingerprint, is_large

__all__ = ["Crew", "Outcome", "PictureFile", "look_at"]


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture on this disk: its source's name and folder, and its path in there, with slashes."""

    source: str
    root: Path
    path: str


_REMEDY = "the processes that look at pictures can't be started or die at once: free memory, or build with --jobs 1"

Outcome = Fingerprint | MemeError | OSError
"""What is known of a picture, or why it can't be."""


def look_at(file: PictureFile) -> Outcome:
    """Read and fingerprint a picture."""
    try:
        data = (file.root / file.path).read_bytes()
        with _one_large if is_large(data) else nullcontext():
            return fingerprint(data)
    except (MemeError, OSError) as error:
        return error


class Crew:
    """Up to `jobs` processes, started when there is work for them. Call from one thread; `close` when done.

    Raises:
        WorkersError: from `begin` and what it gives, where processes can't be started or die without any picture.
    """

    def __init__(self, jobs: int) -> None:
        self._context = multiprocessing.get_context("spawn")
        # Nobody writes to it. It ends when we close it, or with us, and every worker ends with it.
        self._theirs, self._ours = self._context.Pipe(duplex=False)
        self._jobs = jobs
        self._pool, self._single = self._new_pool(jobs), self._new_pool(1)

    def begin(self, files: Sequence[PictureFile]) -> Callable[[], list[Outcome]]:
        """Have files looked at; what comes back waits for what was found, in their order."""
        if not files:
            return list
        try:
            begun = self._submit(self._pool, files)
        except BrokenProcessPool:
            self._pool = self._new_pool(self._jobs)
            begun = self._submit(self._pool, files)
        return partial(self._finish, files, begun)

    def close(self) -> None:
        """End all processes, whatever they are doing."""
        self._ours.close()
        for pool in (self._pool, self._single):
            pool.shutdown()
        self._theirs.close()

    def _finish(self, files: Sequence[PictureFile], begun: Future[list[Outcome]]) -> list[Outcome]:
        try:
            return begun.result()
        except BrokenProcessPool:  # by one of these files, by another's, or by nobody's fault
            return [self._look_alone(file) for file in files]

    def _look_alone(self, file: PictureFile) -> Outcome:
        for _ in range(2):
            try:
                return self._submit(self._single, [file]).result()[0]
            except BrokenProcessPool:
                self._single = self._new_pool(1)
        self._try_without_picture()
        return MemeError("kills-worker", "three processes died that opened it: out of memory, or a broken picture")

    def _try_without_picture(self) -> None:
        try:
            self._submit(self._single, []).result()
        except BrokenProcessPool as error:
            raise WorkersError(_REMEDY) from error

    def _new_pool(self, jobs: int) -> ProcessPoolExecutor:
        duties = (self._theirs, self._context.Lock())
        return ProcessPoolExecutor(jobs, self._context, _enlist, duties)

    @staticmethod
    def _submit(pool: ProcessPoolExecutor, files: Sequence[PictureFile]) -> Future[list[Outcome]]:
        try:
            with _interrupt_held():
                return pool.submit(_look_at_all, list(files))
        except OSError as error:
            raise WorkersError(f"{_REMEDY} ({error.strerror})") from error


@contextmanager
def _interrupt_held() -> Iterator[None]:
    """Processes started meanwhile never hear Ctrl-C, not even before their first line: it is ours to end them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_one_large: AbstractContextManager[object] = nullcontext()  # in a worker a lock: a few would fill the memory


def _enlist(parent: Connection, one_large: AbstractContextManager[object]) -> None:
    """What a worker does first."""
    global _one_large  # noqa: PLW0603 - the one way from a pool's initializer to its tasks
    _one_large = one_large
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Connection) -> None:
    parent.poll(None)
    os._exit(1)


def _look_at_all(files: Sequence[PictureFile]) -> list[Outcome]:
    return [look_at(file) for file in files]
