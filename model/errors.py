"""What can go wrong on the model's side.

ModelError
├── CheckpointError      operator must act: the checkpoint can't be served as it is
├── HubError             operator must act: the hub doesn't give what was asked for
├── MemeError            poison: this one meme can't be judged (pickled across the worker's pipe)
└── EngineUnavailable    retry later: the worker died or the device is gone, the memes are fine
"""

__all__ = ["CheckpointError", "EngineUnavailableError", "HubError", "MemeError", "ModelError", "first_line"]


class ModelError(Exception):
    """Anything that this folder raises on purpose."""


class CheckpointError(ModelError):
    """A checkpoint that can't be loaded or contradicts itself; names the file and the remedy in one line."""


class HubError(ModelError):
    """Why the hub gives nothing, and what to do; whoever asked adds what was asked for."""


class MemeError(ModelError):
    """One meme that can't be judged; `kind` is a short stable name for dead letters and metrics."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(kind, reason)
        self.kind, self.reason = kind, reason

    def __str__(self) -> str:
        return self.reason


class EngineUnavailableError(ModelError):
    """No answer from the engine though nothing is wrong with the memes; the same call may succeed later."""


def first_line(error: Exception) -> str:
    """The first line of what a library says, at most 200 characters of it; the error's name where it says nothing."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:200]
