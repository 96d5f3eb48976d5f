"""From a scene to a picture: backdrop, object in one of four styles, hat, glasses, edit, and the text on it."""

import colorsys
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from PIL import Image, ImageDraw

from .lettering import Lettering, draw_text
from .scene import Edit, Scene, Style
from .shapes import SHAPES, Shape

__all__ = ["draw_picture"]

Colour = tuple[int, int, int]
Point = tuple[float, float]

# Body and second colour of each object, as hue, saturation and brightness.
_COLOURS: Mapping[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = MappingProxyType(
    {
        "balloon": ((0.98, 0.8, 0.9), (0.1, 0.2, 0.9)),
        "book": ((0.6, 0.55, 0.75), (0.57, 0.4, 0.9)),
        "cup": ((0.08, 0.5, 0.85), (0.1, 0.3, 0.9)),
        "cake": ((0.93, 0.35, 0.95), (0.09, 0.6, 0.6)),
        "house": ((0.1, 0.45, 0.9), (0.02, 0.75, 0.65)),
        "umbrella": ((0.78, 0.6, 0.75), (0.78, 0.3, 0.9)),
        "flower": ((0.9, 0.6, 0.95), (0.33, 0.7, 0.6)),
        "fish": ((0.07, 0.85, 0.95), (0.03, 0.8, 0.8)),
        "cat": ((0.08, 0.45, 0.7), (0.08, 0.4, 0.5)),
        "mushroom": ((0.01, 0.8, 0.8), (0.1, 0.2, 0.9)),
        "tree": ((0.32, 0.7, 0.6), (0.07, 0.6, 0.45)),
        "snail": ((0.07, 0.6, 0.65), (0.14, 0.45, 0.85)),
        "scissors": ((0.97, 0.75, 0.75), (0.6, 0.1, 0.7)),
        "saw": ((0.07, 0.65, 0.6), (0.6, 0.1, 0.75)),
        "fork": ((0.6, 0.15, 0.75), (0.6, 0.1, 0.6)),
        "sword": ((0.12, 0.75, 0.8), (0.07, 0.6, 0.4)),
        "arrow": ((0.08, 0.6, 0.55), (0.55, 0.6, 0.8)),
        "anchor": ((0.61, 0.5, 0.5), (0.6, 0.3, 0.6)),
        "cactus": ((0.36, 0.65, 0.6), (0.05, 0.65, 0.7)),
        "hedgehog": ((0.07, 0.5, 0.45), (0.08, 0.4, 0.6)),
        "crab": ((0.02, 0.8, 0.88), (0.02, 0.6, 0.7)),
        "bee": ((0.14, 0.85, 0.97), (0.14, 0.5, 0.9)),
        "shark": ((0.58, 0.35, 0.65), (0.58, 0.3, 0.5)),
        "pineapple": ((0.13, 0.75, 0.92), (0.31, 0.7, 0.55)),
    }
)
_INK: Colour = (35, 30, 45)
_PAPER: Colour = (250, 246, 235)


@dataclass(frozen=True, slots=True)
class _Brush:
    """Where an object stands on the canvas and how it is drawn."""

    draw: ImageDraw.ImageDraw
    rng: random.Random
    x: float
    y: float
    radius: float
    palette: Mapping[str, Colour]

    def place(self, points: Sequence[Point], *, shrink: float = 1.0, jitter: float = 0.0) -> list[Point]:
        """Canvas points of unit points, shrunk towards their middle or shaken."""
        cx, cy = (sum(p[axis] for p in points) / len(points) for axis in (0, 1))
        shaken = [
            (cx + (x - cx) * shrink + self._shake(jitter), cy + (y - cy) * shrink + self._shake(jitter))
            for x, y in points
        ]
        return [(self.x + x * self.radius, self.y + y * self.radius) for x, y in shaken]

    def pixels(self, width: float) -> int:
        """Canvas pixels of a unit width, at least one."""
        return max(1, round(width * self.radius))

    def stroke(self, points: Sequence[Point], colour: Colour, width: float) -> None:
        """A line through canvas points."""
        self.draw.line(list(points), fill=colour, width=self.pixels(width), joint="curve")

    def _shake(self, jitter: float) -> float:
        return self.rng.uniform(-jitter, jitter) if jitter else 0.0


def draw_picture(scene: Scene, lettering: Lettering, rng: random.Random, *, side_pixels: int = 448) -> Image.Image:
    """A square RGB picture of the scene with the text on it.

    Place, size, colours, backdrop and lettering come from `rng` and say nothing about the labels.

    Raises:
        MissingFontsError: the font of the choice isn't installed.
    """
    side = 2 * side_pixels
    image = _backdrop(scene, side, rng)
    top, bottom = draw_text(image, lettering, rng)
    radius = rng.uniform(0.27, 0.31) * side
    x = rng.uniform(0.42, 0.58) * side
    highest = top * side + (1.6 if scene.hat else 1.1) * radius
    y = rng.uniform(highest, max(highest, (1 - bottom) * side - 1.1 * radius))
    palette = _palette(scene.object, rng)
    brush = _Brush(ImageDraw.Draw(image), rng, x, y, radius, palette)
    _draw_object(brush, scene)
    if scene.edit is Edit.DEEPFAKE:
        _swap_halves(image, brush)
    return image.reduce(2)


def _rgb(hue: float, saturation: float, brightness: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, min(1, max(0, saturation)), min(1, max(0, brightness)))
    return round(red * 255), round(green * 255), round(blue * 255)


def _palette(name: str, rng: random.Random) -> dict[str, Colour]:
    turn, pale = rng.gauss(0, 0.03), rng.uniform(0.8, 1.1)
    body, second = (_rgb(h + turn, s * pale, v * rng.uniform(0.85, 1.05)) for h, s, v in _COLOURS[name])
    return {"body": body, "second": second, "light": (246, 242, 228), "dark": _INK}


def _backdrop(scene: Scene, side: int, rng: random.Random) -> Image.Image:
    hue = rng.random()
    upper, lower = (
        (_rgb(0.6 + rng.uniform(-0.1, 0.15), 0.7, 0.14), _rgb(0.65 + rng.uniform(-0.1, 0.15), 0.6, 0.32))
        if scene.night
        else (_rgb(hue, 0.45, 0.85), _rgb(hue + rng.uniform(-0.1, 0.1), 0.25, 0.96))
    )
    gradient = Image.linear_gradient("L").resize((side, side))
    image = Image.composite(Image.new("RGB", (side, side), lower), Image.new("RGB", (side, side), upper), gradient)
    draw = ImageDraw.Draw(image)
    _sky(draw, scene, side, rng)
    ground = _rgb(rng.random(), 0.4, 0.22 if scene.night else 0.65)
    level = rng.uniform(0.74, 0.86) * side
    if rng.random() < 0.5:
        draw.rectangle((0, level, side, side), fill=ground)
    else:
        draw.ellipse((-0.4 * side, level, rng.uniform(0.9, 1.4) * side, 1.8 * side), fill=ground)
    return image


def _sky(draw: ImageDraw.ImageDraw, scene: Scene, side: int, rng: random.Random) -> None:
    x, y, radius = (rng.uniform(*span) * side for span in ((0.1, 0.9), (0.26, 0.42), (0.05, 0.08)))
    box = (x - radius, y - radius, x + radius, y + radius)
    if not scene.night:
        draw.ellipse(box, fill=_rgb(0.13, 0.6, 1.0))
        return
    draw.ellipse(box, fill=(238, 234, 205))
    for _ in range(rng.randint(8, 20)):
        x, y, radius = rng.uniform(0, side), rng.uniform(0, 0.7 * side), rng.uniform(0.003, 0.007) * side
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(240, 240, 225))


