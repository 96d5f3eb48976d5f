"""Pictures shaken: moved by some pixels, brighter or darker, so that no picture is seen twice."""

import random

import numpy as np

from .seeing import Picture

__all__ = ["jitter"]

_REACH_PIXELS = 5
_GAIN = (0.8, 1.2)
_TINT = 18.0


def jitter(picture: Picture, rng: random.Random) -> Picture:
    """The picture moved and tinted; its patches stand as the image processor orders them, two by two."""
    _, rows, columns = picture.grid
    height, width = picture.patches.shape[2:]
    blocks = picture.patches.reshape(rows // 2, columns // 2, 2, 2, 3, height, width)
    image = blocks.transpose(4, 0, 2, 5, 1, 3, 6).reshape(3, rows * height, columns * width)
    down, right = (rng.randint(-_REACH_PIXELS, _REACH_PIXELS) for _ in range(2))
    gain = rng.uniform(*_GAIN)
    tint = np.array([[[rng.gauss(0, 1) * _TINT]] for _ in range(3)])
    moved = _moved(_moved(image, down, 1), right, 2)
    tinted = np.clip((moved - 127.5) * gain + 127.5 + tint, 0, 255).astype(np.uint8)
    back = tinted.reshape(3, rows // 2, 2, height, columns // 2, 2, width).transpose(1, 4, 2, 5, 0, 3, 6)
    return Picture(back.reshape(picture.patches.shape), picture.grid)


def _moved(image: np.ndarray, by: int, axis: int) -> np.ndarray:
    """The image moved along an axis; its edge is repeated."""
    places = np.clip(np.arange(image.shape[axis]) - by, 0, image.shape[axis] - 1)
    return image.take(places, axis=axis)
