"""Log lines on standard error: coloured on a terminal, JSON elsewhere; never a post's text or picture."""

import logging
import sys

import structlog

__all__ = ["configure_logging"]


def configure_logging(style: str, level: str) -> None:
    """`style` is auto, json or console; lines of libraries take the same way as our own.

    At level critical there are none: commands that end by themselves say in a sentence what went wrong.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.UnicodeDecoder(),
    ]
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    last: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
        if console
        else [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    # Its lines come without asking the root's level; below a warning they tell of keys and values.
    logging.getLogger("kafka").setLevel(max(logging.WARNING, logging.getLogger().level))
    if level != "debug":
        # A host that is away makes these write hundreds of lines; what matters of it is logged by ourselves.
        for name in ("httpx", "httpcore", "redis", "botocore"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
