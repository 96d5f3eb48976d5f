"""Pictures from web servers: allow-listed hosts, no redirects, no private addresses, bounded in bytes and time."""

import random
import ssl
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import httpcore
import httpx
from cachetools import TTLCache

from ..clock import Clock
from ..errors import PoisonError, RetryLaterError, SettingsError
from .addresses import DEADLINE, AddressRule, ForbiddenAddressError, GuardedBackend, Resolve, resolve
from .rules import FetchingRules

__all__ = ["UnsteadyHostError", "WebSource"]

_GONE = frozenset({404, 410, 451})
_PASSING = frozenset({408, 425, 429})  # and every 5xx
_HEADERS = [(b"accept", b"image/*"), (b"accept-encoding", b"identity"), (b"user-agent", b"memelens")]
_PORTS: Mapping[str, int] = {"http": 80, "https": 443}
_FIRST_DELAY_SECONDS, _LONGEST_DELAY_SECONDS = 0.5, 15.0


class UnsteadyHostError(Exception):
    """A host doesn't deliver now; whoever has patience may wait for it."""


class WebSource:
    """Fetches `https:` (and, where the rules say so, `http:`) references. Any thread may call it."""

    def __init__(self, rules: FetchingRules, clock: Clock, resolve: Resolve = resolve) -> None:
        """Raises SettingsError where the file of certificates holds none."""
        self._rules, self._clock = rules, clock
        self._stop = threading.Event()
        self._connections = threading.Semaphore(rules.connections)
        self._outages = _Outages(clock, rules.unavailable_seconds)
        self._pool = httpcore.ConnectionPool(
            ssl_context=None if rules.ca_file is None else _trusting(rules.ca_file),
            max_connections=rules.connections,
            keepalive_expiry=30.0,
            network_backend=GuardedBackend(AddressRule(rules.private_networks), clock.monotonic, resolve),
        )

    def fetch(self, uri: str, *, patient: bool = True) -> bytes:
        """Bytes behind a URL.

        Raises:
            UnsteadyHostError: not `patient`, and the host has failed now, or since it last delivered.
            PoisonError: `reference-forbidden`, `redirected`, `gone`, `refused`, `too-large` or `unavailable`.
            RetryLaterError: closed while waiting for the host.
        """
        url, host = self._allowed(uri)
        if not self._outages.enter(host):
            raise PoisonError("unavailable", f"{host} has not delivered for long, and is being tried for another post")
        try:
            if not patient and self._outages.lasts(host):
                raise UnsteadyHostError
            return self._fetch(url, host, patient=patient)
        finally:
            self._outages.leave(host)

    def _fetch(self, url: httpcore.URL, host: str, *, patient: bool) -> bytes:
        delay = _FIRST_DELAY_SECONDS
        while True:
            try:
                with self._connections:  # the time limit is the host's: waiting for another fetch isn't part of it
                    content = self._attempt(url)
            except _UnavailableError as error:
                if self._stop.is_set():  # it was `close` that broke the connection
                    raise RetryLaterError(f"stopped while fetching from {host}") from error
                if self._outages.seconds_down(host) >= self._rules.unavailable_seconds:
                    raise PoisonError("unavailable", f"{host} didn't deliver the picture: {error}") from error
                if not patient:
                    raise UnsteadyHostError from error
            except PoisonError:
                self._outages.answered(host)
                raise
            else:
                self._outages.answered(host)
                return content
            if self._clock.wait(self._stop, delay * random.uniform(0.5, 1)):
                raise RetryLaterError(f"stopped while waiting for {host}")
            delay = min(2 * delay, _LONGEST_DELAY_SECONDS)

    def close(self) -> None:
        """End all waiting; idempotent."""
        self._stop.set()
        self._pool.close()

    def _allowed(self, uri: str) -> tuple[httpcore.URL, str]:
        """The URL, parsed once for checking and for fetching alike, and its host as the rules name it."""
        try:
            url = httpx.URL(uri)
            port = url.port or _PORTS[url.scheme]
        except (httpx.InvalidURL, ValueError, KeyError) as error:
            raise PoisonError("reference-forbidden", "image.uri: not a valid URL") from error
        if url.userinfo:
            raise PoisonError("reference-forbidden", "image.uri: no user name or password may stand in it")
        host = url.raw_host.decode("ascii").rstrip(".").lower()
        named = host if port == _PORTS[url.scheme] else f"{host}:{port}"
        if not any(_matches(named, rule.lower()) for rule in self._rules.hosts):
            raise PoisonError("reference-forbidden", "image.uri: its host (and port) is not among the allowed ones")
        return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=port, target=url.raw_path), named

    def _attempt(self, url: httpcore.URL) -> bytes:
        rules = self._rules
        token = DEADLINE.set(self._clock.monotonic() + rules.total_seconds)
        timeouts = {"connect": rules.connect_seconds, "read": rules.read_seconds, "write": rules.read_seconds}
        headers = [(b"host", _host_header(url)), *_HEADERS]
        try:
            with self._pool.stream("GET", url, headers=headers, extensions={"timeout": timeouts}) as response:
                _check_status(response.status)
                return self._body(response)
        except ForbiddenAddressError as error:
            raise PoisonError(
                "reference-forbidden", "image.uri: its host lies at a private or reserved address"
            ) from error
        except httpcore.TimeoutException as error:
            raise _UnavailableError("it didn't answer in time") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as error:
            raise _UnavailableError(f"the connection failed ({type(error).__name__})") from error
        finally:
            DEADLINE.reset(token)

    def _body(self, response: httpcore.Response) -> bytes:
        limit = self._rules.max_bytes
        content = bytearray()
        for chunk in response.iter_stream():
            content += chunk
            if len(content) > limit:
                raise PoisonError("too-large", f"the picture behind image.uri is larger than {limit} bytes")
        return bytes(content)


