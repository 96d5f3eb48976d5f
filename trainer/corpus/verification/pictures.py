"""Pictures looked at again, whatever is recorded of them: a copy can't hide behind another one's hash."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from PIL import Image

from ....model.errors import MemeError
from ..pictures.fingerprint_store import FingerprintStore
from ..pictures.fingerprints import Fingerprint, shown
from ..pictures.looking import Outcome, PictureFile, look
from ..pictures.pixels import alike
from ..store import Corpus
from .findings import Check
from .looks import Look, Picture

__all__ = ["looked_at_again", "pictures_in", "pixels_alike"]

_KEPT_OPEN = 64
_IN_MEMORY = Path(":memory:")  # SQLite's name for it; what a build knew of pictures doesn't count here


def pictures_in(looks: Sequence[Look]) -> Sequence[Picture]:
    """Each picture that a row names, once."""
    return list(dict.fromkeys(look.picture for look in looks if look.picture is not None))


def looked_at_again(
    corpus: Corpus, looks: Sequence[Look], check: Check, jobs: int, advance: Callable[[int], None]
) -> Sequence[Look]:
    """The looks as the pictures on disk give them, each read once; where one can't be opened, as recorded."""
    known = {dataset: corpus.picture(dataset, "") for dataset in corpus.manifest.sources}
    wanted = (
        PictureFile(picture.dataset, known[picture.dataset], picture.image)
        for picture in pictures_in(looks)
        if picture.dataset in known  # told with the counts
    )
    with FingerprintStore(_IN_MEMORY) as store:
        found = {Picture(file.source, file.path): outcome for file, outcome in look(wanted, store, jobs, advance)}
    return [_compared(seen, found, check) for seen in looks]


def _compared(seen: Look, found: Mapping[Picture, Outcome], check: Check) -> Look:
    if seen.picture is None or seen.picture not in found:
        return seen
    check.looked_at += 1
    outcome = found[seen.picture]
    if not isinstance(outcome, Fingerprint):
        _tell_unreadable(check, seen, outcome)
        return seen
    recorded = {"image_sha256": seen.digest, "perceptual_hash": seen.perceptual_hash}
    actual = {"image_sha256": outcome.sha256, "perceptual_hash": outcome.perceptual_hash}
    if wrong := [name for name in recorded if recorded[name] != actual[name]]:
        said = f"{seen.picture.image} has another {' and '.join(wrong)} than recorded"
        check.find(f"{said}; put the old picture back, or build the corpus again", seen.meme)
    return replace(seen, digest=outcome.sha256, perceptual_hash=outcome.perceptual_hash)


def _tell_unreadable(check: Check, seen: Look, error: MemeError | OSError) -> None:
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    place = seen.picture.image if seen.picture else ""
    check.find(f"{place} can't be opened ({reason}); put the picture back, or build the corpus again", seen.meme)


def pixels_alike(corpus: Corpus, check: Callable[[], Check]) -> Callable[[Look, Look], bool]:
    """Says of two memes whether the pixels of their pictures are alike; reads the files.

    Pictures that can't be opened aren't alike: a finding for each such meme says that it couldn't be told.
    """

    @lru_cache(_KEPT_OPEN)
    def opened(seen: Look) -> Image.Image | None:
        if seen.picture is None or seen.picture.dataset not in corpus.manifest.sources:
            return None  # told with the counts
        try:
            return shown(corpus.picture(*seen.picture).read_bytes())
        except (OSError, MemeError) as error:
            _tell_unreadable(check(), seen, error)
            return None

    def answer(one: Look, other: Look) -> bool:
        pictures = opened(one), opened(other)
        return pictures[0] is not None and pictures[1] is not None and alike(pictures[0], pictures[1])

    return answer
