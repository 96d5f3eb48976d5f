"""The contact sheet: what it shows, what it keeps hidden, what it never holds."""

import base64
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.trainer.corpus.making import make_corpus, make_row, with_picture
from typer.testing import CliRunner

from memelens.cli.main import app
from memelens.trainer.corpus.contact_sheet.page import contact_sheet, write_contact_sheet
from memelens.trainer.corpus.contact_sheet.sampling import Wanted, draw
from memelens.trainer.corpus.store import Corpus
from memelens.trainer.errors import StorageError

FHM = "Hateful_en_FHM"


@dataclass
class Page(HTMLParser):
    """A page as a browser takes it apart: its elements with their attributes, and the text inside each `said`."""

    source: str
    tags: list[tuple[str, Mapping[str, str | None]]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    words: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self._in_text = False
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_text = tag == "p" and "lang" in dict(attrs)
        if self._in_text:
            self.said.append("")

    def handle_endtag(self, tag: str) -> None:
        self.words += " "  # elements stand apart on the page
        self._in_text = self._in_text and tag != "p"

    def handle_data(self, data: str) -> None:
        self.words += data
        if self._in_text:
            self.said[-1] += data

    def of_class(self, name: str) -> Sequence[Mapping[str, str | None]]:
        """Attributes of the elements of a class."""
        return [attributes for _, attributes in self.tags if name in (attributes.get("class") or "").split()]

    @property
    def files(self) -> Sequence[bytes]:
        """The pictures inside."""
        sources = [attributes["src"] or "" for tag, attributes in self.tags if tag == "img"]
        return [base64.b64decode(source.removeprefix("data:image/jpeg;base64,"), validate=True) for source in sources]


def show(corpus: Corpus, *, clear: bool = False) -> Page:
    """The page of a corpus."""
    sample = draw(corpus, Wanted(), most=60, seed=1)
    return Page(contact_sheet(corpus, sample, clear=clear, asked={"seed": "1"}))


def one_row(tmp_path: Path, picture: Image.Image | None = None, **columns: Any) -> Corpus:
    """A corpus of one row, with this picture."""
    row = with_picture(make_row(FHM, "a_NH_1", "hateful"), tmp_path, "a") | columns
    if picture is not None:
        picture.save(tmp_path / "a_NH_1.png")
    return make_corpus(tmp_path / "corpus", [row], pictures=tmp_path)


def stripes() -> Image.Image:
    """A picture as sharp as letters: black and white, eight pixels each."""
    columns = (np.arange(480) // 8 % 2 * 255).astype(np.uint8)
    return Image.fromarray(np.tile(columns, (480, 1))).convert("RGB")


def contrast(file: bytes) -> float:
    """Standard deviation of a picture's grey levels."""
    with Image.open(io.BytesIO(file)) as picture:
        return float(np.asarray(picture.convert("L"), dtype=np.float64).std())


def test_nothing_in_the_page_is_clear(tmp_path: Path) -> None:
    """What is as fine as letters is gone from the pixels themselves, not only from view."""
    (file,) = show(one_row(tmp_path, stripes())).files
    assert contrast(file) < 6


def test_clear_pictures_are_asked_for(tmp_path: Path) -> None:
    """With `clear` the same picture is there as it is, and its text stands open."""
    page = show(one_row(tmp_path, stripes()), clear=True)
    assert contrast(page.files[0]) > 100
    assert not page.of_class("hidden")


@pytest.mark.parametrize("clear", [True, False])
def test_no_comment_of_a_file_travels_along(tmp_path: Path, *, clear: bool) -> None:
    """A JPEG's comment can hold anything, even the label."""
    corpus = one_row(tmp_path)
    stripes().save(tmp_path / "a_NH_1.png", "JPEG", comment=b"a hateful Zorblaxian", exif=b"Exif\x00\x00Zorblaxian")
    (file,) = show(corpus, clear=clear).files
    assert b"Zorblaxian" not in file


@pytest.mark.parametrize("clear", [True, False])
def test_neither_key_nor_file_is_named(tmp_path: Path, *, clear: bool) -> None:
    """A file's name can say the label; it isn't in the page, not even where the file is missing."""
    corpus = one_row(tmp_path, id="invented-1/pair", meme="invented-1", text="harmless")
    assert "a_NH_1" not in show(corpus, clear=clear).source
    (tmp_path / "a_NH_1.png").unlink()
    assert "a_NH_1" not in show(corpus, clear=clear).source


def test_texts_are_hidden_until_pointed_at_or_focused(tmp_path: Path) -> None:
    """A text's box can be reached with the keyboard, and its stylesheet hides what is neither hovered nor focused."""
    page = show(one_row(tmp_path))
    (box,) = page.of_class("hidden")
    assert box["tabindex"] == "0"
    assert re.search(r"\.hidden:not\(:hover, :focus\) p \{ visibility: hidden; }", page.source)


@pytest.mark.parametrize("clear", [True, False])
def test_what_strangers_wrote_is_text(tmp_path: Path, *, clear: bool) -> None:
    """Markup in a text, a label, a note or a template is shown and never obeyed."""
    attack = "\"'></p><script>alert(1)</script><img src=https://example.org/x onerror=alert(1)>&amp;"
    columns: dict[str, Any] = dict.fromkeys(("text", "original_label", "note", "template", "licence", "id"), attack)
    page = show(one_row(tmp_path, **columns), clear=clear)
    assert page.said == [attack]
    assert page.words.count(attack) == 6
    assert [tag for tag, _ in page.tags if tag in {"script", "img"}] == ["img"]


def test_the_page_needs_nothing_else(tmp_path: Path) -> None:
    """No script, no other file, nothing from the network: what there is stands in the page, and its policy says so."""
    page = show(one_row(tmp_path))
    assert not {"script", "link", "iframe", "object", "form"} & {tag for tag, _ in page.tags}
    assert "default-src 'none'" in page.source
    assert not re.search(r"https?:|url\(|@import", page.source)


def test_what_is_said_of_a_row(tmp_path: Path) -> None:
    """Pair, labels, language, split, modality, licence, template, note and id stand under each picture."""
    columns: dict[str, Any] = {
        "labels": ["prejudice", "humiliation"],
        "original_label": "P H",
        "template": "sad robot",
        "note": "twice",
    }
    page = show(one_row(tmp_path, **columns, split="test", licence="CC BY 0"))
    said = " ".join(page.words.split())
    for fact in (
        f"{FHM} label",
        "label prejudice, humiliation",
        "originally P H",
        "language en",
        "split test",
        "modality multimodal",
        "licence CC BY 0",
        "template sad robot",
        "note twice",
        f"id invented-a_NH_1/{FHM}",
    ):
        assert fact in said


def test_a_missing_or_damaged_picture_is_told(tmp_path: Path) -> None:
    """In the picture's place stands why there is none; the rest of the row is shown."""
    rows = [
        with_picture(make_row(FHM, "gone", "hateful"), tmp_path, "a"),
        with_picture(make_row(FHM, "damaged", "hateful"), tmp_path, "b"),
        make_row(FHM, "text", "hateful"),
    ]
    corpus = make_corpus(tmp_path / "corpus", rows, pictures=tmp_path)
    (tmp_path / "gone.png").unlink()
    (tmp_path / "damaged.png").write_bytes((tmp_path / "damaged.png").read_bytes()[:200])
    page = show(corpus)
    assert not page.files
    assert page.words.count("can't be read (No such file or directory)") == 1
    assert page.words.count("can't be shown (the PNG file is truncated or damaged)") == 1
    assert page.words.count("no picture: text only") == 1
    assert len(page.said) == 3


def test_the_same_sample_makes_the_same_page(tmp_path: Path) -> None:
    """Nothing in it depends on when it was made."""
    corpus = one_row(tmp_path)
    assert show(corpus).source == show(corpus).source


def test_a_page_that_cant_be_written_is_told(tmp_path: Path) -> None:
    """The sentence names the place."""
    corpus = one_row(tmp_path)
    sample = draw(corpus, Wanted(), most=1, seed=1)
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file"):
        write_contact_sheet(corpus, sample, tmp_path / "file" / "page.html", clear=False, asked={})


def test_the_command_writes_a_blurred_page(tmp_path: Path) -> None:
    """`corpus show` blurs unless it is told not to, replaces the page, and says what it wrote."""
    one_row(tmp_path, stripes())
    out = tmp_path / "sheets" / "page.html"
    arguments = ["corpus", "show", str(tmp_path / "corpus"), "--out", str(out)]
    for more, told in (["--clear"], "in the clear"), ([], "blurred"):
        done = CliRunner().invoke(app, [*arguments, *more], catch_exceptions=False)
        assert done.exit_code == 0
        assert f"1 of 1 rows, {told}" in " ".join(done.output.split())
    assert contrast(Page(out.read_text(encoding="utf-8")).files[0]) < 6
    assert [path.name for path in out.parent.iterdir()] == ["page.html"]
