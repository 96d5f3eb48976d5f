"""The published corpus's pairs."""

from collections import Counter

from memelens.taxonomy import PAIRS, TASKS, Language, Task, published_cells


def test_the_corpus_has_46_pairs() -> None:
    """46 configurations of as many names; 38 are in the paper's means, and they answer the twenty tasks."""
    assert len(PAIRS) == len({pair.configuration for pair in PAIRS}) == 46
    assert sum(pair.in_paper for pair in PAIRS) == 38
    assert {pair.task for pair in PAIRS if pair.in_paper} == set(TASKS)
    assert {pair.task for pair in PAIRS if not pair.in_paper} == set(Task) - set(TASKS)


def test_31_of_180_cells_have_rows() -> None:
    """The 38 pairs fill 31 cells, 14 tasks have one language only, and no language is without rows."""
    cells = published_cells()
    assert len(cells) * len(Language) == 180
    assert sum(len(languages) for languages in cells.values()) == 31
    assert sum(len(languages) == 1 for languages in cells.values()) == 14
    assert frozenset().union(*cells.values()) == set(Language)


def test_the_rows_are_those_of_the_paper() -> None:
    """With the 7,005 of the two target pairs, the 38 have the about 240,000 rows that the paper tells of."""
    rows = sum(pair.rows or 0 for pair in PAIRS if pair.in_paper) + 7_005
    assert abs(rows - 240_000) < 1_000


def test_pairs_by_language() -> None:
    """Each language has as many pairs as the table says."""
    found = Counter(str(pair.language) for pair in PAIRS)
    assert found == {"en": 23, "bn": 5, "zh": 6, "ro": 4, "hi": 3, "ar": 2, "de": 1, "es": 1, "ru": 1}