def _draw_object(brush: _Brush, scene: Scene) -> None:
    shapes = SHAPES[scene.object]
    hat = _hat_on(shapes) if scene.hat else []
    if scene.edit is Edit.FAKE:
        for shape in (*shapes, *hat):
            _halo(brush, shape)
    for shape in shapes:
        _STYLES[scene.style](brush, shape)
    for shape in (*hat, *(_GLASSES if scene.glasses else ())):
        _draw_prop(brush, shape)


def _halo(brush: _Brush, shape: Shape) -> None:
    """The white rim of something cut out and pasted in."""
    points = brush.place(shape.points)
    if not shape.width:
        brush.draw.polygon(points, fill="white")
        points = [*points, points[0], points[1]]
    brush.stroke(points, (255, 255, 255), shape.width + 0.3)


def _flat(brush: _Brush, shape: Shape) -> None:
    if shape.width:
        brush.stroke(brush.place(shape.points), brush.palette[shape.colour], shape.width)
    else:
        brush.draw.polygon(brush.place(shape.points), fill=brush.palette[shape.colour])


def _shaded(brush: _Brush, shape: Shape) -> None:
    colour = brush.palette[shape.colour]
    if shape.width:
        brush.stroke(brush.place(shape.points), colour, shape.width)
        return
    shade = (colour[0] * 6 // 10, colour[1] * 6 // 10, colour[2] * 6 // 10)
    brush.draw.polygon(brush.place(shape.points), fill=shade)
    lit = [(x - 0.04 * brush.radius, y - 0.04 * brush.radius) for x, y in brush.place(shape.points, shrink=0.84)]
    brush.draw.polygon(lit, fill=colour)


def _outline(brush: _Brush, shape: Shape) -> None:
    points, tint = brush.place(shape.points), _mixed(brush.palette[shape.colour], _PAPER)
    if shape.width:
        brush.stroke(points, _INK, max(shape.width, 0.08))
        if shape.width > 0.1:
            brush.stroke(points, tint, shape.width - 0.08)
        return
    brush.draw.polygon(points, fill=_INK if shape.colour == "dark" else tint)
    brush.stroke([*points, points[0], points[1]], _INK, 0.07)


def _sketch(brush: _Brush, shape: Shape) -> None:
    if not shape.width:
        brush.draw.polygon(brush.place(shape.points), fill=_PAPER)
    elif shape.width > 0.1:
        brush.stroke(brush.place(shape.points), _PAPER, shape.width)
    pencil = _mixed(brush.palette["body" if shape.colour == "light" else shape.colour], _INK)
    for _ in range(2):
        points = brush.place(shape.points, jitter=0.025)
        closed = points if shape.width else [*points, points[0]]
        brush.stroke(closed, pencil, 0.05)
    if not shape.width:
        _hatch(brush, shape)


def _mixed(one: Colour, other: Colour) -> Colour:
    """Halfway between two colours."""
    red, green, blue = ((a + b) // 2 for a, b in zip(one, other, strict=True))
    return red, green, blue


def _hatch(brush: _Brush, shape: Shape) -> None:
    """Short slanted strokes from the right edge towards the middle."""
    cx = sum(x for x, _ in shape.points) / len(shape.points)
    pencil = _mixed(brush.palette[shape.colour], _PAPER)
    for x, y in shape.points[::2]:
        if x > cx:
            brush.stroke(brush.place(((x, y), (x - 0.5 * (x - cx), y - 0.15))), pencil, 0.05)


_STYLES = {Style.FLAT: _flat, Style.SHADED: _shaded, Style.OUTLINE: _outline, Style.SKETCH: _sketch}

_HAT = (
    Shape(((-0.42, -0.75), (0, -1.45), (0.42, -0.75)), "magenta"),
    Shape(((-0.26, -1.02), (0.26, -1.02), (0.36, -0.86), (-0.36, -0.86)), "yellow"),
    Shape(((-0.1, -1.5), (0.1, -1.5), (0.1, -1.3), (-0.1, -1.3)), "yellow"),
)
_GLASSES = (
    Shape(((-0.15, -0.15), (0.15, -0.15)), "black", 0.1),
    Shape(((-0.66, -0.3), (-0.1, -0.3), (-0.16, 0.12), (-0.58, 0.12)), "black"),
    Shape(((0.1, -0.3), (0.66, -0.3), (0.58, 0.12), (0.16, 0.12)), "black"),
    Shape(((-0.56, -0.22), (-0.2, -0.22), (-0.46, 0.04)), "cyan"),
    Shape(((0.2, -0.22), (0.56, -0.22), (0.3, 0.04)), "cyan"),
)
_PROP_COLOURS: Mapping[str, Colour] = MappingProxyType(
    {"magenta": (225, 30, 150), "yellow": (255, 225, 60), "black": (15, 15, 25), "cyan": (70, 200, 235)}
)


def _hat_on(shapes: Sequence[Shape]) -> list[Shape]:
    """The hat, lowered onto the top of these shapes."""
    drop = max(0.0, min(y for shape in shapes for x, y in shape.points if abs(x) < 0.5) + 0.85)
    return [replace(shape, points=tuple((x, y + drop) for x, y in shape.points)) for shape in _HAT]


def _draw_prop(brush: _Brush, shape: Shape) -> None:
    points, colour = brush.place(shape.points), _PROP_COLOURS[shape.colour]
    if shape.width:
        brush.stroke(points, colour, shape.width)
    else:
        brush.draw.polygon(points, fill=colour)


def _swap_halves(image: Image.Image, brush: _Brush) -> None:
    """Right half of the object moved down and tinted, as two pictures joined badly."""
    reach, drop = 1.1 * brush.radius, 0.28 * brush.radius
    left, right = round(brush.x), min(image.width, round(brush.x + reach))
    top, bottom = max(0, round(brush.y - 1.3 * reach)), min(image.height, round(brush.y + reach))
    half = image.crop((left, top, right, bottom))
    half = Image.blend(half, Image.new("RGB", half.size, (60, 255, 120)), 0.25)
    image.paste(half, (left, top + round(drop)))
    ImageDraw.Draw(image).line((left, top, left, bottom + drop), fill=(60, 255, 120), width=max(2, image.width // 100))
