"""The same questions to every dataset, on invented rows in its own format."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trainer.corpora.reading import PAIR_OF, invented, read

from memelens.trainer.corpora.catalogue import ADAPTERS, adapter
from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import Adapter, LeftOut, Meme, Row, Split
from memelens.trainer.corpora.problems import RowError
from memelens.trainer.corpus.gathering import Images, Tally, gather
from memelens.trainer.corpus.schema import RECORD_FEATURES, row_of

_TABLES = {".csv", ".json", ".jsonl", ".parquet", ".tsv", ".txt", ".xlsx"}


@pytest.fixture(scope="module", params=ADAPTERS)
def name(request: pytest.FixtureRequest) -> str:
    """Each source."""
    return str(request.param)


@pytest.fixture(scope="module")
def root(name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its invented files, written once: a test that damages one puts it right again."""
    root = tmp_path_factory.mktemp(name)
    invented(name).write(root)
    return root


def test_the_literal_is_whole(name: str) -> None:
    """A source says what it is, where it comes from, on which terms, and which pairs' test splits are published."""
    source = adapter(name).SOURCE
    said = (source.title, source.citation, source.homepage, source.files, source.licence.name)
    assert all(said)
    assert source.homepage.startswith("https://")
    assert {*source.pairs} <= {*PAIR_OF}
    assert {*source.official_test} <= {*source.pairs}


def test_rows_are_read_as_they_were_written(name: str, root: Path) -> None:
    """Labels and what is left out are as many as were invented; nothing is wrong with a whole dataset."""
    records, folder, tally = read(name, root)
    assert folder.problems == []
    found = {pair: Counter(label for one in records if one.pair == pair for label in one.labels) for pair in PAIR_OF}
    assert {pair: dict(labels) for pair, labels in found.items() if labels} == invented(name).LABELS
    assert {pair: dict(reasons) for pair, reasons in tally.left_out.items()} == invented(name).LEFT_OUT
    assert tally.kept == Counter(one.pair for one in records)


def test_every_pair_and_label_is_exercised(name: str) -> None:
    """The invented rows hold each pair of the source and each label of its set."""
    labels = invented(name).LABELS
    assert {*labels} == {*adapter(name).SOURCE.pairs}
    for pair, counts in labels.items():
        assert {*counts} == {*PAIR_OF[pair].label_set.labels}, pair


def test_rows_are_read_the_same_twice(name: str, root: Path) -> None:
    """Reading has no state and no chance in it."""
    assert read(name, root)[0] == read(name, root)[0]


def test_ids_are_unique_and_say_nothing(name: str, root: Path) -> None:
    """One id for a meme and pair, without the dataset's own key in it."""
    records = read(name, root)[0]
    assert len({one.id for one in records}) == len(records)
    assert all(one.key not in one.id for one in records if len(one.key) > 5)


def test_published_splits_are_kept(name: str, root: Path) -> None:
    """A pair with a published test split has test rows in it; a pair without one has no split of its own."""
    records = read(name, root)[0]
    for pair in adapter(name).SOURCE.pairs:
        splits = {one.original_split for one in records if one.pair == pair}
        if pair in adapter(name).SOURCE.official_test:
            assert Split.TEST in splits
        else:
            assert Split.TEST not in splits


def test_a_source_without_pictures_gives_text_only_rows(name: str, root: Path) -> None:
    """Declared absent, pictures aren't looked at: rows with text stay, the others are counted."""
    complete = read(name, root)[0]
    records, folder, tally = read(name, root, Images.ABSENT)
    assert folder.problems == []
    assert {one.id for one in records} == {one.id for one in complete if one.text}
    assert sum(tally.read.values()) == sum(tally.kept.values()) + sum(
        sum(reasons.values()) for reasons in tally.left_out.values()
    )


def test_an_empty_folder_is_told(name: str, tmp_path: Path) -> None:
    """Missing files are named, and what is wrong with the copy is said."""
    records, folder, _ = read(name, tmp_path)
    assert records == []
    assert any("there is no such file" in str(problem) for problem in folder.problems)


@pytest.mark.parametrize("damage", [b"\xff\xfe\x00 not a table", b"", b"[{", b"PK\x03\x04 cut", b"[]", b"null"])
def test_a_damaged_file_is_a_problem_never_a_crash(name: str, root: Path, damage: bytes) -> None:
    """Each table replaced by noise, one after the other: a problem that names the file."""
    tables = [one for one in sorted(root.rglob("*")) if one.suffix in _TABLES]
    for table in {one.name: one for one in tables}.values():  # the released corpus has 138 of three names
        content = table.read_bytes()
        table.write_bytes(damage)
        try:
            _, folder, _ = read(name, root)
        finally:
            table.write_bytes(content)
        assert any(table.name in str(problem) for problem in folder.problems), table.name


_TEXTS = st.text(max_size=12) | st.sampled_from(["", " ", "a\0b", "half \ud83d of a pair", "\udc00", "..", "a\\b", "/"])
_STRANGE = st.one_of(
    _TEXTS,
    st.integers(),
    st.floats(),
    st.none(),
    st.booleans(),
    st.lists(_TEXTS, max_size=3),
    st.dictionaries(_TEXTS, _TEXTS),
)


@pytest.fixture(scope="module")
def rows(name: str, root: Path) -> list[Row]:
    """Its first rows."""
    return list(islice(adapter(name).rows(Folder(name, root)), 4))


@pytest.mark.parametrize("blank", ["", " "])
def test_a_row_without_its_id_is_told(name: str, rows: list[Row], blank: str) -> None:
    """Whichever cell is empty, a meme has the id that it had, or none and is refused."""
    one, told = adapter(name), 0
    for column in _published(rows[0]):
        try:
            meme = one.meme(replace(rows[0], values={**rows[0].values, column: blank}))
        except RowError:
            told += 1
        else:
            assert isinstance(meme, LeftOut) or meme.key == _key(one, rows[0])
    assert told


def _published(row: Row) -> list[str]:
    """Its columns, without those that modules themselves add."""
    return sorted({*row.values} - {"configuration", "language", "over"})


def _key(one: Adapter, row: Row) -> str:
    meme = one.meme(row)
    assert isinstance(meme, Meme)
    return meme.key


@settings(max_examples=60)
@given(data=st.data())
def test_nothing_in_a_row_crashes_a_build(name: str, root: Path, rows: list[Row], data: st.DataObject) -> None:
    """Whatever stands in its cells: a record that can be written, a row left out, or a problem with its place."""
    row = data.draw(st.sampled_from(rows))
    strange = data.draw(st.dictionaries(st.sampled_from(_published(row)), _STRANGE, min_size=1))
    row = replace(row, values={**row.values, **strange})
    folder, tally = Folder(name, root), Tally()
    records = list(gather(_Only(adapter(name), row), folder, Images.PARTIAL, tally, lambda _: "1.jpg"))
    pa.Table.from_pylist([row_of(one) for one in records], RECORD_FEATURES.arrow_schema)
    orjson.dumps([str(problem) for problem in folder.problems])  # refuses what a terminal can't show
    assert folder.problems or sum(tally.read.values())


class _Only:
    """A dataset of one row."""

    def __init__(self, whole: Adapter, row: Row) -> None:
        self.SOURCE, self.meme, self.row = whole.SOURCE, whole.meme, row

    def rows(self, _: Folder) -> Iterator[Row]:
        yield self.row
