"""HarMeme: harm and its target, in memes on Covid-19 (Harm-C) and on US politics (Harm-P).

One file for each split and part: `{id, image, labels: [harm, target, …], text}`. The published target split is another
one, with rows of the harm test split in its training part: it isn't read, targets stand in the harm split's own rows.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from ...taxonomy import unified_label
from .folder import Folder
from .interface import LeftOut, Licence, Meme, Row, Source, Split
from .json_files import read_json_rows

__all__ = ["SOURCE", "meme", "rows"]

_PARTS = {
    "Harm-C": ("Harmful_Covid_en__HarMeme", "Target_Covid_en__HarMeme"),
    "Harm-P": ("Harmful_en__HarMeme", "Target_en__HarMeme"),
}
_FILES = {Split.TRAIN: "train.jsonl", Split.VALIDATION: "val.jsonl", Split.TEST: "test.jsonl"}

SOURCE = Source(
    name="harmeme",
    title="HarMeme",
    pairs=tuple(pair for pairs in _PARTS.values() for pair in pairs),
    licence=Licence("research use, no licence named", may_be_passed_on=False),
    citation="Pramanick et al., Findings of ACL 2021 (Harm-C); Pramanick et al., Findings of EMNLP 2021 (Harm-P)",
    homepage="https://github.com/LCS2-IIITD/MOMENTA",
    files="Harm-C/ and Harm-P/ (one is enough), each with train.jsonl, val.jsonl, test.jsonl and images/",
    official_test={pair: f"{part}/test.jsonl" for part, pairs in _PARTS.items() for pair in pairs},
)


def rows(folder: Folder) -> Iterator[Row]:
    """Rows of the parts that are there; a part that is there has all three files."""
    there = [part for part in _PARTS if folder.find(f"{part}/*.jsonl", f"{part}/images/*")]
    for part in there or _PARTS:
        for split, file in _FILES.items():
            yield from read_json_rows(folder, folder.one(f"{part}/{file}"), split=split)
    for part in sorted({*_PARTS} - {*there}):
        folder.note(f"{part} isn't in this copy")


def meme(row: Row) -> Meme | LeftOut:
    """Harm is the first label, its targets are the rest: the first counts, the others are kept as a note."""
    part = PurePosixPath(row.file).parent.name
    harm_pair, target_pair = _PARTS[part]
    harm, *targets = row.many("labels") or ("",)
    if not harm:
        return LeftOut("no harm label", (harm_pair, target_pair))
    labels, unlabelled = {harm_pair: harm}, {}
    note = None
    if unified_label("harmful", harm) == "not-harmful":
        labels[target_pair] = "none"
        note = f"published with target {' '.join(targets)}" if targets else None
    elif targets:
        labels[target_pair] = targets[0]
        note = f"also targets {' '.join(targets[1:])}" if targets[1:] else None
    else:
        unlabelled[target_pair] = "harmful without a target"
    return Meme(
        key=f"{part}/{row.id('id')}",
        labels=labels,
        unlabelled=unlabelled,
        text=row.text("text"),
        image=f"{part}/images/{row.id('image')}",
        split=row.split,
        note=note,
    )
