"""Record headers: reading them, and which of an input's headers its outputs carry on."""

from collections.abc import Collection

from ..brokers.interface import Headers

__all__ = ["TRACE_HEADERS", "carried_headers", "last_header"]

TRACE_HEADERS = frozenset({"traceparent", "tracestate", "baggage"})
"""W3C trace context and baggage: always carried over."""

_OWN_PREFIXES = ("ce_", "memelens.", "__connect.errors.")
_LONGEST_BYTES = 8192  # what W3C Baggage asks every party to pass on; six outputs repeat each header


def last_header(headers: Headers, name: str) -> bytes | None:
    """Value of the last header of that name, in any case; None where there is none."""
    for candidate, value in reversed(headers):
        if candidate.casefold() == name:
            return value
    return None


def carried_headers(headers: Headers, allow: Collection[str] = ()) -> Headers:
    """Headers of an input that go on with its outputs, in order: trace context, baggage, and those in `allow`.

    Names are compared exactly. `content-type`, `ce_*` and error headers, in any case, describe the record they stand
    on, so they never go on, whatever `allow` says; neither do values over 8 KiB.
    """
    if not headers:
        return ()
    return tuple(
        (name, value)
        for name, value in headers
        if (name in TRACE_HEADERS or name in allow)
        and name.casefold() != "content-type"
        and not name.casefold().startswith(_OWN_PREFIXES)
        and len(value) <= _LONGEST_BYTES
    )
