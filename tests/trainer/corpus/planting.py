"""Corpora with something wrong in them, put there by hand, and their verification."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from PIL import Image
from tests.trainer.corpus.making import make_corpus, make_row, with_file, with_picture

from memelens.trainer.corpora.interface import Split
from memelens.trainer.corpus.schema import FEATURES, rows_of
from memelens.trainer.corpus.store import Corpus, write_corpus
from memelens.trainer.corpus.verifying import Finding, Question, Verification, verify

__all__ = [
    "FHM",
    "KINDS",
    "MAMI",
    "TEST",
    "TRAIN",
    "VALIDATION",
    "Quiet",
    "Rows",
    "clean_rows",
    "examined",
    "fhm",
    "made",
    "rewritten",
    "told",
    "with_copy",
    "wrong",
]

FHM, MAMI, KINDS = "Hateful_en_FHM", "misogynous_en__MAMI", "Misogyny_Categories_hi_en__MIMIC2024"
TRAIN, VALIDATION, TEST = Split.TRAIN, Split.VALIDATION, Split.TEST

Rows = list[dict[str, Any]]


class Quiet:
    """Progress that nobody watches; `done` of each step, `totals` as they were announced, `notes`."""

    def __init__(self) -> None:
        self.totals: dict[str, int | None] = {}
        self.done: dict[str, int] = {}
        self.notes: list[str] = []
        self._step = ""

    def begin(self, what: str, total: int | None = None) -> None:
        self._step = what
        self.totals[what], self.done[what] = total, 0

    def advance(self, count: int) -> None:
        self.done[self._step] += count

    def note(self, text: str) -> None:
        self.notes.append(text)


def clean_rows(pictures: Path) -> Rows:
    """Rows of all kinds, no two of them the same meme on two sides."""
    return [
        *(with_picture(fhm(f"{side}-{n}", side), pictures, f"{side}-{n}") for side in Split for n in range(3)),
        *(fhm(f"bare-{side}", side) for side in Split),
        *(make_row(pair, "twice", label, TRAIN) for pair, label in ((FHM, "hateful"), (MAMI, "not-misogynous"))),
        with_picture(fhm("wordless", VALIDATION, text=""), pictures, "wordless"),
        fhm("grouped-1", TEST, group="invented/7", text="one says it"),
        fhm("grouped-2", TEST, group="invented/7", text="another repeats"),
        make_row(KINDS, "kinds", "prejudice", TRAIN, labels=["prejudice", "humiliation"]),
        make_row(KINDS, "no-kind", "prejudice", TRAIN, labels=[], original_label=""),
    ]


def fhm(key: str, side: Split, **columns: Any) -> dict[str, Any]:
    """A text-only row of one pair."""
    return make_row(FHM, key, "hateful", side, **columns)


def made(place: Path, rows: Sequence[Mapping[str, Any]]) -> Corpus:
    """A corpus of these rows in `place/corpus`, its pictures in `place/pictures`."""
    return make_corpus(place / "corpus", rows, pictures=place / "pictures")


def examined(corpus: Corpus, *, quick: bool = False) -> Verification:
    """The verification of a corpus, opened anew."""
    return verify(Corpus(corpus.root), Quiet(), quick=quick, jobs=1)


def wrong(found: Verification) -> dict[Question, int]:
    """Findings of each question that has any."""
    return {check.question: check.findings for check in found.checks if check.findings}


def told(found: Verification, question: Question) -> Sequence[Finding]:
    """The first findings of a question."""
    return next(check.first for check in found.checks if check.question is question)


def with_copy(row: Mapping[str, Any], pictures: Path, of: str) -> dict[str, Any]:
    """The row with a copy of a picture in `pictures`, smaller and saved once more in another format."""
    with Image.open(pictures / of) as picture:
        smaller = picture.convert("RGB").resize((picture.width * 4 // 5, picture.height * 4 // 5))
    content = io.BytesIO()
    smaller.save(content, format="JPEG", quality=60)
    name = f"{row['key']}.jpg"
    (pictures / name).write_bytes(content.getvalue())
    return with_file(row, pictures, name)


def rewritten(corpus: Corpus, sides: Mapping[Split, Sequence[Mapping[str, Any]]]) -> Corpus:
    """The corpus with other rows on some sides and the manifest as it was."""
    fresh = {side: [dict(row) for row in sides.get(side, list(rows_of(rows)))] for side, rows in corpus.sides.items()}
    write_corpus(
        corpus.root,
        {side: Dataset.from_list(rows, features=FEATURES) for side, rows in fresh.items()},
        corpus.manifest,
        [],
    )
    return Corpus(corpus.root)
