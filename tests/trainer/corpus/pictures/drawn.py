"""Invented pictures with as much in them as a photograph, and their files."""

import io
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

__all__ = ["captioned", "encoded", "scene"]


def scene(seed: int, width: int = 512, height: int = 512) -> Image.Image:
    """A picture of soft and hard shapes; another seed shows others."""
    random = np.random.default_rng(seed)
    ground = Image.fromarray(random.integers(30, 226, (9, 9, 3), dtype=np.uint8))
    picture = ground.resize((width, height), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture)
    for _ in range(25):
        left, top = random.random(2) * (width, height)
        wide, high = (0.05 + 0.2 * random.random(2)) * (width, height)
        pen.ellipse((left, top, left + wide, top + high), fill=tuple(random.integers(0, 256, 3).tolist()))
    return picture


def captioned(picture: Image.Image, caption: str, *, part: float = 0.09) -> Image.Image:
    """With a caption at the bottom, its letters so high as a part of the picture."""
    picture = picture.copy()
    font = ImageFont.load_default(part * picture.height)
    place = (picture.width / 2, picture.height * 0.88)
    pen = ImageDraw.Draw(picture)
    pen.text(place, caption, fill="white", font=font, anchor="mm", stroke_width=2, stroke_fill="black")
    return picture


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The file of a picture."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()
