"""Writing to a disk that may be full: never half of something, and a sentence where it fails."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import StorageError

__all__ = ["replacing", "storing"]


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Failures of a disk as a sentence; what is done so far is kept."""
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        remedy = "make room" if full else "make it writable, or name another place,"
        raise StorageError(
            f"{error.filename or path}: can't be written ({error.strerror or error}); {remedy} and run again"
        ) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write beside another one, whose place it takes in the end; if it doesn't come to that it is removed.

    Raises:
        StorageError: the disk is full or can't be written.
    """
    with storing(path):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        draft = path.with_name(f"{path.name}.part")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield draft
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
