"""Building a corpus: read, look at the pictures, find what is the same, choose sides, write. Each step has its file."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from types import MappingProxyType

from filelock import FileLock, Timeout

from ... import __version__
from ..corpora.interface import Split
from ..errors import SourcesError
from .accounting import count_pairs, describe_moves, source_facts
from .columns import MemeColumns, looks_of, meme_columns
from .finding import Looks, NearPictures, find_copies, find_units
from .pictures.fingerprint_store import FingerprintStore
from .pictures.looked_at import look_at_pictures, pixels_alike
from .progress import Progress
from .sides.splitting import Memes, Sides, choose_sides
from .sides.templates import disjoint_memes, template_ids
from .sources import ChosenSource
from .staging import Staged, stage_records
from .store import MANIFEST, REPLACED, UNFINISHED, Corpus, Manifest, content_hash, write_corpus
from .storing import storing
from .writing import Decided, write_sides

__all__ = ["build_corpus"]

_SHARES: Mapping[Split, float] = MappingProxyType({Split.TRAIN: 0.8, Split.VALIDATION: 0.1, Split.TEST: 0.1})
"""Sides of a dataset whose authors published no split."""


def build_corpus(sources: Sequence[ChosenSource], root: Path, progress: Progress, *, seed: int, jobs: int) -> Corpus:
    """Build a corpus in a directory; one that is there already is replaced in the last step.

    Stopped at any moment, it leaves what is known of pictures, and the next build goes on from there.

    Raises:
        SourcesError: the directory holds something else, another build is at work there, or a source can't be fetched.
        RawDataError: everything that is wrong in the datasets' own files.
        StorageError: the disk is full or can't be written.
    """
    with storing(root), _workplace(root, sources) as place:
        staged = stage_records(sources, place, root / "pictures", progress)
        memes = meme_columns(staged.records)
        with FingerprintStore(root / "fingerprints.sqlite") as store:
            for note in store.notes:
                progress.note(note)
            fingerprints = look_at_pictures(staged, store, jobs, progress)
        looks = looks_of(memes, fingerprints)
        progress.begin("finding the memes that are the same")
        near = NearPictures(looks.hashes, place / "near-pictures")
        sides = _choose(memes, looks, near, staged, seed)
        template = template_ids([*memes.index], memes.templates, looks.picture, near)
        disjoint = disjoint_memes(sides.side, template, looks.picture, near())
        progress.begin("writing")
        written = write_sides(staged.records, Decided(memes.index, sides.side, template, disjoint, fingerprints), place)
        manifest = Manifest(
            version=__version__,
            seed=seed,
            shares=_SHARES,
            content_hash=content_hash(written.values()),
            sources=source_facts(sources, staged, root),
            pairs=count_pairs(sources, staged, memes, sides),
            moves=Counter(move.reason for move in sides.moves),
            carved_validation=sides.carved,
        )
        write_corpus(root, written, manifest, describe_moves(memes, sides))
    return Corpus(root)


def _choose(memes: MemeColumns, looks: Looks, near: NearPictures, staged: Staged, seed: int) -> Sides:
    units = find_units(looks)
    copies = find_copies(looks, units, near, pixels_alike(memes, staged.roots))
    columns = Memes([*memes.index], memes.datasets, memes.published, memes.strata, units, copies)
    return choose_sides(columns, shares=_SHARES, seed=seed)


def _demand_free(root: Path, sources: Sequence[ChosenSource]) -> None:
    """A build replaces what is called as its own files are: never a user's, such as a dataset's folder `train`."""
    if root.exists() and not root.is_dir():
        raise SourcesError(f"{root}: is a file; name a directory for the corpus")
    for one in sources:
        if one.root and root.resolve().is_relative_to(one.root):
            raise SourcesError(f"{root}: lies in the folder of {one.name}; name a directory outside of it")
    begun = (root / MANIFEST).exists() or (root / UNFINISHED).exists()
    strangers = [name for name in REPLACED if (root / name).exists()]
    if strangers and not begun:
        held = ", ".join(strangers)
        raise SourcesError(f"{root}: holds {held} and no corpus; a build would replace that: name another directory")


@contextmanager
def _workplace(root: Path, sources: Sequence[ChosenSource]) -> Iterator[Path]:
    """A directory for what is not finished, empty at the start and gone at the end; one build at a time."""
    _demand_free(root, sources)
    place = root / UNFINISHED
    place.mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / ".lock")
    try:
        with lock.acquire(timeout=0):
            _clear(place)
            yield place
            rmtree(place)
    except Timeout as error:
        raise SourcesError(
            f"{root}: another build is at work there; wait for it, or choose another directory"
        ) from error


def _clear(place: Path) -> None:
    rmtree(place)
    place.mkdir()
