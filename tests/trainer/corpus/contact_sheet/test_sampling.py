"""Which rows of a corpus are drawn for a look at them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.trainer.corpus.making import make_corpus, make_row

from memelens.taxonomy import UnknownNameError
from memelens.trainer.corpora.interface import Split
from memelens.trainer.corpus.contact_sheet.sampling import Wanted, draw
from memelens.trainer.errors import SourcesError

FHM, HINDI, MUTE = "Hateful_en_FHM", "Hateful_hi__Multi3Hate", "Hateful_bn__MUTE"


def rows_of_pairs(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """So many rows of each pair, over the splits and labels in turn."""
    return [
        make_row(pair, f"{pair}-{number}", ("hateful", "not-hateful")[number % 2], list(Split)[number % 3])
        for pair, count in counts.items()
        for number in range(count)
    ]


def test_rows_are_drawn_evenly_over_the_pairs(tmp_path: Path) -> None:
    """A small pair is there in full, large ones share the rest."""
    corpus = make_corpus(tmp_path, rows_of_pairs({FHM: 100, HINDI: 3, MUTE: 50}), pictures=tmp_path)
    sample = draw(corpus, Wanted(), most=21, seed=5)
    pairs = [row["pair"] for row in sample.rows]
    assert [pairs.count(pair) for pair in (FHM, HINDI, MUTE)] == [9, 3, 9]
    assert sample.matching == 153


def test_the_seed_chooses(tmp_path: Path) -> None:
    """The same seed draws the same rows, another one others."""
    corpus = make_corpus(tmp_path, rows_of_pairs({FHM: 100}), pictures=tmp_path)
    first, again, other = ({row["id"] for row in draw(corpus, Wanted(), most=5, seed=seed).rows} for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize(
    ("wanted", "column", "value", "matching"),
    [
        pytest.param(Wanted(pairs=[HINDI]), "pair", HINDI, 30, id="pair"),
        pytest.param(Wanted(languages=["bn"]), "language", "bn", 30, id="language"),
        pytest.param(Wanted(label="not-hateful"), "labels", ["not-hateful"], 45, id="label"),
        pytest.param(Wanted(split=Split.TEST), "split", "test", 30, id="split"),
        pytest.param(Wanted(pairs=[FHM], label="hateful", split=Split.TEST), "pair", FHM, 5, id="all at once"),
    ],
)
def test_rows_are_chosen(tmp_path: Path, wanted: Wanted, column: str, value: object, matching: int) -> None:
    """Only rows of the pair, language, label and split that are asked for are drawn."""
    corpus = make_corpus(tmp_path, rows_of_pairs({FHM: 30, HINDI: 30, MUTE: 30}), pictures=tmp_path)
    sample = draw(corpus, wanted, most=90, seed=1)
    assert len(sample.rows) == sample.matching == matching
    assert all(row[column] == value for row in sample.rows)


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        pytest.param(Wanted(pairs=["hateful_en_fhm"]), FHM, id="pair"),
        pytest.param(Wanted(languages=["eng"]), "en", id="language"),
        pytest.param(Wanted(label="not_hateful"), "not-hateful", id="label"),
    ],
)
def test_a_misspelling_says_what_was_meant(tmp_path: Path, wanted: Wanted, meant: str) -> None:
    """A pair, language or label that the corpus doesn't know is an error that names the nearest one."""
    corpus = make_corpus(tmp_path, rows_of_pairs({FHM: 3}), pictures=tmp_path)
    with pytest.raises(UnknownNameError, match=f"in this corpus .* did you mean '{meant}'"):
        draw(corpus, wanted, most=9, seed=1)


def test_no_row_at_all_is_told(tmp_path: Path) -> None:
    """What is well spelled and isn't there is told, not shown as an empty page."""
    corpus = make_corpus(tmp_path, [make_row(FHM, "a", "hateful")], pictures=tmp_path)
    with pytest.raises(SourcesError, match="no row is all of this at once"):
        draw(corpus, Wanted(split=Split.TEST), most=9, seed=1)
