"""From a compressed picture to the patches that the vision tower takes, by Qwen's own processor without torchvision."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import Qwen2VLImageProcessorPil

from .errors import CheckpointError, MemeError
from .pictures import FORMATS, open_picture

__all__ = ["PatchMaker", "PicturePatches", "PixelBounds"]

_MOST_DECODED_PIXELS = 100_000_000
"""The consumer checks its own, lower cap by the header; this one holds for every caller."""

_KNOWN = ("patch_size", "temporal_patch_size", "merge_size", "image_mean", "image_std", "rescale_factor", "resample")
_LONGEST_STRIP = 200


@dataclass(frozen=True, slots=True)
class PixelBounds:
    """Areas in pixels between which a picture is scaled, keeping its shape."""

    least: int
    most: int


@dataclass(frozen=True, slots=True, eq=False)
class PicturePatches:
    """`values` (patches, values of one), and `rows` and `columns` of patches."""

    values: NDArray[np.float32]
    rows: int
    columns: int


class PatchMaker:
    """Opens, scales, normalises and cuts. May be used by several threads.

    Raises:
        CheckpointError: `settings`, the content of `preprocessor_config.json`, lacks something.
    """

    def __init__(self, settings: dict[str, Any], bounds: PixelBounds) -> None:
        missing = [name for name in ("patch_size", "merge_size", "image_mean", "image_std") if name not in settings]
        if missing:
            raise CheckpointError(f"preprocessor_config.json lacks {', '.join(missing)}; copy it from the base model")
        self.settings = {name: settings[name] for name in _KNOWN if name in settings}
        self.settings["size"] = {"shortest_edge": bounds.least, "longest_edge": bounds.most}
        self._processor = Qwen2VLImageProcessorPil(**self.settings)

    @property
    def merged(self) -> int:
        """Patches on a side of what becomes one image token."""
        return int(self._processor.merge_size)

    @property
    def most_tokens(self) -> int:
        """Image tokens of a picture, at most: of one as large as the cap, or of the longest strip."""
        side = self._processor.patch_size * self.merged
        cap = self.settings["size"]["longest_edge"]
        return int(max(cap / side**2, (_LONGEST_STRIP * cap) ** 0.5 / side)) + 1

    def patches(self, image: bytes) -> PicturePatches:
        """Patches of a compressed picture. Raises MemeError."""
        picture = open_picture(image, max_pixels=_MOST_DECODED_PIXELS, formats=(*FORMATS, "AVIF", "BMP", "TIFF"))
        try:
            made = self._processor(picture, return_tensors="np")
        except ValueError as error:  # frames of an animation side by side may be a longer strip than each of them
            raise MemeError("picture-shape", f"{picture.width} x {picture.height} pixels: {error}") from error
        _, rows, columns = made["image_grid_thw"][0]
        return PicturePatches(made["pixel_values"], int(rows), int(columns))
