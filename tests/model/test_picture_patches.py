"""Patches: Qwen's own processor between two areas, for any picture that is let in."""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from PIL import Image

from memelens.model.errors import CheckpointError, MemeError
from memelens.model.picture_patches import PatchMaker, PixelBounds

from .tiny import PATCH, image_processor, picture

SETTINGS: dict[str, Any] = {
    "patch_size": PATCH,
    "merge_size": 2,
    "image_mean": [0.5, 0.5, 0.5],
    "image_std": [0.5, 0.5, 0.5],
}
BOUNDS = PixelBounds(64 * 64, 256 * 256)
MAKER = PatchMaker(SETTINGS, BOUNDS)


def png(size: tuple[int, int]) -> bytes:
    """A picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "teal").save(buffer, "PNG")
    return buffer.getvalue()


def test_patches_are_those_of_the_processor() -> None:
    """Number for number, and the grid with them."""
    data = picture((200, 120), seed=1)
    made = MAKER.patches(data)
    theirs = image_processor()(Image.open(io.BytesIO(data)).convert("RGB"), return_tensors="np")
    assert np.array_equal(made.values, theirs["pixel_values"])
    assert [1, made.rows, made.columns] == theirs["image_grid_thw"][0].tolist()


@pytest.mark.parametrize("size", [(1, 1), (1, 200), (200, 1), (31, 31), (33, 64), (2000, 10), (10, 2000), (1000, 1000)])
def test_any_shape_becomes_whole_tokens_within_the_cap(size: tuple[int, int]) -> None:
    """Sides are multiples of a token's, and no picture has more tokens than are announced."""
    made = MAKER.patches(png(size))
    assert made.rows % MAKER.merged == made.columns % MAKER.merged == 0
    assert len(made.values) == made.rows * made.columns
    assert made.rows * made.columns // MAKER.merged**2 <= MAKER.most_tokens


def test_threads_may_share_a_maker() -> None:
    """Eight at once make what each makes alone."""
    data = [picture((64 + 8 * number, 96), seed=number) for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(MAKER.patches, data))
    for one, made in zip(data, together, strict=True):
        assert np.array_equal(MAKER.patches(one).values, made.values)


def test_frames_side_by_side_may_be_too_long() -> None:
    """An animation of the longest strips is the picture's fault, not the engine's."""
    frames = [Image.new("RGB", (1600, 8), colour) for colour in ("red", "green", "blue", "white")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:2], duration=100)
    with pytest.raises(MemeError) as caught:
        MAKER.patches(buffer.getvalue())
    assert caught.value.kind == "picture-shape"


@pytest.mark.parametrize("lost", SETTINGS)
def test_settings_that_lack_something_are_refused(lost: str) -> None:
    """The key is named."""
    with pytest.raises(CheckpointError, match=f"lacks {lost}; copy it from the base model"):
        PatchMaker({name: value for name, value in SETTINGS.items() if name != lost}, BOUNDS)
