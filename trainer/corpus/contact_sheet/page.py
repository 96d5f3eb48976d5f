"""A contact sheet: rows of a corpus as one HTML page that needs no network, no script and no other file.

Blurred unless it is asked for clear: people look at such pictures all day. Blurred is done to the pixels, so that no
stylesheet and no saved page can undo it; texts are hidden until they are pointed at or focused.
"""

import base64
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image

from ....model.errors import MemeError
from ..pictures.fingerprints import shown
from ..store import Corpus
from ..storing import replacing
from .sampling import Sample

__all__ = ["contact_sheet", "write_contact_sheet"]

_SIDE = 480  # pixels: twice the width of a card, for screens with two pixels to one
_BLURRED_SIDE = 160
_KNOWN_PIXELS = 12  # what is left of the longer side; no lettering survives that, colours and layout do


@dataclass(frozen=True, slots=True)
class _Card:
    """A row, its picture as a data URI, or why there is none; what the page says of it, by name."""

    row: Mapping[str, Any]
    picture: str | None
    absence: str | None
    facts: Mapping[str, str]


def write_contact_sheet(corpus: Corpus, sample: Sample, path: Path, *, clear: bool, asked: Mapping[str, str]) -> None:
    """The page in a file; one that is there is replaced. `asked`: what the sample was drawn by, as the page says it.

    Raises:
        StorageError: the file can't be written.
    """
    page = contact_sheet(corpus, sample, clear=clear, asked=asked)
    with replacing(path) as draft:
        draft.write_text(page, encoding="utf-8")


def contact_sheet(corpus: Corpus, sample: Sample, *, clear: bool, asked: Mapping[str, str]) -> str:
    """The page; the same sample gives the same page."""
    # Texts and labels come from strangers: everything is escaped, nothing in the template is marked safe.
    environment = Environment(
        loader=PackageLoader(__package__, ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    cards = [_card(corpus, row, clear=clear) for row in sample.rows]
    template = environment.get_template("page.html.j2")
    return template.render(manifest=corpus.manifest, cards=cards, matching=sample.matching, clear=clear, asked=asked)


def _card(corpus: Corpus, row: Mapping[str, Any], *, clear: bool) -> _Card:
    picture = absence = None
    if row["image"] is None:
        absence = "no picture: text only"
    else:
        try:
            picture = _data_uri(shown(corpus.picture(row["dataset"], row["image"]).read_bytes()), clear=clear)
        except OSError as error:
            absence = f"the picture's file can't be read ({error.strerror})"
        except MemeError as error:
            absence = f"the picture can't be shown ({error})"
    return _Card(row, picture, absence, dict(_facts(row)))


def _facts(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the page says of a row; neither file nor key, which can say the label in another spelling."""
    yield "label", ", ".join(row["labels"]) or "none of the set"
    yield "originally", row["original_label"] or "(empty)"
    yield "language", row["language"]
    yield "split", row["split"]
    yield "modality", row["modality"]
    yield "licence", row["licence"]
    for name in ("template", "note"):
        if row[name]:
            yield name, row[name]
    yield "id", row["id"]


def _data_uri(picture: Image.Image, *, clear: bool) -> str:
    small = _small(picture) if clear else _blurred(picture)
    # A JPEG's comment would travel along.
    small.info.clear()
    file = io.BytesIO()
    small.save(file, "JPEG", quality=82)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"


def _small(picture: Image.Image) -> Image.Image:
    small = picture.copy()
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    return small


def _blurred(picture: Image.Image) -> Image.Image:
    """The picture from a few pixels: what they don't hold can't be computed back."""
    return picture.resize(_within(picture, _KNOWN_PIXELS), Image.Resampling.LANCZOS).resize(
        _within(picture, _BLURRED_SIDE), Image.Resampling.BICUBIC
    )


def _within(picture: Image.Image, side: int) -> tuple[int, int]:
    """Width and height of a picture whose longer side is so many pixels."""
    scale = side / max(picture.size)
    return max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
