"""The same questions to every dataset, on invented rows in its own format."""

import contextlib
import importlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memelens.taxonomy import PAIRS, UnknownNameError
from memelens.trainer.corpora.catalogue import ADAPTERS, adapter
from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import Adapter, LeftOut, Meme, Row, Split
from memelens.trainer.corpora.problems import RowError
from memelens.trainer.corpus.gathering import Images, Tally, gather
from memelens.trainer.corpus.records import Record

PAIR_OF = {pair.configuration: pair for pair in PAIRS}

_TABLES = {".csv", ".json", ".jsonl", ".parquet", ".tsv", ".xlsx"}


class Invented(Protocol):
    """A module that writes a small, complete dataset in the published format."""

    LABELS: Mapping[str, Mapping[str, int]]
    LEFT_OUT: Mapping[str, Mapping[str, int]]

    def write(self, root: Path) -> None:
        """All of its files, pictures too."""


def invented(name: str) -> Invented:
    """The invented dataset of that source."""
    return importlib.import_module(f"tests.trainer.corpora.invented.{name}")


def read(name: str, root: Path, images: Images = Images.COMPLETE) -> tuple[list[Record], Folder, Tally]:
    """Everything that a folder gives."""
    folder, tally = Folder(name, root), Tally()
    pictures: list[bytes] = []

    def keep(data: bytes) -> str:
        pictures.append(data)
        return f"{len(pictures)}.jpg"

    return list(gather(adapter(name), folder, images, tally, keep)), folder, tally


@pytest.fixture(params=ADAPTERS)
def name(request: pytest.FixtureRequest) -> str:
    """Each source."""
    return str(request.param)


@pytest.fixture
def root(name: str, tmp_path: Path) -> Path:
    """Its invented files."""
    invented(name).write(tmp_path)
    return tmp_path


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


@pytest.mark.parametrize("damage", [b"\xff\xfe\x00 not a table", b"", b"[{", b"PK\x03\x04 cut"])
def test_a_damaged_file_is_a_problem_never_a_crash(name: str, root: Path, damage: bytes) -> None:
    """Each table replaced by noise, one after the other: a problem that names the file."""
    tables = [one for one in sorted(root.rglob("*")) if one.suffix in _TABLES]
    for table in {one.name: one for one in tables}.values():  # the released corpus has 138 of three names
        content = table.read_bytes()
        table.write_bytes(damage)
        _, folder, _ = read(name, root)
        assert any(table.name in str(problem) for problem in folder.problems), table.name
        table.write_bytes(content)


VALUES = st.dictionaries(
    st.text(max_size=12),
    st.one_of(st.text(max_size=12), st.integers(), st.none(), st.lists(st.text(max_size=5)), st.booleans()),
    max_size=6,
)


@given(values=VALUES, splits=st.sampled_from([None, *Split]), data=st.data())
def test_no_row_crashes_an_adapter(values: Mapping[str, Any], splits: Split | None, data: st.DataObject) -> None:
    """Whatever stands in a row, a dataset gives a meme, leaves it out, or says what is wrong."""
    one: Adapter = adapter(data.draw(st.sampled_from(sorted(ADAPTERS))))
    row = Row("Harm-C/some.file", 1, values, splits)
    with contextlib.suppress(RowError, UnknownNameError):
        assert isinstance(one.meme(row), LeftOut | Meme)
