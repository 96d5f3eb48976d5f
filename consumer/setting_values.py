"""What single settings may be: each function returns the value or raises a ValueError with what would be right."""

import difflib
import re
import ssl
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from ..model.checkpoint_files import local_path
from ..model.errors import CheckpointError
from ..model.fake import FakeOptions

__all__ = [
    "broker_url",
    "cache_url",
    "device_name",
    "existing_directory",
    "existing_file",
    "host_rule",
    "manifest_name",
    "model_name",
    "network",
    "redacted",
    "require_key_pair",
    "split_commas",
    "topic_name",
    "trusted_certificates",
    "web_address",
]

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+(@[\w./-]+)?")
_TOPIC = re.compile(r"[a-zA-Z0-9._-]{1,249}")
_CREDENTIALS = re.compile(r"(?<=://)[^/?#\s]*@")
_PASSWORD_OPTION = re.compile(r"(?<=[?&]password=)[^&#\s'\"]+", re.IGNORECASE)
_SERVER = re.compile(r"([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?", re.IGNORECASE)
_HOST = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9._-]*[a-z0-9])?(:\d{1,5})?", re.IGNORECASE)


def redacted(text: str) -> str:
    """The same text without user names and passwords inside URLs, wherever they stand."""
    return _PASSWORD_OPTION.sub("***", _CREDENTIALS.sub("***@", text))


def broker_url(url: str) -> str:
    """`kafka://host:port,…` or `sqlite:///path`, whose directory must exist."""
    scheme, found, rest = url.partition("://")
    if scheme == "kafka" and found:
        if "@" in rest:
            raise ValueError("write kafka://host:9092,…; user and password are kafka.sasl_username and sasl_password")
        if all(_is_server(server) for server in rest.strip("/").split(",")):
            return url
    if scheme == "sqlite" and rest.startswith("/") and rest != "/":
        existing_directory(Path(rest[1:]).parent)
        return url
    raise ValueError("write kafka://host:9092,… or sqlite:///path/to/file.db")


def cache_url(url: str) -> str:
    """`memory://`, or a Redis URL with a host."""
    parts = urlsplit(url)
    a_server = parts.scheme in {"redis", "rediss", "redis+cluster"} and parts.hostname and _has_good_port(parts)
    if url == "memory://" or (a_server and re.fullmatch(r"(/\d*)?", parts.path)):
        return url
    raise ValueError("write redis://host:6379/0, rediss://…, redis+cluster://… or memory://")


def model_name(name: str) -> str:
    """`demonstration`, `fake://`, an existing directory, or something that can be a hub id."""
    if name == "demonstration" or local_path(name).is_dir():
        return name
    if name.startswith("fake:"):
        try:
            FakeOptions.from_url(name)
        except CheckpointError as error:
            raise ValueError(str(error).partition(": ")[2]) from error
        return name
    if _HUB_ID.fullmatch(name) and not name.startswith("."):
        return name
    near = " (did you mean 'demonstration'?)" if difflib.get_close_matches(name, ["demonstration"]) else ""
    raise ValueError(f"no such directory; write demonstration, a directory, org/name[@revision] or fake://{near}")


def manifest_name(name: str) -> str:
    """`released`, or a file that can be read."""
    if name != "released":
        existing_file(local_path(name))
    return name


def device_name(name: str) -> str:
    """auto, cpu, cuda or cuda:N."""
    if re.fullmatch(r"auto|cpu|cuda(:\d+)?", name):
        return name
    raise ValueError("write auto, cpu, cuda or cuda:0")


def existing_file(path: Path) -> Path:
    """A file that can be read."""
    if path.is_file():
        return path
    if path.exists():
        raise ValueError("is no file")
    near = difflib.get_close_matches(path.name, _names_beside(path), n=1)
    raise ValueError("no such file" + (f"; did you mean {str(path.parent / near[0])!r}?" if near else ""))


def trusted_certificates(path: Path) -> Path:
    """A file of certificates (PEM) to trust."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(existing_file(path))
    except OSError as error:  # SSLError too
        raise ValueError("holds no certificates in PEM that can be read") from error
    return path


def require_key_pair(certificate: Path | None, key: Path | None) -> None:
    """Our own certificate, where there is one, and its key, which may stand in the same file."""
    if certificate is None and key:
        raise ValueError("ssl_keyfile needs ssl_certfile too")
    if certificate is None:
        return
    try:
        # With a passphrase, which is wrong where one is needed: else OpenSSL asks for it on the terminal.
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(certificate, key, password="")
    except OSError as error:
        raise ValueError("ssl_certfile and ssl_keyfile are no certificate and its key in PEM, unencrypted") from error


def existing_directory(path: Path) -> Path:
    """A directory."""
    if path.is_dir():
        return path
    raise ValueError(f"no such directory: {path}")


def topic_name(name: str) -> str:
    """What Kafka allows as a topic's name."""
    if _TOPIC.fullmatch(name) and name not in {".", ".."}:
        return name
    raise ValueError("write 1 to 249 letters, digits, dots, hyphens and underscores")


def host_rule(name: str) -> str:
    """A host that references may lead to, or `*.` and a domain; with its port where that isn't the usual one."""
    if _HOST.fullmatch(name) or _is_ipv6(name):
        return name
    raise ValueError("write cdn.example.org, *.example.org or cdn.example.org:8443, in ASCII and without https://")


def network(text: str) -> str:
    """A network in CIDR notation."""
    try:
        found = ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError("write a network such as 10.0.0.0/8") from error
    if str(found.network_address) != text.partition("/")[0]:
        raise ValueError(f"has bits set behind its prefix; write {found}")
    return text


def web_address(url: str) -> str:
    """`http://` or `https://` and a host."""
    parts = urlsplit(url)
    if parts.scheme in {"http", "https"} and parts.hostname and _has_good_port(parts):
        return url
    raise ValueError("write https://host:port")


def split_commas(value: object) -> object:
    """A list, or names with commas between them (the environment has no lists)."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _is_server(text: str) -> bool:
    """`host`, `host:port`, `::1` or `[::1]:port`."""
    return _is_ipv6(text) or (bool(_SERVER.fullmatch(text)) and _has_good_port(urlsplit(f"//{text}")))


def _has_good_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _is_ipv6(name: str) -> bool:
    try:
        return ip_address(name).version == 6
    except ValueError:
        return False


def _names_beside(path: Path) -> list[str]:
    try:
        return [other.name for other in path.parent.iterdir()]
    except OSError:
        return []
