"""`memelens doctor`."""

from . import options

__all__ = ["doctor"]


def doctor(
    config: options.Config = None,
) -> None:
    """Check broker, credentials, topics, cache, model, device and policy; say what to do about each."""
