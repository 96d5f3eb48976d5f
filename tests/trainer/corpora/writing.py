"""Invented datasets in the published formats: how their files and pictures are written."""

import csv
import hashlib
import io
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from PIL import Image, ImageDraw

__all__ = ["picture_bytes", "write_csv", "write_json_lines", "write_parquet", "write_picture", "write_xlsx"]


def write_csv(  # the file formats that the datasets come in
    path: Path,
    rows: Iterable[Sequence[str]],
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
    line_end: str = "\n",
) -> None:
    """Rows, the heading first where there is one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator=line_end).writerows(rows)


def write_json_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """One object on each line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def write_xlsx(path: Path, rows: Iterable[Sequence[Any]]) -> None:
    """One sheet, the heading first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    book.save(path)


def write_parquet(path: Path, rows: Sequence[Mapping[str, Any]], schema: Any = None, *, group: int = 100) -> None:
    """Rows in groups of that many, as the `datasets` library writes them; without a schema types are guessed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), schema), path, row_group_size=group)


def write_picture(path: Path, *, content: str | None = None, kind: str | None = None, side: int = 96) -> None:
    """A picture of coloured shapes, another one for each content (left out: the path itself).

    `kind` is Pillow's name of a format where the suffix shall lie.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _picture(content if content is not None else "/".join(path.parts[-4:]), side).save(path, format=kind)


def picture_bytes(content: str, *, kind: str = "PNG", side: int = 96) -> bytes:
    """The same for a picture that stands inside a row."""
    data = io.BytesIO()
    _picture(content, side).save(data, format=kind)
    return data.getvalue()


def _picture(seed: str, side: int) -> Image.Image:
    rng = random.Random(hashlib.sha256(seed.encode()).digest())
    image = Image.new("RGB", (side, side), _colour(rng))
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        left, top = rng.randrange(-side // 4, side), rng.randrange(-side // 4, side)
        box = (left, top, left + rng.randrange(side // 8, side), top + rng.randrange(side // 8, side))
        rng.choice((draw.rectangle, draw.ellipse))(box, fill=_colour(rng))
    return image


def _colour(rng: random.Random) -> tuple[int, int, int]:
    return rng.randrange(256), rng.randrange(256), rng.randrange(256)
