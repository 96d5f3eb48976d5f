"""Two rows that are the same meme, made for any two sides: each function one way of being the same."""

from pathlib import Path

from tests.trainer.corpus.making import make_row, with_picture
from tests.trainer.corpus.planting import FHM, MAMI, Rows, fhm, with_copy

from memelens.trainer.corpora.interface import Split

__all__ = [
    "copied",
    "half_wordless",
    "read_twice",
    "same_bytes",
    "same_group",
    "same_meme",
    "same_text",
    "same_text_first_pictured",
    "same_text_once_pictured",
    "wordless",
]


def same_bytes(pictures: Path, one: Split, other: Split) -> Rows:
    """One picture under two names, with two texts."""
    return [
        with_picture(fhm("a", one, text="quibbles say yes"), pictures, "shared"),
        with_picture(fhm("b", other, text="zorblaxians never do"), pictures, "shared"),
    ]


def copied(pictures: Path, one: Split, other: Split, *, texts: tuple[str, str]) -> Rows:
    """A picture, and it again in another size and format, each with its text."""
    first = with_picture(fhm("a", one, text=texts[0]), pictures, "copied")
    return [first, with_copy(fhm("b", other, text=texts[1]), pictures, "a.png")]


def read_twice(pictures: Path, one: Split, other: Split) -> Rows:
    """A copy whose text an OCR program read a little differently."""
    return copied(pictures, one, other, texts=("The Zorblaxians say: no to this!", "the zorb1axians say\nno to thls"))


def wordless(pictures: Path, one: Split, other: Split) -> Rows:
    """A copy, no text on either."""
    return copied(pictures, one, other, texts=("", ""))


def half_wordless(pictures: Path, one: Split, other: Split) -> Rows:
    """A copy, text on one alone."""
    return copied(pictures, one, other, texts=("The Zorblaxians say no", ""))


def same_group(_: Path, one: Split, other: Split) -> Rows:
    """Two languages of one meme."""
    return [fhm("a", one, group="invented/1", text="one"), fhm("b", other, group="invented/1", text="uno")]


def same_text(_: Path, one: Split, other: Split) -> Rows:
    """One text, spelled in two ways, no pictures."""
    return [fhm("a", one, text="Zorblaxians say NO!"), fhm("b", other, text="zorblaxians say no")]


def same_text_once_pictured(pictures: Path, one: Split, other: Split) -> Rows:
    """One text, a picture on one side alone."""
    return [fhm("a", one, text="they say no"), with_picture(fhm("b", other, text="They say no"), pictures, "b")]


def same_text_first_pictured(pictures: Path, one: Split, other: Split) -> Rows:
    """The same, the other way round."""
    return [with_picture(fhm("a", one, text="they say no"), pictures, "a"), fhm("b", other, text="They say no")]


def same_meme(_: Path, one: Split, other: Split) -> Rows:
    """Two pairs of one meme."""
    return [make_row(FHM, "a", "hateful", one, text=""), make_row(MAMI, "a", "misogynous", other, text="")]
