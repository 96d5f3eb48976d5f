"""Pictures as the vision tower takes them, made by the serving path's own reader and image processor."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from transformers import Qwen2VLImageProcessorPil

from ...model.pictures import open_picture
from .architecture import processor_settings

__all__ = ["Picture", "see", "values_of"]

_MOST_PIXELS = 4_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture after the image processor: `patches` (patches, channels, height, width) and `grid` (3,)."""

    patches: NDArray[np.uint8]
    grid: tuple[int, int, int]


def see(image: bytes) -> Picture:
    """A compressed picture, cut into patches. Bytes, and one of the two equal moments: an eighth of the memory."""
    settings = processor_settings()
    seen = _processor()(open_picture(image, max_pixels=_MOST_PIXELS), return_tensors="np")
    shape = (-1, 3, settings["temporal_patch_size"], settings["patch_size"], settings["patch_size"])
    patches = ((seen["pixel_values"].reshape(shape)[:, :, 0] + 1) * 127.5).round().astype(np.uint8)
    frames, height, width = (int(one) for one in seen["image_grid_thw"][0])
    return Picture(patches, (frames, height, width))


def values_of(pictures: Sequence[Picture]) -> tuple[Tensor, Tensor]:
    """Patches of all pictures, one after the other, as the processor gave them, and their grids (pictures, 3)."""
    patches = torch.from_numpy(np.concatenate([one.patches for one in pictures]))
    moments = (
        (patches.float() / 127.5 - 1).unsqueeze(2).expand(-1, -1, processor_settings()["temporal_patch_size"], -1, -1)
    )
    return moments.flatten(1), torch.tensor([one.grid for one in pictures])


@cache
def _processor() -> Qwen2VLImageProcessorPil:
    settings = {name: value for name, value in processor_settings().items() if name != "image_processor_type"}
    return Qwen2VLImageProcessorPil(**settings)
