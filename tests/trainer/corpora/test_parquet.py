"""Parquet files with pictures in their rows: never a whole file in memory, every defect told with its file."""

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.trainer.corpora.writing import picture_bytes, write_parquet

from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import Row, Split
from memelens.trainer.corpora.parquet import read_parquet

COLUMNS = ("id", "image", "text")
PICTURE = picture_bytes("zorblax")


def row(number: int, **changed: Any) -> dict[str, Any]:
    """One row of an invented file."""
    return {
        "id": str(number),
        "image": {"bytes": PICTURE, "path": f"{number}.png"},
        "text": f"Zorblax {number}",
        **changed,
    }


def read(root: Path, *optional: str) -> tuple[list[Row], list[str]]:
    """Rows of one file, and what is wrong with it."""
    folder = Folder("zorblax", root)
    rows = list(read_parquet(folder, "some.parquet", COLUMNS, optional=optional, split=Split.TEST))
    return rows, [str(problem) for problem in folder.problems]


def test_pictures_leave_the_values(tmp_path: Path) -> None:
    """Bytes are the row's picture, the path is what the column says; rows are counted from 1."""
    rows = [row(1), row(2, image={"bytes": None, "path": "2.png"}), row(3, image=None)]
    write_parquet(tmp_path / "some.parquet", rows)
    found, problems = read(tmp_path)
    assert problems == []
    assert [(one.number, one.picture, one.values["image"]) for one in found] == [
        (1, PICTURE, "1.png"),
        (2, None, "2.png"),
        (3, None, None),
    ]
    assert {one.split for one in found} == {Split.TEST}


def test_optional_columns_are_read_where_they_are(tmp_path: Path) -> None:
    """Others aren't read at all."""
    write_parquet(tmp_path / "some.parquet", [row(1, note="waves", other="unread")])
    found, _ = read(tmp_path, "note", "absent")
    assert {*found[0].values} == {*COLUMNS, "note"}


def test_null_stays_null(tmp_path: Path) -> None:
    """It is the dataset's business what it means there; an empty string is another thing."""
    write_parquet(tmp_path / "some.parquet", [row(1, text=None), row(2, text="")])
    assert [one.values["text"] for one in read(tmp_path)[0]] == [None, ""]


def test_a_file_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    """Of 32 MB in row groups of four, what is held at a time is a few of them."""
    rng = random.Random(5)
    rows = [row(number, image={"bytes": rng.randbytes(250_000), "path": None}) for number in range(128)]
    write_parquet(tmp_path / "some.parquet", rows, group=4)
    del rows
    before, most = pa.total_allocated_bytes(), 0
    for _ in read_parquet(Folder("zorblax", tmp_path), "some.parquet", COLUMNS):
        most = max(most, pa.total_allocated_bytes() - before)
    assert most < 12_000_000


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{"id": "1", "text": "a"}], "has no column 'image'; it has id, text"),
        ([row(1, image=b"picture")], "image should hold structs with bytes, and holds binary"),
        ([row(1, image={"path": "1.png"})], "image should hold structs with bytes, and holds struct<path: string>"),
        (
            [row(1, image={"bytes": "zorblax"})],
            "image should hold structs with bytes, and holds struct<bytes: string>",
        ),
        ([row(1, text=b"zorblax")], "text should hold text or numbers, and holds binary"),
    ],
)
def test_another_layout_is_told(tmp_path: Path, rows: list[dict[str, Any]], says: str) -> None:
    """Before the first row, with what the file has instead."""
    write_parquet(tmp_path / "some.parquet", rows)
    assert read(tmp_path) == ([], [f"zorblax: some.parquet: {says}"])


def test_a_column_that_is_there_twice_is_told(tmp_path: Path) -> None:
    """Which of them is meant isn't guessed."""
    columns = [pa.array([value]) for value in ("1", {"bytes": PICTURE, "path": None}, "a", "b")]
    pq.write_table(pa.Table.from_arrays(columns, [*COLUMNS, "text"]), tmp_path / "some.parquet")
    assert read(tmp_path) == ([], ["zorblax: some.parquet: has 'text' more than once"])


@pytest.mark.parametrize("kept", [0, 4, 100, -1])
def test_a_cut_file_is_told(tmp_path: Path, kept: int) -> None:
    """As an interrupted copy leaves it."""
    path = tmp_path / "some.parquet"
    write_parquet(path, [row(1)])
    path.write_bytes(path.read_bytes()[:kept])
    found, problems = read(tmp_path)
    assert found == []
    assert problems == ["zorblax: some.parquet: can't be read as parquet (ArrowInvalid); is the copy complete?"]


def test_damage_in_the_middle_is_told_with_its_row(tmp_path: Path) -> None:
    """Rows before it are given, nothing after it."""
    path = tmp_path / "some.parquet"
    write_parquet(path, [row(number) for number in range(64)], group=16)
    group = pq.ParquetFile(path).metadata.row_group(2)
    start = min(group.column(place).data_page_offset for place in range(group.num_columns))
    data = bytearray(path.read_bytes())
    data[start : start + 40] = b"\xff" * 40
    path.write_bytes(data)
    found, problems = read(tmp_path)
    assert len(found) == 32
    (problem,) = problems
    assert problem.startswith("zorblax: some.parquet row 33: can't be read as parquet (")


def test_text_in_another_encoding_is_told(tmp_path: Path) -> None:
    """A string column whose bytes aren't UTF-8 is a damaged file, not a crash."""
    text = pa.Array.from_buffers(pa.string(), 1, pa.array([b"Z\xfcrblax"]).buffers())
    image = pa.array([{"bytes": PICTURE, "path": None}])
    pq.write_table(pa.table({"id": pa.array(["1"]), "image": image, "text": text}), tmp_path / "some.parquet")
    found, problems = read(tmp_path)
    assert found == []
    assert "can't be read as parquet (UnicodeDecodeError)" in problems[0]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """It can vanish between listing and reading."""
    assert "FileNotFoundError" in read(tmp_path)[1][0]
