"""Numbers of a corpus, against counts taken the simple way."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.trainer.corpus.making import make_corpus, make_row
from tests.trainer.corpus.statistics.counted import NOTHING_READ, counted_corpus

from memelens.taxonomy import PAIRS, TASKS, Language
from memelens.trainer.corpora.interface import Split
from memelens.trainer.corpus.statistics.moves import Moved
from memelens.trainer.corpus.statistics.spread import Spread, spread_of
from memelens.trainer.corpus.statistics.summary import Duplicates, Statistics, Together, corpus_statistics
from memelens.trainer.corpus.store import Corpus
from memelens.trainer.errors import CorpusError

Rows = Sequence[Mapping[str, Any]]


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Statistics, Rows]:
    """Statistics of a corpus, and its rows."""
    corpus, rows = counted_corpus(tmp_path_factory.mktemp("counted"))
    return corpus_statistics(corpus), rows


def test_rows_of_pairs_and_sides_are_those_of_the_corpus(counted: tuple[Statistics, Rows]) -> None:
    """Every pair has its rows on each side, and they add up to the whole."""
    found, rows = counted
    simple = Counter((row["pair"], row["split"]) for row in rows)
    for name, pair in found.pairs.items():
        sides = [simple[name, side] for side in ("train", "validation", "test")]
        assert [pair.train, pair.validation, pair.test] == sides
        assert pair.rows == sum(sides)
    assert found.rows == len(rows) == sum(found.sides.values())
    assert found.memes == len({row["meme"] for row in rows})


def test_each_of_the_46_pairs_is_counted_or_named_as_absent(counted: tuple[Statistics, Rows]) -> None:
    """Pairs come in the taxonomy's order, whichever order a build had them in; one without anything read is absent."""
    found, rows = counted
    here = {row["pair"] for row in rows}
    order = [pair.configuration for pair in PAIRS]
    assert list(found.pairs) == [name for name in order if name in here]
    assert list(found.absent) == [name for name in order if name not in here]
    assert NOTHING_READ in found.absent


def test_labels_are_counted_on_each_side(counted: tuple[Statistics, Rows]) -> None:
    """Labels stand in their set's order, those that no row has with zero; a row with two counts for both."""
    found, rows = counted
    simple = Counter((row["pair"], label, row["split"]) for row in rows for label in row["labels"])
    for name, pair in found.pairs.items():
        for label, sides in pair.labels.items():
            if label != "none of them":
                assert sides == {side: simple[name, label, side] for side in ("train", "validation", "test")}
    assert list(found.pairs["Harmful_Covid_en__HarMeme"].labels) == ["not-harmful", "partially-harmful", "very-harmful"]
    kinds = found.pairs["Misogyny_Categories_hi_en__MIMIC2024"].labels
    assert {label: sides["train"] for label, sides in kinds.items()} == {
        "objectification": 1,
        "prejudice": 2,
        "humiliation": 0,
        "none of them": 1,
    }


def test_all_180_cells_are_there(counted: tuple[Statistics, Rows]) -> None:
    """Rows by task and language; the extended tasks have no cell."""
    found, rows = counted
    simple = Counter((row["task"], row["language"]) for row in rows)
    assert found.cells == {task: {one: simple[task, one] for one in Language} for task in TASKS}
    assert sum(rows for cells in found.cells.values() for rows in cells.values()) == len(rows) - 1  # without emotion


def test_languages_are_sums_over_their_pairs(counted: tuple[Statistics, Rows]) -> None:
    """Rows, sides, memes and modalities of each of the nine languages."""
    found, rows = counted
    assert list(found.languages) == list(Language)
    for code, one in found.languages.items():
        own = [row for row in rows if row["language"] == code]
        sides, modalities = (Counter(row[column] for row in own) for column in ("split", "modality"))
        assert (one.rows, one.pairs) == (len(own), len({row["pair"] for row in own}))
        assert (one.train, one.validation, one.test) == (sides["train"], sides["validation"], sides["test"])
        assert one.memes == len({row["meme"] for row in own})
        assert one.modalities == {kind: modalities[kind] for kind in ("multimodal", "text-only", "image-only")}
    assert found.modalities == {"multimodal": 2, "text-only": 23, "image-only": 1}


def test_a_text_counts_once_for_each_meme(counted: tuple[Statistics, Rows]) -> None:
    """Twelve English memes with texts of 1 to 12 characters, seven of them in two pairs."""
    found, _ = counted
    english = found.languages["en"].characters
    assert english == Spread(count=12, least=1, p5=1, p25=3, median=6, p75=9, p95=12, most=12)
    german = found.languages["de"].characters
    assert german is not None
    assert german.count == 2  # the third has none
    assert found.languages["ru"].characters is None


def test_a_spread_is_made_of_the_numbers_themselves() -> None:
    """Each percentile is the smallest number that so many percent don't exceed."""
    numbers = [n * n % 101 for n in range(1, 70)]
    found = spread_of(Counter(numbers))
    simple = [sorted(numbers)[max(math.ceil(len(numbers) * p / 100) - 1, 0)] for p in (0, 5, 25, 50, 75, 95, 100)]
    assert found == Spread(len(numbers), *simple)
    assert spread_of({}) is None


def test_pictures_count_once_by_their_bytes(counted: tuple[Statistics, Rows]) -> None:
    """Three memes have two different pictures of 96 x 96 pixels."""
    found, rows = counted
    assert found.picture_sizes.tolist() == [[96, 96, 2]]
    sizes = {row["image_sha256"]: row["image_bytes"] for row in rows if row["image_sha256"]}
    assert found.pictures.bytes is not None
    assert (found.pictures.bytes.least, found.pictures.bytes.most) == (min(sizes.values()), max(sizes.values()))
    assert found.pictures.width == Spread(2, *[96] * 7)


