"""JSON in the datasets' own files: an object on each line, an array, or one object, strictly."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .folder import Folder
from .interface import Row, Split
from .reading import read_text

__all__ = ["read_json_object", "read_json_rows"]


def read_json_rows(folder: Folder, name: str | None, *, split: Split | None = None) -> Iterator[Row]:
    """Objects of a file with one on each line, or of one array, whatever the file calls itself.

    A row's number is its line, or its place in the array from 1.
    """
    if name is None or (text := read_text(folder, name)) is None:
        return
    if not text.strip(" \t\r\n[]"):
        folder.problem(name, None, "holds no rows; is the copy complete?")
    elif text.lstrip().startswith("["):
        for content in _parsed(folder, name, None, text):
            yield from _objects(folder, name, enumerate(content, 1), split)
    else:
        lines = ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())
        found = ((number, content) for number, line in lines for content in _parsed(folder, name, number, line))
        yield from _objects(folder, name, found, split)


def _objects(folder: Folder, name: str, found: Iterable[tuple[int, Any]], split: Split | None) -> Iterator[Row]:
    for number, values in found:
        if isinstance(values, dict):
            yield Row(name, number, values, split)
        else:
            folder.problem(name, number, "is no JSON object")


def read_json_object(folder: Folder, name: str | None) -> Mapping[str, Any] | None:
    """The one object of a JSON file; None after telling the problem."""
    if name is None or (text := read_text(folder, name)) is None:
        return None
    for content in _parsed(folder, name, None, text):
        if isinstance(content, dict):
            return content
        folder.problem(name, None, "should hold one JSON object")
    return None


def _parsed(folder: Folder, name: str, number: int | None, text: str) -> Sequence[Any]:
    """The one thing that a text says; none after telling the problem.

    Not by orjson: it keeps the last of two values of one name, rounds long numbers, and refuses half a surrogate pair.
    """
    try:
        return [json.loads(text, object_pairs_hook=_once_each, parse_constant=_refuse)]
    except json.JSONDecodeError as error:
        folder.problem(name, number or error.lineno, f"is no JSON ({error.msg}); is the copy complete?")
    except (ValueError, RecursionError) as error:
        folder.problem(name, number, f"is no JSON that can be read ({error}); take the published file")
    return []


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"one object has {twice!r} twice")
    return values


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON's")
