"""Parquet files as the hub keeps them: `<configuration>/<split>-<shard>-of-<shards>.parquet`, found and checked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from .folder import Folder
from .interface import Split

__all__ = ["files_of_pairs"]

_SPLITS = {
    "train": Split.TRAIN,
    "validation": Split.VALIDATION,
    "val": Split.VALIDATION,
    "dev": Split.VALIDATION,
    "test": Split.TEST,
}
_SPLIT_NAME = re.compile(rf"({'|'.join(_SPLITS)})(?![A-Za-z])")
_SHARD = re.compile(r"-(\d+)-of-(\d+)")


def files_of_pairs(folder: Folder, pairs: Sequence[str]) -> Iterator[tuple[str, Split, str]]:
    """Pair, split and file for each file of the pairs that are there, train before validation before test.

    Gaps are told before the first file is handed on: what is read after it can take hours.
    """
    there = {pair: files for pair in pairs if (files := _files(folder, pair))}
    if pairs and not there:
        folder.problem(f"{pairs[0]}/*.parquet", None, f"there is no such file in {folder.root}; is the copy complete?")
    elif absent := [pair for pair in pairs if pair not in there]:
        folder.note(f"{len(absent)} of its pairs aren't in this copy: {', '.join(absent)}")
    splits = [(pair, split) for pair in there for split in Split]
    for pair, split in splits:
        for gap in _gaps(_of_split(there[pair], split)):
            text = f"there is no such file in {folder.root}; is the copy complete?"
            folder.problem(f"{pair}/{split}-{gap}.parquet", None, text)
    for pair, split in splits:
        yield from ((pair, split, name) for name in _of_split(there[pair], split))


def _files(folder: Folder, pair: str) -> Mapping[str, Split]:
    """Files of a pair with their splits: its name is that of a folder above them, or of the source's own."""
    found = {}
    for name in folder.find("*.parquet"):
        path = PurePosixPath(name)
        if pair in {folder.root.name, *path.parent.parts}:
            if match := _SPLIT_NAME.match(path.name) or _SPLIT_NAME.match(path.parent.name):
                found[name] = _SPLITS[match[1]]
            else:
                folder.problem(name, None, "neither its name nor its folder's says train, validation or test")
    return found


def _of_split(files: Mapping[str, Split], split: Split) -> list[str]:
    return sorted(name for name, of in files.items() if of is split)


def _gaps(names: Sequence[str]) -> list[str]:
    """What is missing of a split: all of it, or shards, of which the names say how many there should be."""
    if not names:
        return ["*"]
    shards = {(int(match[1]), int(match[2])) for name in names if (match := _SHARD.search(name))}
    expected = {(number, of_all) for _, of_all in shards for number in range(of_all)}
    return [f"{number:05d}-of-{of_all:05d}" for number, of_all in sorted(expected - shards)]
