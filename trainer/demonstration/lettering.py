"""The text on a picture: wrapped, shaped for its script, and set as memes are."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PIL import Image, ImageDraw, ImageFont

from ...taxonomy.languages import Language
from .fonts import FontChoice, font

__all__ = ["Lettering", "draw_text"]

_NEVER_FIRST = frozenset("。，！？：…")  # noqa: RUF001 - Chinese punctuation

_ROOM = 0.2
"""Share of the picture's height that lettering may take."""


@dataclass(frozen=True, slots=True)
class Lettering:
    """A text, its language and the font it is set in; an empty text is not set at all."""

    text: str
    language: Language
    choice: FontChoice


def draw_text(image: Image.Image, lettering: Lettering, rng: random.Random) -> tuple[float, float]:
    """Letter the text at the top or the bottom; returns the shares of the height taken at top and bottom."""
    if not lettering.text:
        return 0.0, 0.0
    side = image.width
    face, lines = _fit(lettering, side)
    step = int(face.size * 1.3)
    height, at_top = step * len(lines) + step // 2, rng.random() < 0.6
    start = 0 if at_top else side - height
    draw = ImageDraw.Draw(image)
    letter = rng.choice((_on_white, _on_black, _over_picture))(draw, (0, start, side, start + height), face)
    for place, line in enumerate(lines):
        letter((side / 2, start + step // 4 + step * (place + 0.5)), line)
    return (height / side, 0.0) if at_top else (0.0, height / side)


def _on_white(
    draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], face: ImageFont.FreeTypeFont
) -> Callable[..., None]:
    draw.rectangle(box, fill="white")
    return partial(draw.text, font=face, fill="black", anchor="mm")


def _on_black(
    draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], face: ImageFont.FreeTypeFont
) -> Callable[..., None]:
    draw.rectangle(box, fill="black")
    return partial(draw.text, font=face, fill="white", anchor="mm")


def _over_picture(
    draw: ImageDraw.ImageDraw, _box: tuple[float, float, float, float], face: ImageFont.FreeTypeFont
) -> Callable[..., None]:
    rim = max(1, round(face.size / 14))
    return partial(draw.text, font=face, fill="white", stroke_width=rim, stroke_fill="black", anchor="mm")


def _fit(lettering: Lettering, side: int) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """The largest of a few sizes at which the wrapped text takes no more than its room."""
    for share in (0.065, 0.055, 0.047, 0.04):
        face = font(lettering.choice, round(share * side))
        lines = _wrap(lettering, face, 0.94 * side)
        if len(lines) * face.size * 1.3 <= _ROOM * side:
            break
    return face, lines


def _wrap(lettering: Lettering, face: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Lines no wider than `width` pixels; Chinese breaks between any two characters, the others between words."""
    gap = "" if lettering.language is Language.CHINESE else " "
    space = face.getlength(gap) if gap else 0.0
    lines: list[str] = []
    used = 0.0
    for word in list(lettering.text) if not gap else lettering.text.split():
        length = face.getlength(word)
        if lines and (used + space + length <= width or word in _NEVER_FIRST):
            lines[-1] += gap + word
            used += space + length
        else:
            lines.append(word)
            used = length
    return lines
