"""Whether two pictures show the same, said from their pixels: for memes whose text nobody wrote down.

A template with another caption differs in a few blocks only, so it is the worst block that counts. Copies are cut and
scaled a little differently: first the one is laid over the other (B. D. Lucas and T. Kanade, "An Iterative Image
Registration Technique with an Application to Stereo Vision", IJCAI 1981), brightness and contrast are matched as well.

Measured on Multi3Hate (en, es, hi), grey levels of the worst block. 2,800 copies: at most 19 where they were saved
again (JPEG 30 and 60, WEBP 50), scaled (1/3 to 3/2, height to 9/10) or brightened by a tenth, 34 where 1 to 3 % were
cut off all sides or one. 3,585 pairs with one template and different captions: at least 63 (36 beside thumbnails of 64
pixels). Of captions drawn onto one picture that differ in a word or two, 99 % are told apart in letters of 1/16 of its
height and larger, half in letters of 1/20.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["alike", "difference"]

_MOST = 40.0
_COARSE, _FINE = 64, 160  # pixels of a side: a coarse picture is laid over another from farther away
_COARSE_STEPS, _FINE_STEPS = 6, 2
_FARTHEST = 0.06  # of a side; without a bound a border could be cut off with all that differs
_BLOCK = 8
_LEAST_GAIN, _MOST_GAIN = 0.5, 2.0

_Grey = NDArray[np.float32]
_Box = NDArray[np.float64]

_WHOLE = np.array([0.0, 0.0, 1.0, 1.0])


def alike(one: Image.Image, other: Image.Image) -> bool:
    """Whether two pictures are copies of one: saved again, scaled, brightened, cut by a few percent."""
    return difference(one, other) <= _MOST or difference(other, one) <= _MOST


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference in the block that differs most, in grey levels of `one`, 0 to 255."""
    detail = min(_FINE, *one.size, *other.size)  # a large picture has no more of it than a thumbnail beside it
    grey, other_grey = (_square(picture.convert("L"), detail) for picture in (one, other))
    coarse, other_coarse, fine, other_fine = (
        _values(square, side) for side in (_COARSE, _FINE) for square in (grey, other_grey)
    )
    box = _laid_over(coarse, other_coarse, _WHOLE, _COARSE_STEPS)
    return _worst_block(fine, other_fine, _laid_over(fine, other_fine, box, _FINE_STEPS))


def _square(grey: Image.Image, side: int) -> Image.Image:
    return grey.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _values(grey: Image.Image, side: int) -> _Grey:
    return np.asarray(_square(grey, side), np.float32)


def _seen_through(picture: _Grey, box: _Box) -> _Grey:
    """What a box (left, top, right, bottom, in sides of the picture) shows, in as many pixels."""
    side = len(picture)
    left, top, right, bottom = (box * side).tolist()
    image = Image.fromarray(picture)
    shown = image.transform(image.size, Image.Transform.EXTENT, (left, top, right, bottom), Image.Resampling.BICUBIC)
    return np.asarray(shown)


def _places(side: int) -> _Grey:
    """Centres of pixels, in sides."""
    return (np.arange(side, dtype=np.float32) + np.float32(0.5)) / np.float32(side)


def _laid_over(one: _Grey, other: _Grey, box: _Box, steps: int) -> _Box:
    """The box of `other` that looks most like all of `one`, sought from a box on."""
    side = len(one)
    x, y = _places(side)[None, :], _places(side)[:, None]
    inner = slice(side // 16, -(side // 16))  # a border may be missing in one of them
    for _ in range(steps):
        seen = _seen_through(other, box)
        down, right = (slope * side for slope in np.gradient(seen))
        effects = (seen, np.ones_like(seen), right * (1 - x), down * (1 - y), right * x, down * y)
        known = np.stack([effect[inner, inner].ravel() for effect in effects]).astype(np.float64)
        # Normal equations: the same, and least squares over all pixels would keep every core busy.
        gain, _, *moves = np.linalg.lstsq(known @ known.T, known @ one[inner, inner].ravel())[0].tolist()
        box = np.clip(box + np.array(moves) / max(gain, _LEAST_GAIN), _WHOLE - _FARTHEST, _WHOLE + _FARTHEST)
    return box


def _worst_block(one: _Grey, other: _Grey, box: _Box) -> float:
    side = len(one)
    seen = _seen_through(other, box)
    across, down = (box[first] + (box[first + 2] - box[first]) * _places(side) for first in (0, 1))
    there = np.outer(_inside(down, side), _inside(across, side))
    one, seen = one - one[there].mean(), seen - seen[there].mean()
    gain = (one * seen)[there].mean() / max(float((seen * seen)[there].mean()), 1e-6)
    differences = np.abs(one - np.clip(gain, _LEAST_GAIN, _MOST_GAIN) * seen) * there
    blocks = differences.reshape(side // _BLOCK, _BLOCK, side // _BLOCK, _BLOCK)
    return float(blocks.mean(axis=(1, 3)).max())


def _inside(places: NDArray[np.floating], side: int) -> NDArray[np.bool_]:
    """Which places have a picture's pixels on both sides."""
    return np.asarray((places > 0.5 / side) & (places < 1 - 0.5 / side))
