"""A small corpus made by hand that has something of everything which is counted."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from tests.trainer.corpus.making import make_corpus, make_row, with_picture

from memelens.trainer.corpora.interface import Split
from memelens.trainer.corpus.store import Corpus, PairCounts

__all__ = ["NOTHING_READ", "counted_corpus", "counted_rows"]

NOTHING_READ = "Hateful_zh__Multi3Hate"
"""Part of a dataset, and not in the user's copy."""

_TRAIN, _VALIDATION, _TEST = Split.TRAIN, Split.VALIDATION, Split.TEST
_KINDS = "Misogyny_Categories_hi_en__MIMIC2024"


def counted_rows(pictures: Path) -> list[dict[str, Any]]:
    """Two pairs of the same memes, several labels and none, pictures and texts that are there twice."""
    harm = [
        make_row("Harmful_Covid_en__HarMeme", f"c{number}", label, side, text="z" * (number + 1),
                 template_disjoint=True if side is _TEST else None)
        for number, (label, side) in enumerate(
            [("not-harmful", _TRAIN)] * 5 + [("very-harmful", _TRAIN)] * 2 + [("not-harmful", _VALIDATION)] * 2
            + [("partially-harmful", _TEST)] * 3
        )
    ]  # fmt: skip
    target = [
        make_row("Target_Covid_en__HarMeme", row["key"], "none", Split(row["split"]), text=row["text"])
        for row in harm[:7]
    ]
    kinds = [
        make_row(_KINDS, "k1", "objectification", labels=["objectification", "prejudice"]),
        make_row(_KINDS, "k2", "", labels=[]),
        make_row(_KINDS, "k3", "prejudice", text="The ZORBLAXIANS say: k2"),
    ]
    love = make_row("emotion_ro__RoMemes", "r1", "love", _TEST, text="the Zorblaxians say k2", template_disjoint=False)
    seen = [
        with_picture(make_row("Hateful_de__Multi3Hate", "m1", "hateful"), pictures, "one"),
        with_picture(make_row("Hateful_de__Multi3Hate", "m2", "hateful", text=""), pictures, "one"),
        with_picture(make_row("Hateful_de__Multi3Hate", "m3", "not-hateful", _TEST), pictures, "two"),
    ]
    return [*harm, *target, *kinds, love, *seen]


def counted_corpus(root: Path) -> tuple[Corpus, Sequence[Mapping[str, Any]]]:
    """The corpus, and the rows that it was made of; nothing was read of one more pair, `NOTHING_READ`."""
    rows = counted_rows(root / "pictures")
    corpus = make_corpus(root / "corpus", rows, pictures=root / "pictures")
    moves = [
        *({"meme": f"harmeme-{one:016x}", "before": "train", "after": None, "reason": "a copy", "because": "fhm-0"}
          for one in range(3)),
        {"meme": "met_meme-0", "before": None, "after": "test", "reason": "placed", "because": "met_meme-1"},
    ]  # fmt: skip
    (corpus.root / "moves.jsonl").write_bytes(b"".join(orjson.dumps(move) + b"\n" for move in moves))
    nothing = PairCounts.model_validate(
        dict.fromkeys(PairCounts.model_fields, 0) | {"dataset": "invented", "left_out": {}, "test_split": "chosen here"}
    )
    pairs = {**corpus.manifest.pairs, NOTHING_READ: nothing}
    manifest = corpus.manifest.model_copy(update={"pairs": pairs})
    (corpus.root / "corpus.json").write_text(manifest.model_dump_json(), encoding="utf-8")
    return Corpus(corpus.root), rows
