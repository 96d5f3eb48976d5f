"""Corpora made by hand: rows as a test wants them, written the way a build writes them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from tests.trainer.corpora.writing import write_picture

from memelens.taxonomy import PAIRS
from memelens.trainer.corpora.interface import Split
from memelens.trainer.corpus.pictures.fingerprints import fingerprint
from memelens.trainer.corpus.schema import FEATURES
from memelens.trainer.corpus.store import Corpus, Manifest, PairCounts, SourceFacts, content_hash, write_corpus

__all__ = ["make_corpus", "make_row", "with_file", "with_picture"]

_PAIR_OF = {pair.configuration: pair for pair in PAIRS}
_EMPTY: dict[str, Any] = dict.fromkeys(FEATURES)
_NO_JUDGEMENT = dict.fromkeys(FEATURES["judgement"])


def make_row(pair: str, key: str, label: str, split: Split = Split.TRAIN, **columns: Any) -> dict[str, Any]:
    """A text-only row of a pair; `columns` say what is different about it."""
    one = _PAIR_OF[pair]
    return {
        **_EMPTY,
        "id": f"invented-{key}/{pair}",
        "meme": f"invented-{key}",
        "dataset": "invented",
        "pair": pair,
        "task": one.task.value,
        "label_set": one.label_set.name,
        "language": one.language.value,
        "text": f"the Zorblaxians say {key}",
        "modality": "text-only",
        "labels": [label],
        "original_label": label,
        "licence": "CC0-1.0",
        "key": key,
        "file": "invented.csv",
        "row": 2,
        "judgement": _NO_JUDGEMENT,
        "split": split.value,
        **columns,
    }


def with_picture(row: Mapping[str, Any], pictures: Path, content: str) -> dict[str, Any]:
    """The row with a picture in `pictures`, another one for each content; a test row's is on a template of its own."""
    name = f"{row['key']}.png"
    write_picture(pictures / name, content=content)
    return with_file(row, pictures, name)


def with_file(row: Mapping[str, Any], pictures: Path, name: str) -> dict[str, Any]:
    """The row with a picture that lies in `pictures`."""
    seen = fingerprint((pictures / name).read_bytes())
    marked = row["template_disjoint"]
    return {
        **row,
        "modality": "multimodal" if row["text"] else "image-only",
        "template_disjoint": True if row["split"] == Split.TEST and marked is None else marked,
        "image": name,
        "image_sha256": seen.sha256,
        "image_width": seen.width,
        "image_height": seen.height,
        "image_bytes": seen.size_bytes,
        "perceptual_hash": seen.perceptual_hash and seen.perceptual_hash.hex(),
    }


def make_corpus(
    root: Path, rows: Sequence[Mapping[str, Any]], *, pictures: Path, may_be_passed_on: bool = True
) -> Corpus:
    """A corpus of these rows; the directory `pictures` is where their images lie."""
    root.mkdir(parents=True, exist_ok=True)
    sides = {side: _side([row for row in rows if row["split"] == side.value]) for side in Split}
    pairs = {
        pair: _counts([row for row in rows if row["pair"] == pair]) for pair in dict.fromkeys(r["pair"] for r in rows)
    }
    facts = SourceFacts(
        title="Invented", root=str(pictures), images="complete", licence="CC0-1.0", may_be_passed_on=may_be_passed_on
    )
    manifest = Manifest(
        version="0",
        seed=1,
        shares={Split.TRAIN: 0.8, Split.VALIDATION: 0.1, Split.TEST: 0.1},
        content_hash=content_hash(sides.values()),
        sources={"invented": facts},
        pairs=pairs,
        moves={},
        carved_validation={},
    )
    write_corpus(root, sides, manifest, [])
    return Corpus(root)


def _side(rows: Sequence[Mapping[str, Any]]) -> Dataset:
    """A side, which may have no rows: `Dataset.from_list` refuses none."""
    return Dataset.from_dict({name: [row[name] for row in rows] for name in FEATURES}, features=FEATURES)


def _counts(rows: Sequence[Mapping[str, Any]]) -> PairCounts:
    on = {side: sum(row["split"] == side.value for row in rows) for side in Split}
    return PairCounts(
        dataset="invented",
        read=len(rows),
        left_out={},
        dropped=0,
        placed_with_a_copy=0,
        train=on[Split.TRAIN],
        validation=on[Split.VALIDATION],
        test=on[Split.TEST],
        without_picture=0,
        test_split="chosen here",
    )
