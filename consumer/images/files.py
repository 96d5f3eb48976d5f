"""Pictures from one folder of this machine."""

import errno
import os
import stat
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import PoisonError, RetryLaterError
from .rules import refuse_more_than_a_path

__all__ = ["FileSource"]

_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENXIO})


class FileSource:
    """Fetches `file:` references that lie under `root` after all links were followed. Any thread may call it."""

    def __init__(self, root: Path, max_bytes: int) -> None:
        self._root, self._max_bytes = root, max_bytes

    def fetch(self, uri: str, *, patient: bool = True) -> bytes:  # noqa: ARG002 - a file is there or it isn't
        """Bytes of a file: `file:///absolute/path` or `file:path/in/the/root`.

        Raises:
            PoisonError: `reference-forbidden`, `gone`, `refused` or `too-large`.
            RetryLaterError: the root isn't there (a volume that isn't mounted?) or can't be read.
        """
        descriptor = _open(self._inside(uri))
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise PoisonError("reference-forbidden", "image.uri: not a regular file")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(self._max_bytes + 1)
        except OSError as error:
            raise _unreadable(error) from error
        finally:
            os.close(descriptor)
        if len(content) > self._max_bytes:
            raise PoisonError("too-large", f"the file behind image.uri is larger than {self._max_bytes} bytes")
        return content

    def close(self) -> None:
        """Nothing is held."""

    def _inside(self, uri: str) -> Path:
        try:
            root = self._root.resolve(strict=True)
        except OSError as error:
            raise RetryLaterError(f"the folder of file: references is not there: {self._root}") from error
        try:
            parts = urlsplit(uri)
            path = (root / unquote(parts.path, errors="strict")).resolve()
        except (ValueError, OSError, RuntimeError) as error:  # RuntimeError: links that lead in a circle
            raise PoisonError("reference-forbidden", "image.uri: not a valid path") from error
        if parts.netloc not in {"", "localhost"} or not path.is_relative_to(root):
            raise PoisonError("reference-forbidden", "image.uri: outside the folder of file: references")
        refuse_more_than_a_path(parts)
        return path


def _open(path: Path) -> int:
    """A descriptor for reading; neither waits for the writer of a pipe nor follows a link that was put there since."""
    try:
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in _GONE:
            raise PoisonError("gone", "image.uri: there is no such file") from error
        if error.errno in _REFUSED:
            raise PoisonError("refused", "image.uri: the file may not be read") from error
        raise _unreadable(error) from error


def _unreadable(error: OSError) -> RetryLaterError:
    return RetryLaterError(f"the folder of file: references can't be read ({error.strerror})")
