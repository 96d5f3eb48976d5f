"""MemeLens: memes in, twenty calibrated moderation labels with rationales out."""

__all__ = ["__version__"]

__version__ = "0.1.0"
