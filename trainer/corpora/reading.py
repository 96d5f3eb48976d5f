"""Files of a dataset's folder as bytes and as text, strictly."""

from .folder import Folder

__all__ = ["read_bytes", "read_text"]


def read_text(folder: Folder, name: str, encoding: str = "utf-8") -> str | None:
    """A file as text, without a byte order mark; None after telling the problem."""
    data = read_bytes(folder, name)
    if data is None:
        return None
    if encoding != "utf-8" and _is_utf8(data):
        folder.problem(
            name, None, f"is in UTF-8, not in {encoding} as this dataset's files are; take the published file"
        )
        return None
    try:
        return data.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = 1 + data[: error.start].decode(encoding, "replace").count("\n")
        text = f"is not in {encoding} as this dataset's files are; take the published file; the first wrong bytes"
        folder.problem(name, line, text, data[error.start :][:4].hex())
        return None


def _is_utf8(data: bytes) -> bool:
    """Whether bytes beyond ASCII are UTF-8: GB18030 would read most of them as well, and give another text."""
    try:
        return not data.isascii() and bool(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False


def read_bytes(folder: Folder, name: str) -> bytes | None:
    """A file as it is; None after telling the problem."""
    try:
        data = (folder.root / name).read_bytes()
    except OSError as error:
        folder.problem(name, None, f"can't be read ({error.strerror})")
        return None
    if not data:
        folder.problem(name, None, "is empty; is the copy complete?")
    return data or None
