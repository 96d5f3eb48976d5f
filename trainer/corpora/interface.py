"""What the module of a dataset states and gives: a `Source` literal, the raw rows, and a meme for each row."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from .folder import Folder
from .problems import RowError

__all__ = ["JUDGED", "Adapter", "LeftOut", "Licence", "Meme", "Row", "Source", "Split"]

JUDGED = ("informativeness", "clarity", "plausibility", "faithfulness", "llm_judge")
"""What the released corpus says of an explanation, 1 to 5."""


class Split(StrEnum):
    """Side of the corpus on which a row stands."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Licence:
    """Terms of a dataset. `may_be_passed_on`: an export may hold its rows."""

    name: str
    may_be_passed_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is known of a dataset before any of its files is read.

    `name` is its key in sources.yaml and what its folder is usually called; `pairs` are configurations of
    `taxonomy.PAIRS`; `official_test` names, for each pair that has one, the file or field that holds the published test
    split (a pair that isn't in it is split here); `files` says what has to lie in the folder; `options` are settings in
    sources.yaml that it alone knows, each with what it does.
    """

    name: str
    title: str
    pairs: tuple[str, ...]
    licence: Licence
    citation: str
    homepage: str
    files: str
    official_test: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a dataset's own files, values as they stand there. `picture`: bytes of an image inside the row."""

    file: str
    number: int
    values: Mapping[str, object]
    split: Split | None = None
    picture: bytes | None = None

    def text(self, name: str) -> str:
        """A value as text: a number as it is written, an empty string as one.

        What JSON can say and Unicode can't, half a surrogate pair, is U+FFFD.

        Raises:
            RowError: the row has no such value, or it is a list, an object, null, or no number.
        """
        value = self._value(name)
        if isinstance(value, str):
            return _whole(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return str(value)
        raise RowError(f"{name} should be text and is {_kind(value)}")

    def id(self, name: str) -> str:
        """The id of a meme, or a picture's name: text that isn't blank.

        Raises:
            RowError: as for `text`, or there is nothing in it.
        """
        text = self.text(name)
        if not text.strip():
            raise RowError(f"{name} is empty")
        return text

    def many(self, name: str) -> tuple[str, ...]:
        """A list of texts.

        Raises:
            RowError: the row has no such value, or it is no list of texts.
        """
        value = self._value(name)
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(map(_whole, value))
        raise RowError(f"{name} should be a list of texts and is {_kind(value)}")

    def _value(self, name: str) -> object:
        try:
            return self.values[name]
        except KeyError:
            raise RowError(f"the row has no {name!r}") from None


def _whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _kind(value: object) -> str:
    """What a value is, not what it says: that can be a meme's text."""
    match value:
        case None:
            return "null"
        case str():
            return "text"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value}"
        case list():
            return "a list"
    return "an object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meme:
    """What a row says of one meme.

    `key` is its id in the dataset, unique there. `labels` maps a pair to its label as the file spells it, to several
    (or none) for a set where several hold at once. `unlabelled` maps a pair for which this row has no label to the
    reason, which is counted. `image` is the picture's name as the dataset has it: a leading folder narrows the search,
    the suffix needn't be right. Rows with the same `group` show the same meme. `note` is kept with the row, `warning`
    is counted in the report. The rest is what the released corpus has beside a label; `judgement` maps what was judged
    of the explanation to its mark, 1 to 5.
    """

    key: str
    labels: Mapping[str, str | tuple[str, ...]]
    text: str = ""
    image: str | None = None
    split: Split | None = None
    group: str | None = None
    template: str | None = None
    unlabelled: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None
    warning: str | None = None
    explanation: str | None = None
    native_label: str | None = None
    native_task_description: str | None = None
    native_explanation: str | None = None
    judgement: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is left out on purpose, for these pairs; counted under the reason."""

    reason: str
    pairs: tuple[str, ...]


class Adapter(Protocol):
    """A module of this folder that stands for a dataset."""

    @property
    def SOURCE(self) -> Source:  # noqa: N802 - a module's literal
        """What is known of it."""

    def rows(self, folder: Folder) -> Iterator[Row]:
        """Its rows, file after file in a fixed order, joined where a row is spread over files.

        What can't be read is told with `folder.problem`, and reading goes on; never raises for it.
        """

    def meme(self, row: Row) -> Meme | LeftOut:
        """The meme of a row: pure, knows nothing of disks.

        Raises:
            RowError: the row contradicts itself or the dataset's format.
            UnknownNameError: a spelling stands for no label. (Labels in `Meme.labels` are checked by the caller.)
        """