def _trusting(ca_file: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(f"images.ca_file: {ca_file}: no certificates (PEM) can be read from it") from error


class _UnavailableError(Exception):
    """The host didn't deliver this time; the text says why, without the address."""


def _check_status(status: int) -> None:
    if status == 200:
        return
    if 300 <= status < 400:
        raise PoisonError("redirected", f"image.uri leads elsewhere (status {status}); redirects are not followed")
    if status in _GONE:
        raise PoisonError("gone", f"the picture behind image.uri is gone (status {status})")
    if status in _PASSING or status >= 500:
        raise _UnavailableError(f"it answered with status {status}")
    raise PoisonError("refused", f"the server of image.uri refused (status {status})")


def _host_header(url: httpcore.URL) -> bytes:
    host = b"[%b]" % url.host if b":" in url.host else url.host
    usual = url.port == _PORTS[url.scheme.decode("ascii")]
    return host if usual else b"%b:%d" % (host, url.port or 0)


def _matches(host: str, rule: str) -> bool:
    return host.endswith(rule[1:]) if rule.startswith("*.") else host == rule


class _Outages:
    """Since when each host has been failing, so that a dead one costs its patience once and not once a post."""

    def __init__(self, clock: Clock, patience_seconds: float) -> None:
        self._clock, self._patience_seconds = clock, patience_seconds
        self._lock = threading.Lock()
        self._since: TTLCache[str, float] = TTLCache(4096, 2 * patience_seconds, timer=clock.monotonic)
        self._trying = Counter[str]()

    def enter(self, host: str) -> bool:
        """Whether it should be tried; not where it is given up and somebody tries it already.

        A host that hangs would else keep every thread for the time limit of an attempt, one post after the other.
        """
        with self._lock:
            now = self._clock.monotonic()
            if self._trying[host] and now - self._since.get(host, now) > self._patience_seconds:
                return False
            self._trying[host] += 1
            return True

    def leave(self, host: str) -> None:
        """Whoever entered is through with it."""
        with self._lock:
            self._trying[host] -= 1
            self._trying += Counter()  # drops the zeros

    def seconds_down(self, host: str) -> float:
        """It failed now: how long ago it first did (forgotten after a while without a failure)."""
        with self._lock:
            now = self._clock.monotonic()
            since = self._since.get(host, now)
            self._since[host] = since
            return now - since

    def lasts(self, host: str) -> bool:
        """Whether it has failed and not worked since."""
        with self._lock:
            return host in self._since

    def answered(self, host: str) -> None:
        """It works."""
        with self._lock:
            self._since.pop(host, None)