def test_duplicates_are_memes_and_not_rows(counted: tuple[Statistics, Rows]) -> None:
    """Equal bytes on one side; equal texts however they are written; a meme in two pairs is no duplicate of itself."""
    found, _ = counted
    nothing = Duplicates(0, 0)
    assert found.equal_bytes == {
        "train": Duplicates(1, 2),
        "validation": nothing,
        "test": nothing,
        "across sides": nothing,
    }
    assert found.equal_text["train"] == Duplicates(1, 2)
    assert found.equal_text["across sides"] == Duplicates(1, 3)


def test_a_picture_on_two_sides_is_told(tmp_path: Path) -> None:
    """A leak planted by hand shows in the numbers."""
    picture = {"image": "a.png", "image_sha256": "ab" * 32, "image_width": 9, "image_height": 8, "image_bytes": 7}
    rows = [make_row("Hateful_en_FHM", side.value, "hateful", side, **picture) for side in Split]
    found = corpus_statistics(make_corpus(tmp_path / "corpus", rows, pictures=tmp_path))
    assert found.equal_bytes["across sides"] == Duplicates(1, 3)
    assert found.picture_sizes.tolist() == [[9, 8, 1]]


def test_published_counts_stand_beside_ours(counted: tuple[Statistics, Rows]) -> None:
    """The paper's own count, None where it gives none; the two target pairs are compared together."""
    found, _ = counted
    pairs = found.pairs
    assert (pairs["Harmful_Covid_en__HarMeme"].published, pairs["Target_Covid_en__HarMeme"].published) == (3_544, None)
    assert [name for name, pair in pairs.items() if not pair.in_paper] == ["emotion_ro__RoMemes"]
    assert found.published_together == (Together(("Target_Covid_en__HarMeme", "Target_en__HarMeme"), 7_005, 7),)


def test_what_the_build_counted_is_told_as_it_stands(tmp_path: Path) -> None:
    """Left out, dropped, placed, without a picture, and whether the test split is the authors'."""
    corpus = make_corpus(tmp_path / "corpus", [make_row("Hateful_en_FHM", "a", "hateful")], pictures=tmp_path)
    built = {
        "read": 14,
        "left_out": {"not a meme": 4},
        "dropped": 9,
        "placed_with_a_copy": 3,
        "without_picture": 2,
        "test_split": "test.jsonl",
    }
    pairs = {name: pair.model_copy(update=built) for name, pair in corpus.manifest.pairs.items()}
    corpus.manifest = corpus.manifest.model_copy(update={"pairs": pairs, "moves": {"b": 1, "a": 2}})
    found = corpus_statistics(corpus)
    assert {name: getattr(found.pairs["Hateful_en_FHM"], name) for name in built} == built
    assert found.pairs["Hateful_en_FHM"].official_test
    assert list(found.moves.items()) == [("a", 2), ("b", 1)]


def test_a_test_split_that_was_chosen_here_is_not_official(counted: tuple[Statistics, Rows]) -> None:
    """The hand-made corpus says so of all its pairs."""
    found, _ = counted
    assert not any(pair.official_test for pair in found.pairs.values())


def test_templates_are_known_of_rows_that_are_marked(counted: tuple[Statistics, Rows]) -> None:
    """As disjoint or not; a row that isn't marked counts for neither."""
    found, rows = counted
    known = Counter(row["pair"] for row in rows if row["template_disjoint"] in {True, False})
    disjoint = Counter(row["pair"] for row in rows if row["template_disjoint"])
    told = {name: (pair.template_known, pair.template_disjoint) for name, pair in found.pairs.items()}
    assert told == {name: (known[name], disjoint[name]) for name in found.pairs}
    assert told["emotion_ro__RoMemes"] == (1, 0)
    assert told["Target_Covid_en__HarMeme"] == (0, 0)


def test_moves_of_one_kind_are_counted_together(counted: tuple[Statistics, Rows]) -> None:
    """Reason, both datasets, from where to where, and how many memes."""
    found, _ = counted
    assert found.moved == (
        Moved("a copy", "harmeme", "fhm", "train", None, 3),
        Moved("placed", "met_meme", "met_meme", None, "test", 1),
    )


@pytest.mark.parametrize("content", [None, b"not JSON\n", b'{"meme": "a-1"}\n', b"[]\n"])
def test_moves_that_cannot_be_read_are_told(tmp_path: Path, content: bytes | None) -> None:
    """A file that is missing or damaged is named, with the remedy."""
    corpus, _ = counted_corpus(tmp_path)
    path = corpus.root / "moves.jsonl"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CorpusError, match=r"moves\.jsonl: .*build the corpus again"):
        corpus_statistics(Corpus(corpus.root))


def test_a_corpus_without_rows_is_counted(tmp_path: Path) -> None:
    """Nothing is there, and nothing fails."""
    found = corpus_statistics(make_corpus(tmp_path / "corpus", [], pictures=tmp_path))
    assert (found.rows, found.memes, found.pairs, len(found.absent)) == (0, 0, {}, 46)
    assert found.picture_sizes.shape == (0, 3)


def test_a_corpus_that_somebody_changed_is_counted(tmp_path: Path) -> None:
    """A null in place of a text is no text: what is wrong with it, `verify` tells."""
    rows = [make_row("Hateful_en_FHM", "a", "hateful", text=None), make_row("Hateful_en_FHM", "b", "hateful")]
    found = corpus_statistics(make_corpus(tmp_path / "corpus", rows, pictures=tmp_path))
    assert found.rows == 2
    characters = found.languages["en"].characters
    assert characters is not None
    assert characters.count == 1
