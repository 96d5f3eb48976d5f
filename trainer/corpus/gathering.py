"""From the files of one dataset to records: labels unified, repeats found, everything that is left out counted."""

import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from ...taxonomy import PAIRS, Pair, UnknownNameError, unified_label
from ..corpora.folder import Folder
from ..corpora.interface import Adapter, LeftOut, Meme, Row
from ..corpora.problems import RowError
from .records import Modality, Record, meme_id

__all__ = ["Images", "Tally", "gather"]

PAIR_OF: Mapping[str, Pair] = MappingProxyType({pair.configuration: pair for pair in PAIRS})

_LONGEST_LABEL, _MOST_WORDS = 40, 4  # characters; no spelling of a label has more


class Images(StrEnum):
    """What a user says of a source's pictures: all there, some missing, none there."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    ABSENT = "absent"


@dataclass(slots=True)
class Tally:
    """Counts of one source, by pair; `read` is `kept` and all that was left out."""

    read: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    left_out: dict[str, Counter[str]] = field(default_factory=dict)
    without_picture: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)

    def leave_out(self, pairs: Iterable[str], reason: str) -> None:
        """One row less for each pair."""
        for pair in pairs:
            self.read[pair] += 1
            self.left_out.setdefault(pair, Counter())[reason] += 1

    def keep(self, record: Record, *, missing: bool) -> None:
        """One row more for a pair; `missing`: its picture isn't on this disk."""
        self.read[record.pair] += 1
        self.kept[record.pair] += 1
        self.without_picture[record.pair] += missing


def gather(
    adapter: Adapter, folder: Folder, images: Images, tally: Tally, keep_picture: Callable[[bytes], str]
) -> Iterator[Record]:
    """Records of a source in the order of its files.

    What is wrong goes to `folder.problems`, counts go to `tally`. `keep_picture` stores the bytes of a picture that
    stands inside a row and gives its path.
    """
    seen, missing = _Seen(), _Missing()
    for row in adapter.rows(folder):
        try:
            meme = _wanted(adapter.meme(row), folder)
            if isinstance(meme, LeftOut):
                tally.leave_out(meme.pairs, meme.reason)
            elif seen.again(meme, row):
                tally.leave_out((*meme.labels, *meme.unlabelled), "the same row again")
            else:
                picture = _picture(folder, row, meme, images, keep_picture)
                missing.count(row, meme, picture)
                yield from _records(adapter, meme, row, picture, tally)
        except RowError as error:
            folder.problem(row.file, row.number, error.text, error.value)
        except UnknownNameError as error:
            folder.problem(row.file, row.number, _unknown(error))
    if images is Images.COMPLETE:
        missing.tell(folder)


def _wanted(meme: Meme | LeftOut, folder: Folder) -> Meme | LeftOut:
    """Without the pairs that nobody asked for."""
    if isinstance(meme, LeftOut):
        return replace(meme, pairs=tuple(filter(folder.wants, meme.pairs)))
    labels = {pair: label for pair, label in meme.labels.items() if folder.wants(pair)}
    unlabelled = {pair: reason for pair, reason in meme.unlabelled.items() if folder.wants(pair)}
    return replace(meme, labels=labels, unlabelled=unlabelled)


def _unknown(error: UnknownNameError) -> str:
    """Without the value where it can be a meme's text, of a row whose cells stand in others' columns."""
    if len(error.name) <= _LONGEST_LABEL and len(error.name.split()) <= _MOST_WORDS:
        return str(error)
    return f"where a {error.kind} should be stand {len(error.name)} characters; are its columns in order?"


