"""A row of the unified corpus: one meme, one pair, its label in unified spelling."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..corpora.interface import Split

__all__ = ["Modality", "Record", "meme_id"]


class Modality(StrEnum):
    """What a row has of a meme; a row whose picture is missing is never used as one with picture and text."""

    MULTIMODAL = "multimodal"
    TEXT_ONLY = "text-only"
    IMAGE_ONLY = "image-only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a dataset's row says of a meme for one pair, before its picture is looked at and its side is chosen.

    `meme` is shared by the rows of one meme over the pairs of its dataset; `id` is `meme` and pair. Both are opaque:
    a dataset's own `key`, like a file's name, can say the label. `image` is relative to the source's folder.
    `labels` holds one label, or any number where the pair's set lets several hold at once. `original_label` is as the
    file spells it. Rows of one `group` show the same meme; `template` names the picture that memes are made on.
    """

    id: str
    meme: str
    dataset: str
    pair: str
    task: str
    label_set: str
    language: str
    text: str
    modality: Modality
    labels: tuple[str, ...]
    original_label: str
    original_split: Split | None
    licence: str
    key: str
    file: str
    row: int
    image: str | None = None
    group: str | None = None
    template: str | None = None
    note: str | None = None
    explanation: str | None = None
    native_label: str | None = None
    native_task_description: str | None = None
    native_explanation: str | None = None
    judgement: Mapping[str, float] = field(default_factory=dict)


def meme_id(dataset: str, key: str) -> str:
    """Opaque, stable id of a meme: the dataset's name and 16 hexadecimal digits."""
    digest = hashlib.sha256(f"{dataset}/{key}".encode()).hexdigest()
    return f"{dataset}-{digest[:16]}"
