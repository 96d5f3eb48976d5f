"""All pictures of the staged records: each looked at once, those that can't be opened told together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

from ....model.errors import MemeError
from ...corpora.problems import Problem
from ...errors import RawDataError
from ..columns import MemeColumns
from ..progress import Progress
from ..schema import rows_of
from ..staging import Staged
from .fingerprint_store import FingerprintStore
from .fingerprints import Fingerprint, shown
from .looking import PictureFile, look
from .pixels import alike

__all__ = ["look_at_pictures", "pixels_alike"]

_KEPT_OPEN = 256  # near pictures come one after the other


@dataclass(frozen=True, slots=True)
class _Named:
    """Where a picture is first named."""

    file: str
    row: int


def look_at_pictures(
    staged: Staged, store: FingerprintStore, jobs: int, progress: Progress
) -> dict[tuple[str, str], Fingerprint]:
    """Fingerprints by dataset and image.

    Raises:
        RawDataError: pictures that can't be opened, with the rows that name them.
        StorageError: what is found can't be kept.
    """
    named = {
        (row["dataset"], row["image"]): _Named(row["file"], row["row"])
        for row in rows_of(staged.records, "dataset", "image", "file", "row")
        if row["image"] is not None
    }
    progress.begin("looking at pictures", len(named))
    files = (PictureFile(dataset, staged.roots[dataset], image) for dataset, image in named)
    found: dict[tuple[str, str], Fingerprint] = {}
    problems = []
    for file, outcome in look(files, store, jobs, progress.advance):
        if isinstance(outcome, Fingerprint):
            found[file.source, file.path] = outcome
        else:
            place = named[file.source, file.path]
            text = f"its picture: {_why(outcome)}; copy it anew, or take it away and declare `images: partial`"
            problems.append(Problem(file.source, place.file, place.row, text, file.path))
    if problems:
        raise RawDataError(problems)
    return found


def _why(outcome: MemeError | OSError) -> str:
    """Without the path that an operating system's error repeats."""
    return f"can't be read ({outcome.strerror})" if isinstance(outcome, OSError) else str(outcome)


def pixels_alike(memes: MemeColumns, roots: Mapping[str, Path]) -> Callable[[int, int], bool]:
    """Says of two memes whether the pixels of their pictures are alike; reads the files.

    It raises a RawDataError where a picture has gone since it was looked at.
    """

    @lru_cache(_KEPT_OPEN)
    def picture(index: int) -> Image.Image:
        dataset, image = memes.datasets[index], str(memes.images[index])
        try:
            return shown((roots[dataset] / image).read_bytes())
        except (OSError, MemeError) as error:
            raise RawDataError([Problem(dataset, image, None, f"changed during the build: {_why(error)}")]) from error

    return lambda one, other: alike(picture(one), picture(other))
