"""`memelens classify`."""

__all__ = ["classify"]


def classify() -> None:
    """Judge pictures, without a broker."""
