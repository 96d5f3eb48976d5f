"""Pixels: copies of one picture are alike, another caption on it makes another meme."""

import csv
import itertools
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance
from tests.trainer.corpus.pictures.drawn import captioned, encoded, scene

from memelens.trainer.corpus.pictures.fingerprints import shown
from memelens.trainer.corpus.pictures.pixels import alike, difference

Change = Callable[[Image.Image], Image.Image]


def saved(picture: Image.Image, kind: str = "JPEG", quality: int = 75) -> Image.Image:
    """A picture after it was written and read."""
    return shown(encoded(picture, kind, quality=quality))


def cut(picture: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    """A picture without so much of its sides, in hundredths."""
    width, height = picture.width / 100, picture.height / 100
    return picture.crop(
        (round(left * width), round(top * height), round((100 - right) * width), round((100 - bottom) * height))
    )


COPIES: dict[str, Change] = {
    "saved badly": lambda one: saved(one, quality=30),
    "another format": lambda one: saved(one, "WEBP", 50),
    "half the size": lambda one: saved(one.resize((one.width // 2, one.height // 2))),
    "a thumbnail": lambda one: saved(one.resize((90, 90))),
    "larger": lambda one: saved(one.resize((one.width * 3 // 2, one.height * 3 // 2))),
    "squeezed": lambda one: saved(one.resize((one.width, one.height * 9 // 10))),
    "brightened": lambda one: saved(ImageEnhance.Brightness(one).enhance(1.15)),
    "grey": lambda one: saved(one.convert("L")),
    "cut all round": lambda one: saved(cut(one, 2, 2, 2, 2)),
    "cut at the left": lambda one: saved(cut(one, 3, 0, 0, 0)),
    "cut at the bottom": lambda one: saved(cut(one, 0, 0, 0, 3)),
}


@pytest.mark.parametrize("change", COPIES.values(), ids=list(COPIES))
def test_copies_are_alike(change: Change) -> None:
    """However they were saved, scaled and cut; said the same both ways round."""
    for seed in range(4):
        one = saved(captioned(scene(seed), "nobody expects this"))
        copy = change(one)
        assert alike(one, copy), (seed, difference(one, copy))
        assert alike(copy, one)


@pytest.mark.parametrize("captions", [("hello there", "good morning"), ("yes we can", "yes he can"), ("", "ok then")])
@pytest.mark.parametrize("part", [0.1, 0.14])
def test_another_caption_makes_another_meme(captions: tuple[str, str], part: float) -> None:
    """A word in letters of a tenth of the height is enough, whatever stands around it."""
    for seed in range(4):
        one, other = (saved(captioned(scene(seed), caption, part=part)) for caption in captions)
        assert not alike(one, other), (seed, difference(one, other))
        assert not alike(other, saved(cut(one, 1, 1, 1, 1)))


def test_other_pictures_are_not_alike() -> None:
    """With the same caption."""
    pictures = [saved(captioned(scene(seed), "what a day")) for seed in range(5)]
    assert not any(alike(*pair) for pair in itertools.combinations(pictures, 2))


@pytest.mark.filterwarnings("error")
def test_pictures_of_nearly_nothing_can_be_compared() -> None:
    """One colour, a gradient, a single pixel."""
    flat, gradient, pixel = Image.new("RGB", (60, 40), "navy"), Image.linear_gradient("L"), Image.new("RGB", (1, 1))
    for one in (flat, gradient, pixel):
        assert alike(one, one)
    assert not alike(gradient, flat)
    assert not alike(scene(1), flat)


# Real memes

_MULTI3HATE = Path(__file__).parents[5] / "shared/corpus/raw/multi3hate/data"
_PAIRS = 24


@pytest.mark.corpus
def test_real_memes_on_one_template_are_told_apart() -> None:
    """Different captions in one language or two, in each of the templates; copies of each are alike."""
    if not _MULTI3HATE.is_dir():
        pytest.skip(f"the real memes aren't there: put Multi3Hate's data at {_MULTI3HATE}")
    english, spanish = _by_template("en"), _by_template("es")
    pairs = [(paths[0], paths[1]) for paths in english.values() if len(paths) > 1]
    pairs += [(english[name][0], spanish[name][0]) for name in english.keys() & spanish.keys()]
    assert len(pairs) >= _PAIRS
    chosen = np.random.default_rng(0).permutation(len(pairs))[:_PAIRS].tolist()
    for one, other in (pairs[index] for index in chosen):
        picture = shown(one.read_bytes())
        assert not alike(picture, shown(other.read_bytes())), (one.stem, other.stem)
        assert alike(picture, saved(cut(picture, 1, 1, 1, 1), quality=50)), one.stem


def _by_template(language: str) -> dict[str, list[Path]]:
    """Memes of each template that have a caption."""
    with (_MULTI3HATE / "captions" / f"{language}.csv").open(encoding="utf-8", newline="") as lines:
        template_of = {row["Meme ID"]: row["Template Name"] for row in csv.DictReader(lines)}
    found: defaultdict[str, list[Path]] = defaultdict(list)
    for path in sorted((_MULTI3HATE / "memes" / language).rglob("*.jpg")):
        found[template_of[path.stem]].append(path)
    return found
