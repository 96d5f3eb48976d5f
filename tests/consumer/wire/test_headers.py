"""Which headers of an input go on with its outputs."""

from memelens.consumer.wire.headers import carried_headers, last_header


def test_trace_context_and_the_allowed_names_go_on() -> None:
    """In order, repeats included; all others stay behind."""
    headers = (("traceparent", b"1"), ("x-team", b"a"), ("other", b"b"), ("baggage", b"c"), ("x-team", b"d"))
    assert carried_headers(headers, {"x-team"}) == tuple(header for header in headers if header[0] != "other")
    assert carried_headers(headers) == (("traceparent", b"1"), ("baggage", b"c"))
    assert carried_headers(()) == ()


def test_headers_about_the_record_itself_never_go_on() -> None:
    """Not even where the allow-list names them, in any case: they would lie about the output."""
    names = [
        "content-type",
        "Content-Type",
        "ce_id",
        "CE_Type",
        "ce_specversion",
        "__connect.errors.topic",
        "memelens.error.kind",
    ]
    assert carried_headers(tuple((name, b"x") for name in names), names) == ()


def test_oversized_values_stay_behind() -> None:
    """Six outputs repeat each header: one that is larger than W3C Baggage allows would multiply."""
    assert carried_headers((("baggage", b"x" * 8193), ("tracestate", b"x" * 8192))) == (("tracestate", b"x" * 8192),)


def test_the_last_of_equal_headers_counts() -> None:
    """As for Kafka's own clients; the case of a name doesn't matter."""
    assert last_header((("A", b"1"), ("a", b"2"), ("b", b"3")), "a") == b"2"
    assert last_header((), "a") is None
