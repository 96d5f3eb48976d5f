"""The records of all sources in one Arrow file, before anything is decided about them."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from datasets import Dataset
from datasets.arrow_writer import ArrowWriter

from ..corpora.folder import Folder
from ..corpora.hub import download
from ..errors import RawDataError
from .gathering import Tally, gather
from .progress import Progress
from .records import Record
from .schema import RECORD_FEATURES, row_of
from .sources import ChosenSource

__all__ = ["Staged", "stage_records"]

_WRITTEN_TOGETHER = 1_000


@dataclass(frozen=True, slots=True)
class Staged:
    """Records (columns: `schema.RECORD_FEATURES`) of all sources, with the counts and folder of each.

    `roots`: where the pictures that a source's records name lie.
    """

    records: Dataset
    tallies: Mapping[str, Tally]
    folders: Mapping[str, Folder]
    roots: Mapping[str, Path]


def stage_records(sources: Sequence[ChosenSource], place: Path, pictures: Path, progress: Progress) -> Staged:
    """Read every source. `place` is a directory for the file, `pictures` for images that stand inside rows.

    Raises:
        RawDataError: everything that is wrong in any file of any source.
        SourcesError: a dataset can't be fetched from the hub.
    """
    folders = {one.name: _folder(one) for one in sources}
    tallies = {one.name: Tally() for one in sources}

    def records() -> Iterator[Record]:
        for one in sources:
            progress.begin(f"reading {one.name}")
            keep = _Keeper(pictures / one.name)
            yield from gather(one.adapter, folders[one.name], one.images, tallies[one.name], keep)

    path = place / "records.arrow"
    with ArrowWriter(features=RECORD_FEATURES, path=str(path), writer_batch_size=_WRITTEN_TOGETHER) as writer:
        for record in records():
            writer.write(row_of(record))
        writer.finalize()
    problems = [problem for folder in folders.values() for problem in folder.problems]
    if problems:
        raise RawDataError(problems)
    roots = {name: pictures / name if (pictures / name).is_dir() else folder.root for name, folder in folders.items()}
    return Staged(Dataset.from_file(str(path)), tallies, folders, roots)


def _folder(source: ChosenSource) -> Folder:
    root = source.root or download(*_repository(source.hub or ""), pairs=source.pairs)
    folder = Folder(source.name, root, source.options, source.pairs)
    for pair in sorted(source.given_elsewhere):
        folder.note(f"{pair} comes from the dataset's own files")
    return folder


def _repository(name: str) -> tuple[str, str | None]:
    repository, _, revision = name.partition("@")
    return repository, revision or None


class _Keeper:
    """Keeps the pictures that stand inside rows as files named after their content."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def __call__(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        name = f"{digest[:2]}/{digest}"
        path = self._place / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".part")
            draft.write_bytes(data)
            draft.replace(path)
        return name
