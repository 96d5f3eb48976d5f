"""What may be fetched by reference, from where, and within which bounds."""

from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["FetchingRules", "HttpRules", "S3Rules"]


@dataclass(frozen=True, slots=True)
class HttpRules:
    """Web servers. `hosts`: `cdn.example.org`, `*.example.org` (its subdomains), with `:port` where it isn't the usual.

    Plain `http:` needs `plain`. Private, loopback and link-local addresses need their network in `private_networks`
    (CIDR). `ca_file` replaces the public certificate authorities. A host that stays unreachable for
    `unavailable_seconds` is given up; posts that come later are then tried once each until it answers again.
    """

    hosts: tuple[str, ...] = ()
    plain: bool = False
    private_networks: tuple[str, ...] = ()
    ca_file: Path | None = None
    connections: int = 32
    unavailable_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class S3Rules:
    """Our own object store: while it doesn't answer, posts wait. `buckets` may be read; credentials are boto3's own."""

    buckets: tuple[str, ...] = ()
    endpoint: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class FetchingRules:
    """All of it off by default. `file_root` is the folder that `file:` references lie in.

    `connect_seconds` and `read_seconds` bound each wait for the network, `total_seconds` a whole attempt.
    """

    http: HttpRules = field(default_factory=HttpRules)
    s3: S3Rules = field(default_factory=S3Rules)
    file_root: Path | None = None
    max_bytes: int = 16 * 1024 * 1024
    connect_seconds: float = 5.0
    read_seconds: float = 10.0
    total_seconds: float = 30.0
