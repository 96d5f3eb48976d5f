"""A look at the pixels of two pictures whose hashes are near and whose texts can't tell."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["alike"]

_SIDE = 64
_BLOCK = 8
_MOST = 20.0  # grey levels


def alike(one: Image.Image, other: Image.Image) -> bool:
    """Whether no part of the pictures differs."""
    difference = np.abs(_small(one) - _small(other))
    blocks = difference.reshape(_SIDE // _BLOCK, _BLOCK, _SIDE // _BLOCK, _BLOCK).mean(axis=(1, 3))
    return float(blocks.max()) <= _MOST


def _small(picture: Image.Image) -> NDArray[np.float32]:
    return np.asarray(picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX), np.float32)
