"""A built corpus on disk: three sides in Arrow, and a manifest that is written last.

```
DIR/corpus.json          the manifest: what it was built from, counts, content hash; a directory without it is no corpus
DIR/dataset_dict.json    with train/ validation/ test/: what `datasets.load_from_disk(DIR)` reads
DIR/moves.jsonl          every meme that was placed or dropped because it is the same as another one
DIR/pictures/            pictures that stood inside a dataset's rows
DIR/fingerprints.sqlite  what is known of pictures by their content: a next build doesn't look at them again
```
"""

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import orjson
from datasets import (
    Dataset,
    DatasetDict,
    are_progress_bars_disabled,
    disable_progress_bars,
    enable_progress_bars,
    load_from_disk,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..corpora.interface import Split
from ..errors import CorpusError
from .schema import rows_of

__all__ = [
    "CHOSEN_HERE",
    "MANIFEST",
    "REPLACED",
    "UNFINISHED",
    "Corpus",
    "Manifest",
    "PairCounts",
    "SourceFacts",
    "content_hash",
    "without_bars",
    "write_corpus",
]

CHOSEN_HERE = "chosen here"
"""Said of the test split of a pair whose authors published none."""

MANIFEST = "corpus.json"

UNFINISHED = ".building"
"""Where a build works until its last step."""

REPLACED = (*Split, "dataset_dict.json", "moves.jsonl", "pictures")
"""What a build writes over, beside its manifest, where a directory has it."""


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceFacts(_Facts):
    """A dataset that a corpus was built from.

    `root` is the folder from which its rows' images are named; a relative one lies in the corpus' own directory.
    """

    title: str
    root: str
    images: str
    licence: str
    may_be_passed_on: bool
    options: Mapping[str, Any] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    warnings: Mapping[str, int] = Field(default_factory=dict)


class PairCounts(_Facts):
    """Rows of a pair: `read` = `left_out` (each reason) + `dropped` + what stands on the three sides."""

    dataset: str
    read: int
    left_out: Mapping[str, int]
    dropped: int
    placed_with_a_copy: int
    train: int
    validation: int
    test: int
    without_picture: int
    test_split: str

    @property
    def rows(self) -> int:
        """Rows in the corpus."""
        return self.train + self.validation + self.test


class Manifest(_Facts):
    """What a corpus is.

    `moves` counts memes by the reason why they were placed or dropped; `carved_validation` those of each dataset that
    its authors published as training rows, without a validation split.
    """

    format: Literal[1] = 1
    version: str
    seed: int
    shares: Mapping[Split, float]
    content_hash: str
    sources: Mapping[str, SourceFacts]
    pairs: Mapping[str, PairCounts]
    moves: Mapping[str, int]
    carved_validation: Mapping[str, int]


class Corpus:
    """A built corpus, memory-mapped.

    Raises:
        CorpusError: the directory holds none, or one that another version wrote.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.manifest = _read_manifest(root)

    @cached_property
    def sides(self) -> Mapping[Split, Dataset]:
        """Rows of each side (columns: `schema.FEATURES`).

        Raises:
            CorpusError: the sides can't be read.
        """
        try:
            found = load_from_disk(str(self.root))
            return {side: found[side.value] for side in Split}
        except (OSError, KeyError, ValueError) as error:
            raise CorpusError(f"{self.root}: its rows can't be read ({error}); build it again") from error

    def picture(self, dataset: str, image: str) -> Path:
        """Where a row's picture lies."""
        return self.root / self.manifest.sources[dataset].root / image

    def rows(self, *columns: str) -> Iterator[Mapping[str, Any]]:
        """Every row, side after side, some of its columns or all."""
        for side in self.sides.values():
            yield from rows_of(side, *columns)


def _read_manifest(root: Path) -> Manifest:
    path = root / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError) as error:
        raise CorpusError(
            f"{root}: holds no corpus, or one whose build wasn't finished; `memelens corpus build` makes one"
        ) from error
    except OSError as error:
        raise CorpusError(f"{path}: can't be read ({error.strerror})") from error
    except ValidationError as error:
        raise CorpusError(f"{path}: no manifest that this version understands; build the corpus again") from error


def write_corpus(
    root: Path, sides: Mapping[Split, Dataset], manifest: Manifest, moves: Iterable[Mapping[str, Any]]
) -> None:
    """Put a corpus in its place; until its last step the directory holds the old corpus or none, never half of one."""
    fresh = root / UNFINISHED / "sides"
    shutil.rmtree(fresh, ignore_errors=True)
    # Left to itself the library writes no file for a side without rows, and then can't read the directory.
    files = {side.value: None if len(rows) else 1 for side, rows in sides.items()}
    with without_bars():
        DatasetDict({side.value: rows for side, rows in sides.items()}).save_to_disk(str(fresh), num_shards=files)
    (root / MANIFEST).unlink(missing_ok=True)
    for path in fresh.iterdir():
        target = root / path.name
        if target.is_dir():
            shutil.rmtree(target)
        path.replace(target)
    (root / "moves.jsonl").write_bytes(b"".join(orjson.dumps(move) + b"\n" for move in moves))
    draft = root / UNFINISHED / MANIFEST
    draft.write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
    draft.replace(root / MANIFEST)


@contextmanager
def without_bars() -> Iterator[None]:
    """The library's bars for saving hidden: they take a second, and would stand among a command's own."""
    hidden = are_progress_bars_disabled()
    disable_progress_bars()
    try:
        yield
    finally:
        if not hidden:
            enable_progress_bars()


def content_hash(sides: Iterable[Dataset]) -> str:
    """Hash over what rows say, whatever their order: SHA-256 of each, sorted, hashed again."""
    rows = (row for side in sides for row in rows_of(side))
    digests = sorted(hashlib.sha256(orjson.dumps(row, option=orjson.OPT_SORT_KEYS)).digest() for row in rows)
    return hashlib.sha256(b"".join(digests)).hexdigest()
