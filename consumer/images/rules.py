"""What may be fetched by reference, from where, and within which bounds."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult

from ..errors import PoisonError

__all__ = ["FetchingRules", "refuse_more_than_a_path"]


@dataclass(frozen=True, slots=True)
class FetchingRules:
    """Rules of fetching; without hosts, buckets and root nothing is fetched.

    Attributes:
        schemes: of `https`, `http` and `s3`; each also needs its hosts or buckets.
        hosts: web servers: `cdn.example.org`, `*.example.org` (its subdomains), with `:port` where it isn't the usual.
        private_networks: CIDR; other private, loopback and link-local addresses are never connected to.
        ca_file: replaces the public certificate authorities.
        buckets: of our own object store. While it doesn't answer, posts wait; credentials are boto3's own.
        s3_endpoint: of a store that isn't Amazon's.
        s3_region: where it isn't in boto3's own configuration.
        file_root: the folder that `file:` references lie in, after all links; None switches them off.
        max_bytes: of a compressed picture.
        connect_seconds: for each connection; `read_seconds` for each wait afterwards.
        total_seconds: for one attempt, from resolving the name to the last byte.
        unavailable_seconds: after this long a web server that stays unreachable is given up (dead letter); of the posts
            that come later one at a time is tried, once, until it answers again.
        connections: to web servers, and to the object store, at the same time.
    """

    schemes: frozenset[str] = frozenset({"https", "s3"})
    hosts: tuple[str, ...] = ()
    private_networks: tuple[str, ...] = ()
    ca_file: Path | None = None
    buckets: tuple[str, ...] = ()
    s3_endpoint: str | None = None
    s3_region: str | None = None
    file_root: Path | None = None
    max_bytes: int = 16 * 1024 * 1024
    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    total_seconds: float = 30.0
    unavailable_seconds: float = 120.0
    connections: int = 32


def refuse_more_than_a_path(parts: SplitResult) -> None:
    """Names of objects and files may hold `?` and `#`: cut off there, they would be the name of another picture.

    Raises:
        PoisonError: `reference-forbidden`, since the reference has a query or a fragment.
    """
    if parts.query or parts.fragment:
        raise PoisonError("reference-forbidden", "image.uri: in a path, ? and # are written %3F and %23")
