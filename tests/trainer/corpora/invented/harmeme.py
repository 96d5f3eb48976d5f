"""HarMeme as its authors publish it, invented."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.trainer.corpora.writing import write_json_lines, write_picture

__all__ = ["LABELS", "LEFT_OUT", "write"]

_HARM = {"not-harmful": 6, "partially-harmful": 9, "very-harmful": 3}
_TARGETS = {"none": 6, "individual": 3, "organization": 3, "community": 3, "society": 3}
LABELS = {
    "Harmful_Covid_en__HarMeme": _HARM,
    "Target_Covid_en__HarMeme": _TARGETS,
    "Harmful_en__HarMeme": {**_HARM, "partially-harmful": 11, "not-harmful": 7},
    "Target_en__HarMeme": {**_TARGETS, "individual": 4, "none": 7},
}
LEFT_OUT = {
    "Harmful_en__HarMeme": {"no harm label": 1},
    "Target_en__HarMeme": {"no harm label": 1, "harmful without a target": 1},
}

_EACH_FILE = (
    ["not harmful"],
    ["not harmful"],
    ["somewhat harmful", "individual"],
    ["somewhat harmful", "organization"],
    ["somewhat harmful", "society"],
    ["very harmful", "community"],
)
_ONLY_POLITICS = (
    ["not harmful", "society"],
    ["somewhat harmful", "individual", "community"],
    ["somewhat harmful"],
    [""],
)


def write(root: Path) -> None:
    """Both parts, their three files and all pictures."""
    for part, extra in (("Harm-C", ()), ("Harm-P", _ONLY_POLITICS)):
        for split in ("train", "val", "test"):
            rows = list(_rows(part, split, (*_EACH_FILE, *(extra if split == "train" else ()))))
            write_json_lines(root / part / f"{split}.jsonl", rows)
            for row in rows:
                write_picture(root / part / "images" / row["image"])


def _rows(part: str, split: str, labels: tuple[list[str], ...]) -> Iterator[dict[str, Any]]:
    for number, one in enumerate(labels):
        name = f"{part[-1]}_memes_{split}{number}"
        text = f"The Zorblaxians of {split} say {number} times: {part}!"
        yield {"id": name, "image": f"{name}.png", "labels": one, "text": text}
