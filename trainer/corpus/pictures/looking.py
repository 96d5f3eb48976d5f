"""Many pictures looked at, each once: what the store knows isn't opened again, the rest is shared out to processes."""

import errno
import stat
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from itertools import islice

from ....model.errors import MemeError
from .crew import Crew, Outcome, PictureFile, look_at
from .fingerprint_store import FingerprintStore, Stamp
from .fingerprints import Fingerprint

__all__ = ["Outcome", "PictureFile", "look"]

_CHUNK = 16  # files of a task
_AHEAD = 4  # tasks begun for each process; so many chunks are in memory
_MOST_BYTES = 2**29  # more than 50 megapixels take in any format


def look(
    files: Iterable[PictureFile], store: FingerprintStore, jobs: int, advance: Callable[[int], None]
) -> Generator[tuple[PictureFile, Outcome]]:
    """Every file in the given order, with its fingerprint or why it has none.

    With one job in this process; with more in as many others, which are gone when the iterator is closed, also after
    Ctrl-C. What was found is in `store` before it is given. `advance` hears how many files more are done.

    Raises:
        StorageError: what is found can't be kept.
        WorkersError: no process can be started.
    """
    chunks = (_Chunk(chunk, store) for chunk in _chunks(files))
    with closing(_in_process(chunks) if jobs == 1 else _in_processes(chunks, jobs)) as looked_at:
        for chunk in looked_at:
            store.put(chunk.fresh())
            advance(len(chunk.files))
            yield from chunk.outcomes()


class _Chunk:
    """Some files: what is known of them at once, and which have to be opened."""

    def __init__(self, files: list[PictureFile], store: FingerprintStore) -> None:
        self.files = files
        self._stamps: dict[PictureFile, Stamp] = {}
        self._known: dict[PictureFile, Outcome] = {}
        for file in files:
            try:
                stamp = _stamp(file)
            except (MemeError, OSError) as error:
                self._known[file] = error
                continue
            if (found := store.get(stamp)) is not None:
                self._known[file] = found
            else:
                self._stamps[file] = stamp

    @property
    def unknown(self) -> list[PictureFile]:
        """Files that have to be opened."""
        return list(self._stamps)

    def learn(self, found: Iterable[Outcome]) -> None:
        """Of the unknown files, in their order."""
        self._known.update(zip(self._stamps, found, strict=True))

    def fresh(self) -> Iterator[tuple[Stamp, Fingerprint]]:
        """What the store doesn't know yet."""
        for file, stamp in self._stamps.items():
            if isinstance(found := self._known[file], Fingerprint):
                yield stamp, found

    def outcomes(self) -> Iterator[tuple[PictureFile, Outcome]]:
        """Of every file."""
        return ((file, self._known[file]) for file in self.files)


def _chunks(files: Iterable[PictureFile]) -> Iterator[list[PictureFile]]:
    rest = iter(files)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _stamp(file: PictureFile) -> Stamp:
    """Taken before the file is read: what is written to it meanwhile makes it another file."""
    path = file.root / file.path
    if "\0" in file.path:  # the system would raise a ValueError
        raise OSError(errno.EINVAL, "No file is called so", str(path))
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "This is no file", str(path))
    if status.st_size > _MOST_BYTES:
        raise MemeError(
            "picture-too-large", f"a picture's file may have {_MOST_BYTES} bytes, this has {status.st_size}"
        )
    return Stamp(file.source, file.path, status.st_size, status.st_mtime_ns)


def _in_process(chunks: Iterable[_Chunk]) -> Generator[_Chunk]:
    for chunk in chunks:
        chunk.learn(map(look_at, chunk.unknown))
        yield chunk


def _in_processes(chunks: Iterable[_Chunk], jobs: int) -> Generator[_Chunk]:
    waiting: deque[tuple[_Chunk, Callable[[], list[Outcome]]]] = deque()

    def finished() -> _Chunk:
        chunk, found = waiting.popleft()
        chunk.learn(found())
        return chunk

    with closing(Crew(jobs)) as crew:
        for chunk in chunks:
            waiting.append((chunk, crew.begin(chunk.unknown)))
            if len(waiting) > _AHEAD * jobs:
                yield finished()
        while waiting:
            yield finished()
