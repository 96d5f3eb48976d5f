"""A built corpus checked on its own: nothing here finds copies or chooses sides in the way in which a build does.

What is shared with the build is the definition of "same meme" (`sameness`), how a picture is hashed, and how a corpus
lies on disk. A build looks for near hashes among all memes through an index; here every hash of one side is compared
with every hash of another, and the text of what is near.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..corpora.interface import Split
from ..errors import CorpusError
from .progress import Progress
from .schema import FEATURES
from .store import Corpus
from .verification.crossings import KEYS, Crossing, copies_among, key_crossings, text_crossings
from .verification.findings import CROSSINGS, Check, Checks, Finding, Question
from .verification.looks import Look
from .verification.near_memes import near_memes
from .verification.pictures import looked_at_again, pictures_in, pixels_alike
from .verification.reading import check_content, read_rows
from .verification.templates import check_marks

__all__ = ["Check", "Finding", "Question", "Verification", "verify"]


@dataclass(frozen=True, slots=True)
class Verification:
    """Every check that was made, and how many memes stand on each side."""

    checks: Sequence[Check]
    memes: Mapping[Split, int]

    @property
    def findings(self) -> int:
        """All that is wrong."""
        return sum(check.findings for check in self.checks)

    @property
    def crossings(self) -> int:
        """Leaks among the findings."""
        return sum(check.findings for check in self.checks if check.question in CROSSINGS)


def verify(corpus: Corpus, progress: Progress, *, quick: bool, jobs: int) -> Verification:
    """Look for everything that can be wrong with a corpus; what is found stops nothing.

    Args:
        corpus: as a build left it, or as somebody changed it since.
        progress: hears how far the check is.
        quick: trust what is recorded of pictures; only those without text that are near by hash are opened.
        jobs: processes that look at pictures.

    Raises:
        CorpusError: its rows can't be read.
    """
    _demand_columns(corpus)
    checks = Checks()
    progress.begin("hashing rows")
    check_content(corpus, checks[Question.CONTENT])
    progress.begin("reading rows", sum(len(rows) for rows in corpus.sides.values()))
    looks = read_rows(corpus, checks, progress.advance)
    if not quick:
        progress.begin("looking at pictures again", len(pictures_in(looks)))
        looks = looked_at_again(corpus, looks, checks[Question.PICTURES], jobs, progress.advance)
    _cross(looks, checks, pixels_alike(corpus, lambda: checks[Question.PICTURES]), progress)
    memes = {side: len({look.meme for look in looks if look.side is side}) for side in Split}
    return Verification(checks.asked(), memes)


def _demand_columns(corpus: Corpus) -> None:
    for side, rows in corpus.sides.items():
        if rows.features != FEATURES:
            raise CorpusError(f"{corpus.root}: {side} hasn't the columns of this version; build it again")


def _cross(looks: Sequence[Look], checks: Checks, alike: Callable[[Look, Look], bool], progress: Progress) -> None:
    for question, key in KEYS.items():
        checks[question].looked_at = sum(key(look) is not None for look in looks)
        _tell(checks[question], key_crossings(looks, question))
    checks[Question.SAME_TEXT].looked_at = sum(bool(look.text) for look in looks)
    _tell(checks[Question.SAME_TEXT], text_crossings(looks))
    checks[Question.SAME_PICTURE].looked_at = sum(look.perceptual_hash is not None for look in looks)
    near: set[int] = set()
    texts = [look.text for look in looks]
    for pairs, distances in near_memes(looks, progress):
        near.update(pairs[:, 1].tolist())
        _tell(checks[Question.SAME_PICTURE], copies_among(looks, texts, pairs, distances, alike))
    check_marks(looks, near, checks[Question.TEMPLATES])


def _tell(check: Check, crossings: Iterable[Crossing]) -> None:
    for one in crossings:
        check.find(f"stand in {one.earlier.side} and in {one.later.side}", one.earlier.meme, one.later.meme)
