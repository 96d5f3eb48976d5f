"""How the pipeline's threads learn that it is over: asked to stop, halted for a person, or failed."""

import threading

import structlog

from ..errors import OperatorError

__all__ = ["Control", "StoppedError"]

_log = structlog.get_logger(__name__)


class StoppedError(Exception):
    """The pipeline ends while a step waits for something; nothing is wrong."""


class Control:
    """What is going on, for all threads. Safe to share between them; each of its states is reached once.

    `stays_alive` says whether a halted pipeline waits for a person. One that ends by itself has nobody who watches it,
    so it fails instead.
    """

    def __init__(self, *, stays_alive: bool = True) -> None:
        self._stays_alive = stays_alive
        self.stopping = threading.Event()
        """Nothing more is admitted; what is in flight is finished."""
        self.ended = threading.Event()
        """Nothing is waited for any more."""
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._halted: str | None = None
        self._failure: Exception | None = None

    @property
    def halted(self) -> str | None:
        """What a person must do; None where all is well. Nothing is consumed then, but the process stays alive."""
        return self._halted

    @property
    def failure(self) -> Exception | None:
        """Why the pipeline can't go on at all."""
        return self._failure

    def stop(self, reason: str) -> None:
        """Finish what is in flight, and end. Idempotent; may be called from a signal handler."""
        if self._over.is_set() and self.stopping.is_set():
            return
        if threading.current_thread() is threading.main_thread():
            # A signal handler runs in the middle of whatever this thread does, perhaps inside one of these events or of
            # the log, whose locks it would then wait for itself.
            threading.Thread(target=self._stop, args=(reason,), name="memelens-stop").start()
        else:
            self._stop(reason)

    def _stop(self, reason: str) -> None:
        with self._lock:
            first = not self.stopping.is_set()
            self.stopping.set()
        if first:
            _log.info("stopping", reason=reason)
        self._over.set()

    def halt(self, error: OperatorError) -> None:
        """Stop consuming and wait for a person; the first reason stays."""
        with self._lock:
            first, self._halted = self._halted is None, self._halted or str(error)
        if first:
            _log.error("halted", reason=str(error))
        if not self._stays_alive:
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """End now; `Pipeline.run` raises the first of these."""
        with self._lock:
            self._failure = self._failure or error
        self._over.set()

    def wait_until_over(self) -> None:
        """Wait for `stop` or `fail`."""
        # In short waits: a signal handler runs on the main thread only, between two of them.
        while not self._over.wait(0.5):
            pass

    def check(self) -> None:
        """Raises StoppedError where nothing is waited for any more."""
        if self.ended.is_set():
            raise StoppedError
