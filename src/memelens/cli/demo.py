"""`memelens demo`."""

__all__ = ["demo"]


def demo() -> None:
    """Judge invented memes in nine languages on the embedded defaults, and show the verdicts."""