class _Missing:
    """Pictures that aren't on this disk, file by file: told in one sentence, since they have one cause."""

    def __init__(self) -> None:
        self._named: Counter[str] = Counter()
        self._first: dict[str, tuple[int, str]] = {}
        self._missing: Counter[str] = Counter()

    def count(self, row: Row, meme: Meme, picture: str | None) -> None:
        if meme.image is None:
            return
        self._named[row.file] += 1
        if picture is None:
            self._missing[row.file] += 1
            self._first.setdefault(row.file, (row.number, meme.image))

    def tell(self, folder: Folder) -> None:
        for file, count in self._missing.items():
            declared = Images.ABSENT if count == self._named[file] else Images.PARTIAL
            row, name = self._first[file]
            text = (
                f"{count} of its {self._named[file]} pictures aren't in {folder.root}; put them there, or declare "
                f"`images: {declared}` in sources.yaml; the first"
            )
            folder.problem(file, row, text, name)


class _Seen:
    """Keys met so far: a dataset's id stands for one row."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[bytes, str]] = {}

    def again(self, meme: Meme, row: Row) -> bool:
        """Whether the very same row was there before; a `RowError` where another one had its id."""
        content = json.dumps([row.values, row.split], sort_keys=True)  # also half a surrogate pair, unlike orjson
        digest = hashlib.sha256(content.encode() + (row.picture or b"")).digest()
        before, place = self._rows.setdefault(meme.key, (digest, f"{row.file} row {row.number}"))
        if place == f"{row.file} row {row.number}":
            return False
        if before == digest:
            return True
        raise RowError(f"the id was there before, with other values, in {place}", meme.key)


def _picture(folder: Folder, row: Row, meme: Meme, images: Images, keep_picture: Callable[[bytes], str]) -> str | None:
    """Path of a meme's picture, None where it has none or it isn't there."""
    if images is Images.ABSENT:
        return None
    if row.picture is not None:
        return keep_picture(row.picture)
    if meme.image is None:
        return None
    return folder.picture(meme.image)


def _records(adapter: Adapter, meme: Meme, row: Row, image: str | None, tally: Tally) -> Iterator[Record]:
    source = adapter.SOURCE
    text = _text(meme.text)
    labels = {pair: _unified(PAIR_OF[pair], raw) for pair, raw in meme.labels.items()}
    if meme.warning:
        tally.warnings[meme.warning] += 1
    for pair, reason in meme.unlabelled.items():
        tally.leave_out([pair], reason)
    for pair, unified in labels.items():
        if image is None and not text:
            tally.leave_out([pair], "neither picture nor text")
            continue
        raw = meme.labels[pair]
        record = Record(
            id=f"{meme_id(source.name, meme.key)}/{pair}",
            meme=meme_id(source.name, meme.key),
            dataset=source.name,
            pair=pair,
            task=PAIR_OF[pair].task.value,
            label_set=PAIR_OF[pair].label_set.name,
            language=PAIR_OF[pair].language.value,
            text=text,
            modality=_modality(image, text),
            labels=unified,
            original_label=raw if isinstance(raw, str) else " ".join(raw),
            original_split=meme.split,
            licence=source.licence.name,
            key=meme.key,
            file=row.file,
            row=row.number,
            image=image,
            group=meme.group and f"{source.name}/{meme.group}",
            template=meme.template and f"{source.name}/{meme.template}",
            note=meme.note,
            explanation=meme.explanation,
            native_label=meme.native_label,
            native_task_description=meme.native_task_description,
            native_explanation=meme.native_explanation,
            judgement=meme.judgement,
        )
        tally.keep(record, missing=image is None and meme.image is not None)
        yield record


def _text(raw: str) -> str:
    """NFC with one kind of line end; nothing but blanks is nothing."""
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    return text if text.strip() else ""


def _unified(pair: Pair, raw: str | tuple[str, ...]) -> tuple[str, ...]:
    spelled = (raw,) if isinstance(raw, str) else raw
    return tuple(unified_label(pair.label_set, one) for one in spelled)


def _modality(image: str | None, text: str) -> Modality:
    if image is None:
        return Modality.TEXT_ONLY
    return Modality.MULTIMODAL if text else Modality.IMAGE_ONLY
