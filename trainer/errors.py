"""What can go wrong on the trainer's side.

TrainerError
└── MissingFontsError    operator must act: packages have to be installed before memes can be drawn
"""

__all__ = ["MissingFontsError", "TrainerError"]


class TrainerError(Exception):
    """Anything that this folder raises on purpose; names the offender and the remedy in one line."""


class MissingFontsError(TrainerError):
    """No font for one of the scripts; the text names the packages that hold them."""
