"""The client's log lines, bounded: an outage of ten seconds writes more than a hundred of them."""

import logging
import threading
import time
from collections.abc import Callable

__all__ = ["calm_client_log"]

_CLIENT = "kafka"
_AGAIN_SECONDS = 30.0


class _Calmed(logging.Handler):
    """Passes the client's lines on to the root logger: the first of each kind, and one in half a minute after it.

    A kind is a line of source code. Nothing goes unsaid: the next line tells how many like it were left out.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._guard = threading.Lock()
        self._said: dict[tuple[str, int], tuple[float, int]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno < logging.getLogger(_CLIENT).getEffectiveLevel():
            return
        kind = (record.pathname, record.lineno)
        with self._guard:
            at, left_out = self._said.get(kind, (-_AGAIN_SECONDS, 0))
            if due := self._now() - at >= _AGAIN_SECONDS:
                self._said[kind] = (self._now(), 0)
            else:
                self._said[kind] = (at, left_out + 1)
        if due:
            logging.getLogger().handle(_with_count(record, left_out))


def _with_count(record: logging.LogRecord, left_out: int) -> logging.LogRecord:
    if left_out:
        record = logging.makeLogRecord(record.__dict__)
        record.msg, record.args = f"{record.getMessage()} (and {left_out} more like it)", ()
    return record


def calm_client_log() -> None:
    """Bound what kafka-python writes into the log. Idempotent; a level that somebody has set stays.

    At debug level the client would write keys and values too.
    """
    logger = logging.getLogger(_CLIENT)
    if any(isinstance(handler, _Calmed) for handler in logger.handlers):
        return
    logger.addHandler(_Calmed())
    logger.propagate = False
    if logger.level in {logging.NOTSET, logging.DEBUG}:
        logger.setLevel(logging.WARNING)
    # Why a connection fails is said there only, and is listened to (`kafka_diagnosis`) even where nobody else does.
    logging.getLogger(f"{_CLIENT}.net.manager").setLevel(logging.WARNING)
