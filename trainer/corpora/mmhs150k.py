"""MMHS150K: tweets with a picture, each judged by three annotators.

One object has the annotations of all tweets, a list of ids stands for each split, and the text in a picture, where OCR
found any, has a file of its own. What the tweet says beside its picture isn't read.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from .capping import over_the_cap
from .folder import Folder
from .interface import LeftOut, Licence, Meme, Row, Source, Split
from .joining import by_id, joined
from .json_files import read_json_object
from .problems import RowError
from .tables import read_csv

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
    """Tweets of each split. Published validation and test rows stay whole, whatever the cap."""
    tweets = joined(folder, by_id(folder, _listed(folder), "id"), by_id(folder, _annotated(folder), "id"))
    over = over_the_cap(folder, _CAP, tweets, _label)
    texts = {PurePosixPath(path).stem: path for path in folder.find("img_txt/*.json")}
    for tweet, row in tweets.items():
        # What is over the cap needs no text: its file isn't opened.
        text = read_json_object(folder, texts[tweet]) if tweet in texts and tweet not in over else {"img_text": ""}
        if text is not None:
            yield replace(row, values={**text, **row.values, "over": tweet in over})


def _listed(folder: Folder) -> Iterator[Row]:
    for split, file in _FILES.items():
        yield from read_csv(folder, folder.one(f"splits/{file}"), ("id",), heading=False, split=split)


def _annotated(folder: Folder) -> Iterator[Row]:
    """Without the tweets themselves, which are most of a few hundred MB."""
    for place, (tweet, one) in enumerate((read_json_object(folder, folder.one(_ANNOTATIONS)) or {}).items(), 1):
        yield Row(_ANNOTATIONS, place, {"id": tweet, "labels": one.get("labels") if isinstance(one, dict) else one})


def _label(row: Row) -> str:
    """What two annotators say: 0 is not hate, 1 to 5 are kinds of it, of which each may mean another one."""
    labels = row.values.get("labels")
    return "hateful" if isinstance(labels, list) and sum(one in range(1, 6) for one in labels) > 1 else "not-hateful"


def meme(row: Row) -> Meme | LeftOut:
    """A tweet as its annotators see it, with the text in its picture."""
    if row.values.get("over"):
        return LeftOut("over the cap", (_PAIR,))
    tweet, labels = row.id("id"), row.values.get("labels")
    if not (isinstance(labels, list) and len(labels) == 3 and all(one in range(6) for one in labels)):
        raise RowError(f"labels of {tweet} should be three numbers from 0 to 5", str(labels))
    text, note = row.text("img_text"), f"annotated {' '.join(map(str, labels))}"
    image = f"img_resized/{tweet}.jpg"
    return Meme(key=tweet, labels={_PAIR: _label(row)}, text=text, image=image, split=row.split, note=note)
