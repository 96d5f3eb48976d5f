"""Russian toxic memes, invented: one pair of the released corpus, and another one beside it that isn't read."""

from pathlib import Path

from tests.trainer.corpora.invented import memelens

from memelens.taxonomy import PAIRS

__all__ = ["LABELS", "LEFT_OUT", "write"]

_PAIR = "toxic_ru__Toxic_Memes_Detection_Dataset"
LABELS = {_PAIR: memelens.LABELS[_PAIR]}
LEFT_OUT: dict[str, dict[str, int]] = {}


def write(root: Path) -> None:
    """As far as a user has downloaded it."""
    for pair in PAIRS:
        if pair.configuration in {_PAIR, "Hateful_en_FHM"}:
            memelens.write_pair(root, pair)
