"""The published files themselves, read where they lie, never copied: as many labels of each kind as FACTS.md counts."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.trainer.corpora.test_every_dataset import read

from memelens.trainer.corpus.gathering import Images

pytestmark = pytest.mark.corpus

_RAW = Path(__file__).parents[4] / "shared/corpus/raw"

# Source, what the copy has of its pictures, labels of each pair.
_EXPECTED: Mapping[str, tuple[Images, Mapping[str, Mapping[str, int]]]] = {
    "armeme": (
        Images.ABSENT,
        {"propoganda_ar_ArMeme": {"not-propaganda": 1_540 + 224, "propaganda": 603 + 88}},
    ),
}


@pytest.mark.parametrize("name", _EXPECTED)
def test_labels_are_as_many_as_published(name: str) -> None:
    """Nothing is wrong with the real files, and each pair has exactly the labels that were counted by hand."""
    root = _RAW / name
    if not root.is_dir():
        pytest.skip(f"the real files aren't there: put {name}'s at {root}")
    images, expected = _EXPECTED[name]
    records, folder, _ = read(name, root, images)
    assert folder.problems == []
    found: dict[str, Counter[str]] = {}
    for one in records:
        found.setdefault(one.pair, Counter()).update(one.labels)
    assert found == expected
