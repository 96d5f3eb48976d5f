"""MMHS150K, invented: annotations, lists of ids, a file of its own for the text of each picture that has any."""

import json
from collections.abc import Sequence
from pathlib import Path

from tests.trainer.corpora.writing import write_picture

__all__ = ["LABELS", "LEFT_OUT", "tweet_id", "write", "write_annotations", "write_ids"]

LABELS = {"Hateful_en__MMHS": {"not-hateful": 8, "hateful": 6}}
LEFT_OUT: dict[str, dict[str, int]] = {}

_NAMES = ("NotHate", "Racist", "Sexist", "Homophobe", "Religion", "OtherHate")
_LABELS = {
    "train": ([0, 0, 0], [0, 0, 5], [4, 0, 1], [5, 5, 5], [0, 0, 3], [2, 2, 0], [0, 0, 0], [0, 1, 0]),
    "val": ([0, 0, 0], [1, 2, 3], [0, 4, 0]),
    "test": ([3, 3, 0], [0, 0, 0], [0, 5, 1]),
}


def tweet_id(number: int) -> str:
    """Nineteen digits, more than a float can hold."""
    return str(1_110_000_000_000_000_001 + number)


def write(root: Path) -> None:
    """All splits and all pictures; every other picture has text."""
    annotations = [labels for split in _LABELS.values() for labels in split]
    write_annotations(root, annotations)
    first = 0
    for split, labels in _LABELS.items():
        write_ids(root, split, range(first, first + len(labels)))
        first += len(labels)
    for number in range(len(annotations)):
        write_picture(root / "img_resized" / f"{tweet_id(number)}.jpg")
        if number % 2:
            text = root / "img_txt" / f"{tweet_id(number)}.json"
            text.parent.mkdir(exist_ok=True)
            text.write_text(json.dumps({"img_text": f"ZORBLAXIANS\n{number}"}), encoding="utf-8")


def write_annotations(root: Path, annotations: Sequence[object]) -> None:
    """What each tweet's annotators said of it."""
    tweets = {tweet_id(number): _tweet(number, labels) for number, labels in enumerate(annotations)}
    (root / "MMHS150K_GT.json").write_text(json.dumps(tweets), encoding="utf-8")


def write_ids(root: Path, split: str, numbers: Sequence[int]) -> None:
    """A split's list."""
    (root / "splits").mkdir(exist_ok=True)
    lines = "".join(f"{tweet_id(number)}\n" for number in numbers)
    (root / "splits" / f"{split}_ids.txt").write_text(lines, encoding="utf-8")


def _tweet(number: int, labels: object) -> dict[str, object]:
    return {
        "img_url": f"http://pbs.zorblax.example/media/{number}.jpg",
        "labels": labels,
        "tweet_url": f"https://zorblax.example/user/status/{tweet_id(number)}",
        "tweet_text": f"a tweet about Zorblaxians {number} https://z.example/{number}",
        "labels_str": [_NAMES[one] for one in labels if one in range(6)] if isinstance(labels, list) else [],
    }
