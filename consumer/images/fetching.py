"""Fetching the picture of a post by its reference."""

from typing import Protocol

from ..clock import Clock
from ..errors import PoisonError
from ..messages import PostImage
from .addresses import Resolve, resolve
from .files import FileSource
from .objects import ObjectSource
from .rules import FetchingRules
from .web import WebSource

__all__ = ["ImageFetcher", "Source"]


class Source(Protocol):
    """One kind of place that pictures are fetched from. Any thread may call it; calls block, bounded."""

    def fetch(self, uri: str, *, patient: bool = True) -> bytes:
        """Bytes behind a reference that has this source's scheme; `patient` as in `ImageFetcher.fetch`."""
        ...

    def close(self) -> None:
        """End all waiting; idempotent, never raises."""
        ...


class ImageFetcher:
    """Fetches pictures as far as the rules allow. Any thread may call it."""

    def __init__(self, rules: FetchingRules, clock: Clock, resolve: Resolve = resolve) -> None:
        self._sources: dict[str, Source] = {}
        web = rules.schemes & {"https", "http"}
        if rules.hosts and web:
            self._sources |= dict.fromkeys(web, WebSource(rules, clock, resolve))
        if rules.buckets and "s3" in rules.schemes:
            self._sources["s3"] = ObjectSource(rules)
        if rules.file_root is not None:
            self._sources["file"] = FileSource(rules.file_root, rules.max_bytes)

    def fetch(self, reference: PostImage, *, patient: bool = True) -> bytes:
        """The picture's bytes, unchecked but for their number (`prepare` checks hash and content).

        A web host that fails is tried for minutes, unless the caller isn't `patient`.

        Raises:
            UnsteadyHostError: not `patient`, and the host fails: to be fetched again by somebody who is.
            PoisonError: `reference-forbidden`, `redirected`, `gone`, `refused`, `too-large` or `unavailable`.
            RetryLaterError: our own store doesn't answer, or the fetcher was closed.
            OperatorError: our own store refuses us.
        """
        uri = reference.uri or ""
        source = self._sources.get(uri.partition(":")[0].lower())
        if source is None:
            allowed = ", ".join(f"{scheme}:" for scheme in sorted(self._sources)) or "none"
            raise PoisonError("reference-forbidden", f"image.uri: its scheme is not allowed (allowed: {allowed})")
        return source.fetch(uri, patient=patient)

    def close(self) -> None:
        """End all waiting; idempotent, never raises."""
        for source in self._sources.values():
            source.close()
