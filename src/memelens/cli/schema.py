"""`memelens schema`."""

__all__ = ["schema"]


def schema() -> None:
    """Print or write the JSON Schemas and the AsyncAPI document of the topics."""
