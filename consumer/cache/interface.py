"""What a cache must do: the contract that memory and Redis both pass, in one suite."""

from collections.abc import Mapping, Sequence
from typing import Protocol

__all__ = ["Cache"]


class Cache(Protocol):
    """Bytes by key, for a while. Safe to share between threads; it may forget anything at any time.

    Every method but `close` raises CacheUnavailableError where the cache doesn't answer in time; its text names the
    cache without secrets. `GuardedCache` wraps one so that nothing is raised.
    """

    @property
    def url(self) -> str:
        """Where it is, without secrets."""
        ...

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """Value of each key, None where there is none; one round trip."""
        ...

    def put(self, items: Mapping[str, bytes]) -> None:
        """Keep all of these, in one round trip; those of one call expire together, so none outlives another."""
        ...

    def delete(self, keys: Sequence[str]) -> None:
        """Forget these; unknown keys are ignored."""
        ...

    def close(self) -> None:
        """Idempotent; never raises."""
        ...
