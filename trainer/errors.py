"""What can go wrong on the trainer's side.

TrainerError
├── MissingFontsError    operator must act: packages have to be installed before memes can be drawn
├── MissingPackagesError operator must act: the extra `train` isn't installed
├── SourcesError         operator must act: sources.yaml, or a command's arguments, ask for what can't be
├── RawDataError         operator must act: the datasets' own files aren't as they should be; all problems at once
├── CorpusError          operator must act: a built corpus can't be read, or isn't one
├── StorageError         operator must act: no space, no permission; run again, what is done is kept
└── WorkersError         operator must act: no process can be started beside this one
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .corpora.problems import Problem

__all__ = [
    "CorpusError",
    "MissingFontsError",
    "MissingPackagesError",
    "RawDataError",
    "SourcesError",
    "StorageError",
    "TrainerError",
    "WorkersError",
]

_SHOWN = 20


class TrainerError(Exception):
    """Anything that this folder raises on purpose; names the offender and the remedy."""


class MissingFontsError(TrainerError):
    """No font for one of the scripts; the text names the packages that hold them."""


class MissingPackagesError(TrainerError):
    """A library that only the trainer's commands need."""


class SourcesError(TrainerError):
    """What is asked for can't be: an unknown source, a folder that isn't there, two sources for one pair."""


class CorpusError(TrainerError):
    """A directory that holds no corpus, or one that another version wrote."""


class StorageError(TrainerError):
    """A disk that is full or a directory that can't be written."""


class WorkersError(TrainerError):
    """Processes that can't be started, or die without having done anything."""


class RawDataError(TrainerError):
    """Files that aren't as their dataset's should be: every problem of every file, each with file, row and value."""

    def __init__(self, problems: Sequence["Problem"]) -> None:
        shown = [str(problem) for problem in problems[:_SHOWN]]
        more = len(problems) - len(shown)
        rest = [f"… and {more} more"] if more else []
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        remedy = "fetch those files anew, or mend them, and build again"
        super().__init__("\n".join([f"{count} in the datasets' own files; {remedy}:", *shown, *rest]))
        self.problems = tuple(problems)
