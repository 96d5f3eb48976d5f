"""MMHS150K: tweets with a picture, each judged by three annotators.

One object has the annotations of all tweets, a list of ids stands for each split, and the text in a picture, where OCR
found any, has a file of its own. What the tweet says beside its picture isn't read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from .capping import over_the_cap
from .folder import Folder
from .interface import LeftOut, Licence, Meme, Row, Source, Split
from .problems import RowError
from .reading import read_csv, read_json_object

__all__ = ["SOURCE", "meme", "rows"]

_PAIR, _ANNOTATIONS = "Hateful_en__MMHS", "MMHS150K_GT.json"
_FILES = {Split.TRAIN: "train_ids.txt", Split.VALIDATION: "val_ids.txt", Split.TEST: "test_ids.txt"}
_CAP = 59_300  # about what the paper used

SOURCE = Source(
    name="mmhs150k",
    title="MMHS150K",
    pairs=(_PAIR,),
    licence=Licence("no licence named", may_be_passed_on=False),
    citation="Gomez et al., WACV 2020, pp. 1470-1478",
    homepage="https://gombru.github.io/2019/10/09/MMHS/",
    files=f"{_ANNOTATIONS}, splits/ with {', '.join(_FILES.values())}, img_txt/ and img_resized/",
    official_test={_PAIR: "splits/test_ids.txt"},
    options={"cap": f"how many rows to use, {_CAP} if left out, 0 for all; only training rows are left out"},
)


def rows(folder: Folder) -> Iterator[Row]:
    """Tweets of each split, then those of none. Published validation and test rows stay whole, whatever the cap."""
    annotations = read_json_object(folder, name) if (name := folder.one(_ANNOTATIONS)) else {}
    # Without the tweets themselves, which are most of a few hundred MB.
    labels = {tweet: one.get("labels") if isinstance(one, dict) else None for tweet, one in annotations.items()}
    del annotations
    listed = [row for split in _FILES for row in _listed(folder, split, labels)]
    train = [row.text("id") for row in listed if row.split is Split.TRAIN]
    strata = [[tweet for tweet in train if _is_hateful(labels[tweet]) is hateful] for hateful in (True, False)]
    over = over_the_cap(folder, _CAP, len(listed) - len(train), strata)
    texts = {PurePosixPath(path).stem: path for path in folder.find("img_txt/*.json")}
    for row in listed:
        tweet = row.text("id")
        unused = tweet in over  # and needs no text: its file isn't opened
        text = read_json_object(folder, texts[tweet]) if tweet in texts and not unused else {"img_text": ""}
        yield replace(row, values={**text, "id": tweet, "labels": labels[tweet], "over": unused})
    known = {row.text("id") for row in listed}
    yield from (Row(_ANNOTATIONS, n, {"id": one}) for n, one in enumerate(labels, 1) if one not in known)


def _listed(folder: Folder, split: Split, labels: Mapping[str, object]) -> list[Row]:
    """Annotated tweets of a split."""
    name = folder.one(f"splits/{_FILES[split]}")
    found = list(read_csv(folder, name, ("id",), heading=False, split=split)) if name else []
    unknown = [row for row in found if row.text("id") not in labels]
    if unknown:
        what = f"{len(unknown)} of its {len(found)} tweets aren't in {_ANNOTATIONS}; the first"
        folder.problem(unknown[0].file, unknown[0].number, what, unknown[0].text("id"))
    return [row for row in found if row.text("id") in labels]


def _is_hateful(labels: object) -> bool:
    """At least two annotators say so: 0 is not hate, 1 to 5 are kinds of it."""
    return isinstance(labels, list) and sum(one in range(1, 6) for one in labels) > 1


def meme(row: Row) -> Meme | LeftOut:
    """Hateful where two of the three annotators say so, whatever kind of hate each means."""
    if row.split is None:
        return LeftOut("in no split", (_PAIR,))
    if row.values.get("over"):
        return LeftOut("over the cap", (_PAIR,))
    labels = row.values.get("labels")
    if not (isinstance(labels, list) and len(labels) == 3 and all(one in range(6) for one in labels)):
        raise RowError(f"labels of {row.text('id')} should be three numbers from 0 to 5", str(labels))
    return Meme(
        key=row.text("id"),
        labels={_PAIR: "hateful" if _is_hateful(labels) else "not-hateful"},
        text=row.text("img_text"),
        image=f"img_resized/{row.text('id')}.jpg",
        split=row.split,
        note=f"annotated {' '.join(map(str, labels))}",
    )
