"""A corpus for others: its rows in a layout that other programs read, as far as they may be passed on."""

import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from ...corpora.interface import Split
from ...errors import CorpusError, SourcesError
from ..progress import Progress
from ..schema import rows_of
from ..store import Corpus
from ..storing import storing
from .card import card
from .files import write_dataset, write_parquet
from .layouts import Layout
from .plan import Plan
from .rows import own_features, own_row, released_features, released_row

__all__ = ["export"]


def export(corpus: Corpus, plan: Plan, out: Path, progress: Progress) -> None:
    """Write the planned rows in a directory that isn't there yet, or is empty.

    The files are written beside it, in `<out>.part`, which becomes `out` in the last step or is removed.

    Raises:
        SourcesError: there is something in the directory, or an export that was killed has left its files.
        CorpusError: a picture isn't there any more, or isn't the one that the corpus was built from.
        StorageError: the disk is full or can't be written.
    """
    progress.begin("exporting rows", sum(plan.rows.values()))
    rows = _Rows(corpus, plan, progress)
    with _directory(out) as folder:
        if plan.layout is Layout.DATASETS:
            write_dataset({side.value: rows.of(side, plan.pairs) for side in Split}, rows.features, folder)
        elif plan.layout is Layout.PARQUET:
            _write_sides(rows, plan, folder / "data")
        else:
            _write_configurations(rows, plan, folder)
        (folder / "README.md").write_text(card(corpus.manifest, plan), encoding="utf-8")


def _write_sides(rows: "_Rows", plan: Plan, folder: Path) -> None:
    for side in Split:
        # `load_dataset` stumbles over a split without rows and then reads none of the others.
        if any(sides[side] for sides in plan.places.values()):
            write_parquet(rows.of(side, plan.pairs), rows.features, folder, side.value)


def _write_configurations(rows: "_Rows", plan: Plan, folder: Path) -> None:
    """All three splits of each pair, even one without rows: a missing one is a sign of an incomplete copy."""
    for pair in plan.pairs:
        for side in Split:
            write_parquet(rows.of(side, [pair]), rows.features, folder / pair, side.value)


class _Rows:
    """Planned rows with their pictures, as the layout has them."""

    def __init__(self, corpus: Corpus, plan: Plan, progress: Progress) -> None:
        self._corpus, self._plan, self._progress = corpus, plan, progress
        self._convert: Callable[[Mapping[str, Any], bytes | None], dict[str, Any]]
        if plan.layout is Layout.RELEASED:
            self.features, self._convert = released_features(), released_row
        else:
            self.features = own_features(pictures=plan.pictures)
            self._convert = partial(own_row, pictures=plan.pictures)

    def of(self, side: Split, pairs: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Rows of these pairs on a side, in the corpus' order."""
        places = sorted(place for pair in pairs for place in self._plan.places[pair][side])
        for row in rows_of(self._corpus.sides[side].select(places)):
            yield self._convert(row, self._picture(row))
            self._progress.advance(1)

    def _picture(self, row: Mapping[str, Any]) -> bytes | None:
        if row["image"] is None or not self._plan.pictures:
            return None
        path = self._corpus.picture(row["dataset"], row["image"])
        remedy = "put it back, build the corpus again, or export with --no-pictures"
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CorpusError(f"{path}: the picture can't be read ({error.strerror}); {remedy}") from error
        if hashlib.sha256(data).hexdigest() != row["image_sha256"]:
            raise CorpusError(f"{path}: isn't the picture that the corpus was built from; {remedy}")
        return data


@contextmanager
def _directory(out: Path) -> Iterator[Path]:
    """A directory to write in, which is put in its place in the end, or removed if it doesn't come to that."""
    out = out.resolve()
    with storing(out):
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise SourcesError(f"{out}: is there already; name another directory, or remove it")
        draft = out.with_name(f"{out.name}.part")
        try:
            draft.mkdir(parents=True)
        except FileExistsError as error:
            raise SourcesError(
                f"{draft}: another export is at work there, or one that was killed has left it; remove it"
            ) from error
        try:
            yield draft
            draft.replace(out)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
