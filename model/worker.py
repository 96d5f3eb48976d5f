"""What runs in the worker process: one engine, fed through a pipe by `supervisor.py`.

The first message is `("ready", EngineDescription)`, `("checkpoint", reason)` or `("broken", reason)`. Then each request
`(method, items)` is answered with `("done", results)`, `("unavailable", reason)` or, as the last word, `("broken",
reason)`.
"""

import contextlib
import os
import queue
import signal
import threading
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Literal

from .engine import Engine, Meme, RationaleRequest
from .errors import CheckpointError, EngineUnavailableError

__all__ = ["Method", "Request", "work"]

Method = Literal["score", "explain"]
Request = tuple[Method, Sequence[Meme] | Sequence[RationaleRequest]]


def work(connection: Connection, make_engine: Callable[[], Engine]) -> None:
    """Serve requests until the pipe closes; the process then ends at once, whatever it is computing.

    Signals of a terminal or a service manager go to the whole process group. They are the parent's to handle: it drains
    first, and closes the pipe.
    """
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
    requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, requests), daemon=True, name="pipe").start()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the parent is gone, and so are we
        try:
            engine = make_engine()
        except CheckpointError as error:
            connection.send(("checkpoint", str(error)))
            return
        except Exception as error:  # noqa: BLE001  the parent must hear why, whatever it was
            connection.send(("broken", f"{type(error).__name__}: {error}"))
            return
        connection.send(("ready", engine.description))
        while _serve(connection, engine, requests.get()):
            pass


def _serve(connection: Connection, engine: Engine, request: Request) -> bool:
    """Answer one request; False where the engine can't be trusted any more (a device error outlives its call)."""
    method, items = request
    try:
        connection.send(("done", getattr(engine, method)(items)))
    except EngineUnavailableError as error:
        connection.send(("unavailable", str(error)))
    except (BrokenPipeError, ConnectionResetError):
        return False
    except Exception as error:  # noqa: BLE001  anything else means that this process must go
        connection.send(("broken", f"{type(error).__name__}: {error}"))
        return False
    return True


def _receive(connection: Connection, requests: "queue.SimpleQueue[Request]") -> None:
    """Move requests from the pipe to the queue; end the process when the parent is gone, even in a long call."""
    while True:
        try:
            requests.put(connection.recv())
        except (EOFError, OSError):
            os._exit(0)
