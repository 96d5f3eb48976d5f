"""A checkpoint as files: where it is, whether the files are whole, and a digest of what is in them."""

import hashlib
import json
import os.path
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import CheckpointError, HubError
from .hub import fetch_snapshot
from .manifest import FILE

__all__ = ["DEMONSTRATION", "CheckpointFiles", "check_whole", "find_checkpoint", "find_weights", "local_path"]

DEMONSTRATION = "demonstration"
"""The name of the checkpoint in the package."""

_HUB_ID = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?")
_WANTED = ["*.json", "*.safetensors", "*.txt", "*.jinja"]
_MOST_HEADER_BYTES = 100_000_000


@dataclass(frozen=True, slots=True)
class CheckpointFiles:
    """A folder with a checkpoint or adapter. `revision` is the hub's commit, or a digest of the files' content."""

    folder: Path
    name: str
    revision: str

    def json(self, name: str, *, remedy: str) -> dict[str, Any]:
        """Content of a JSON file.

        Raises:
            CheckpointError: it is missing, or no JSON object.
        """
        path = self.folder / name
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise CheckpointError(f"{path} is missing; {remedy}") from error
        except OSError as error:
            raise CheckpointError(_unreadable(path, error)) from error
        except ValueError as error:
            raise CheckpointError(f"{path} is no JSON ({error}); copy it again") from error
        if not isinstance(content, dict):
            raise CheckpointError(f"{path} is no JSON object; copy it again")
        return content

    def text(self, name: str) -> str | None:
        """Content of a file, None where it is missing.

        Raises:
            CheckpointError: it is no text in UTF-8, or can't be read.
        """
        path = self.folder / name
        try:
            return path.read_text(encoding="utf-8") if path.is_file() else None
        except (OSError, UnicodeDecodeError) as error:
            raise CheckpointError(f"{path} can't be read as UTF-8 text ({error}); copy it again") from error


def local_path(place: str) -> Path:
    """The path that a setting names; `~someone` stays as it is where there is no such user."""
    return Path(os.path.expanduser(place))  # noqa: PTH111  Path's own raises then


def find_checkpoint(place: str, *, what: str = "model") -> CheckpointFiles:
    """The files of `demonstration`, a local folder, or a hub id `org/name[@revision]`, which is downloaded.

    `what` the place is of, a model or an adapter, stands in errors.

    Raises:
        CheckpointError: there is no such thing, or the hub can't be reached and nothing is cached.
    """
    if place == DEMONSTRATION:
        folder = Path(__file__).parent / DEMONSTRATION
        if not (folder / FILE).is_file():
            raise CheckpointError(f"{folder} holds no checkpoint; run make demonstration-model, or set another model")
        return CheckpointFiles(folder, place, _digest(folder))
    folder = local_path(place)
    if folder.is_dir():
        return CheckpointFiles(folder, folder.resolve().name, _digest(folder))
    match = _HUB_ID.fullmatch(place)
    if match is None or folder.is_absolute() or place.startswith("."):
        raise CheckpointError(f"{what} {place!r}: no such folder, and no hub id like org/name")
    return _download(match["repository"], match["revision"], what)


def _download(repository: str, revision: str | None, what: str) -> CheckpointFiles:
    asked = f"{what} {repository}@{revision}" if revision else f"{what} {repository}"
    try:
        folder = fetch_snapshot("model", repository, revision, _WANTED)
    except HubError as error:
        raise CheckpointError(f"{asked}: {error}") from error
    return CheckpointFiles(folder, repository, folder.name)


def _digest(folder: Path) -> str:
    """Forty hexadecimal digits over names and content of everything that loading reads, but for the manifest.

    What in that shapes scores is part of `scores_key` by its meaning; a calibration fitted again leaves scores as they
    are.
    """
    whole = hashlib.sha256()
    wanted = {path for pattern in _WANTED for path in folder.glob(pattern) if path.is_file() and path.name != FILE}
    for path in sorted(wanted):
        try:
            with path.open("rb") as file:
                whole.update(f"{path.name}:{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
        except OSError as error:
            raise CheckpointError(_unreadable(path, error)) from error
    return whole.hexdigest()[:40]


def _unreadable(path: Path, error: OSError) -> str:
    return f"{path} can't be read ({error.strerror}); give this user access to it"


def find_weights(files: CheckpointFiles) -> list[Path]:
    """The weight files, each checked to be whole.

    Raises:
        CheckpointError: there are none, one is missing, in another format, or truncated.
    """
    weights = list(_weight_files(files))
    for path in weights:
        check_whole(path)
    return weights


def _weight_files(files: CheckpointFiles) -> Iterator[Path]:
    single = files.folder / "model.safetensors"
    if single.is_file():
        yield single
        return
    if not (files.folder / "model.safetensors.index.json").is_file():
        found = sorted(path.name for pattern in ("*.bin", "*.pt", "*.pth") for path in files.folder.glob(pattern))
        said = (
            f"only {found[0]}, which could run code; convert it to safetensors" if found else "copy the weights there"
        )
        raise CheckpointError(f"{files.folder} has no model.safetensors; {said}")
    index = files.json("model.safetensors.index.json", remedy="copy it")
    shards = index.get("weight_map")
    if not isinstance(shards, dict) or not shards or not all(isinstance(name, str) for name in shards.values()):
        raise CheckpointError(f"{files.folder / 'model.safetensors.index.json'} names no weights; download it again")
    for name in sorted(set(shards.values())):
        if not (files.folder / name).is_file():
            raise CheckpointError(f"{files.folder / name} is missing; the index names it, download it again")
        yield files.folder / name


def check_whole(path: Path) -> None:
    """Compare the length of a safetensors file with what its header announces. Raises CheckpointError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(size - 8, _MOST_HEADER_BYTES):
            raise CheckpointError(f"{path} is truncated or no safetensors file; download it again")
        try:
            header = json.loads(file.read(length))
            end = max((one["data_offsets"][1] for name, one in header.items() if name != "__metadata__"), default=0)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            raise CheckpointError(f"{path} is no safetensors file; download it again") from error
    if size != 8 + length + end:
        raise CheckpointError(f"{path} has {size} bytes in place of {8 + length + end}; download it again")
