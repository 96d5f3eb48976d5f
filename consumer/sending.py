"""Posts from a folder of pictures, a jsonl or a csv file."""

import base64
import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from .brokers.interface import OutputRecord, Partition, Record
from .errors import OperatorError, PoisonError, SettingsError
from .messages import SCHEMA_VERSION
from .wire.decoding import DecodingLimits, decode

__all__ = ["post_id_of", "read_posts"]

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})
_COLUMNS = ("post_id", "tenant", "revision", "language", "posted_at", "image", "image_text", "caption")
_IN_NO_POST_ID = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_CONTENT = (("content-type", b"application/json"),)


def read_posts(source: Path, topic: str, limits: DecodingLimits) -> Iterator[OutputRecord]:
    """Records of the posts in `source`, keyed by post id.

    A folder gives one post for each picture below it, named after the file; `NAME.txt` beside it is its text. A line of
    a jsonl file is a post as in docs/wire.md; a csv file has a heading with some of post_id, tenant, revision,
    language, posted_at, image, image_text, caption. In both, `image` may be the path of a picture, relative to the
    file: its bytes are sent along.

    Raises:
        SettingsError: no such source.
        OperatorError: nothing there, or a line that is no post (names file and line, nothing of the content).
    """
    for place, post in _readable(source):
        # Half of a surrogate pair stays what it was in the file: an escape.
        value = json.dumps(post, ensure_ascii=False).encode("utf-8", "backslashreplace")
        try:
            decoded = decode(Record(Partition(topic, 0), 0, None, value), limits)
        except PoisonError as error:
            raise OperatorError(f"{place}: not a post: {error}") from error
        yield OutputRecord(topic, decoded.post_id.encode(), value, _CONTENT)


def post_id_of(path: PurePath) -> str:
    """A post's id for a file: its path, with U+FFFD for what no id may hold, and not longer than one may be."""
    return _IN_NO_POST_ID.sub("\ufffd", path.as_posix())[:256]


def _readable(source: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        yield from _read(source)
    except UnicodeDecodeError as error:
        raise OperatorError(f"{source}: not UTF-8") from error
    except csv.Error as error:
        raise OperatorError(f"{source}: not a csv file: {error}") from error
    except OSError as error:
        raise OperatorError(f"{error.filename or source}: can't be read ({error.strerror})") from error


def _read(source: Path) -> Iterable[tuple[str, Mapping[str, Any]]]:
    if source.is_dir():
        return _folder(source)
    if not source.is_file():
        raise SettingsError(f"{source}: no such file or folder")
    readers = {".jsonl": _jsonl, ".ndjson": _jsonl, ".csv": _csv}
    if reader := readers.get(source.suffix.lower()):
        return reader(source)
    if source.suffix.lower() in _SUFFIXES:
        return [(str(source), _post_of(source, source.parent))]
    raise SettingsError(f"{source}: send a folder of pictures, a picture, a .jsonl or a .csv")


def _folder(folder: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    pictures = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES and path.is_file())
    if not pictures:
        raise OperatorError(f"{folder}: no picture in it ({', '.join(sorted(_SUFFIXES))})")
    for path in pictures:
        yield str(path), _post_of(path, folder)


def _post_of(path: Path, folder: Path) -> Mapping[str, Any]:
    post: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "post_id": post_id_of(path.relative_to(folder)),
        "image": {"content": _base64(path)},
    }
    text = path.with_suffix(".txt")
    if text.is_file():
        post["image_text"] = text.read_text(encoding="utf-8").strip()
    return post


def _jsonl(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            place = f"{path} line {number}"
            if not line.strip():
                continue
            try:
                post = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise OperatorError(f"{place}: not JSON") from error
            if not isinstance(post, dict):
                raise OperatorError(f"{place}: a {type(post).__name__}, not an object")
            if isinstance(post.get("image"), str):
                post["image"] = _image(post["image"], path.parent, place)
            yield place, post


def _csv(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        unknown = set(rows.fieldnames or ()) - set(_COLUMNS)
        if unknown or "post_id" not in (rows.fieldnames or ()):
            strange = f"unknown columns {', '.join(sorted(unknown))}" if unknown else "no column post_id"
            raise OperatorError(f"{path}: {strange}; known are {', '.join(_COLUMNS)}")
        for row in rows:
            place = f"{path} line {rows.line_num}"
            post: dict[str, Any] = {name: value for name, value in row.items() if name in _COLUMNS and value}
            if str(post.get("revision", "")).isdecimal():
                post["revision"] = int(post["revision"])
            if "image" in post:
                post["image"] = _image(post["image"], path.parent, place)
            yield place, post


def _image(name: str, folder: Path, place: str) -> Mapping[str, str]:
    """A reference stays one; a path becomes the picture's bytes."""
    if "://" in name or name.startswith("file:"):
        return {"uri": name}
    path = folder / name
    try:
        there = path.is_file()
    except OSError:  # a name of many thousand letters: somebody put the picture there
        there = False
    if not there:
        raise OperatorError(f'{place}: no such picture: {str(path)[:200]}; write its path, or {{"content": base64}}')
    return {"content": _base64(path)}


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
