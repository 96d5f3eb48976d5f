"""The twenty-four objects as shapes in a square from -1 to 1 (x to the right, y down)."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["SHAPES", "Shape"]

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """A polygon, or an open line where `width` (in units of the square) is above zero.

    `colour` is one of the object's colours: its body, a second one, a light and a dark one.
    """

    points: tuple[Point, ...]
    colour: str = "body"
    width: float = 0.0


def _polygon(*points: Point, colour: str = "body") -> Shape:
    return Shape(points, colour)


def _line(*points: Point, colour: str = "dark", width: float = 0.08) -> Shape:
    return Shape(points, colour, width)


def _arc(  # noqa: PLR0913, PLR0917 - an ellipse and two angles have as many numbers
    x: float, y: float, rx: float, ry: float, start: float, end: float
) -> tuple[Point, ...]:
    """Points of an elliptic arc; angles in degrees, clockwise from the right."""
    steps = max(4, int(abs(end - start) / 15))
    angles = [math.radians(start + (end - start) * step / steps) for step in range(steps + 1)]
    return tuple((x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles)


def _ellipse(x: float, y: float, rx: float, ry: float | None = None, colour: str = "body") -> Shape:
    return Shape(_arc(x, y, rx, rx if ry is None else ry, 0, 345), colour)


def _box(left: float, top: float, right: float, bottom: float, colour: str = "body") -> Shape:
    return _polygon((left, top), (right, top), (right, bottom), (left, bottom), colour=colour)


def _eyes(x: float, y: float, apart: float = 0.16) -> list[Shape]:
    return [_ellipse(x - apart, y, 0.07, colour="dark"), _ellipse(x + apart, y, 0.07, colour="dark")]


def _balloon() -> list[Shape]:
    string = _line((0, 0.35), (0.1, 0.55), (-0.1, 0.75), (0, 1), width=0.05)
    return [string, _ellipse(0, -0.3, 0.6, 0.7), _polygon((0, 0.3), (0.14, 0.5), (-0.14, 0.5))]


def _book() -> list[Shape]:
    left = _polygon((0, -0.55), (-0.95, -0.75), (-0.95, 0.55), (0, 0.75))
    right = _polygon((0, -0.55), (0.95, -0.75), (0.95, 0.55), (0, 0.75), colour="second")
    lines = [_line((side * 0.2, y), (side * 0.75, y - 0.12), width=0.06) for side in (-1, 1) for y in (-0.2, 0.1, 0.4)]
    return [left, right, *lines]


def _cup() -> list[Shape]:
    handle = _line(*_arc(0.6, 0.05, 0.32, 0.34, -90, 90), colour="body", width=0.16)
    steam = [_line((x, -0.55), (x + 0.1, -0.72), (x - 0.05, -0.9), width=0.06) for x in (-0.3, 0.1)]
    return [handle, _polygon((-0.65, -0.4), (0.65, -0.4), (0.5, 0.7), (-0.5, 0.7)), *steam]


def _cake() -> list[Shape]:
    tiers = [_box(-0.9, 0.2, 0.9, 0.8), _box(-0.6, -0.3, 0.6, 0.2, "second")]
    candles = [_line((x, -0.3), (x, -0.65), colour="light", width=0.1) for x in (-0.35, 0, 0.35)]
    return [*tiers, *candles, *(_ellipse(x, -0.76, 0.07, 0.11, "dark") for x in (-0.35, 0, 0.35))]


def _house() -> list[Shape]:
    walls, roof = _box(-0.7, -0.1, 0.7, 0.85), _polygon((-0.95, -0.1), (0, -0.9), (0.95, -0.1), colour="second")
    return [walls, roof, _box(-0.15, 0.3, 0.2, 0.85, "dark"), _box(-0.55, 0.15, -0.28, 0.42, "light")]


def _umbrella() -> list[Shape]:
    handle = _line((0, -0.1), (0, 0.75), *_arc(0.16, 0.75, 0.16, 0.16, 180, 0), width=0.08)
    dome = Shape((*_arc(0, 0, 0.98, 0.85, 180, 360), (0.65, -0.14), (0.33, 0), (0, -0.14), (-0.33, 0), (-0.65, -0.14)))
    return [handle, dome, _line((0, -0.85), (0, -0.14), width=0.05)]


def _flower() -> list[Shape]:
    stem = [_line((0, 0.2), (0, 1), colour="second", width=0.1), _ellipse(0.24, 0.7, 0.24, 0.1, "second")]
    petals = [
        _ellipse(0.42 * math.cos(a), -0.25 + 0.42 * math.sin(a), 0.28) for a in (k * math.pi / 3 for k in range(6))
    ]
    return [*stem, *petals, _ellipse(0, -0.25, 0.25, colour="light")]


def _fish() -> list[Shape]:
    tail = _polygon((0.45, 0), (0.98, -0.45), (0.98, 0.45), colour="second")
    fin = _polygon((-0.2, -0.38), (0.25, -0.7), (0.3, -0.3), colour="second")
    return [tail, fin, _ellipse(-0.15, 0, 0.75, 0.45), _ellipse(-0.55, -0.1, 0.08, colour="dark")]


def _cat() -> list[Shape]:
    ears = [_polygon((s * 0.7, -0.1), (s * 0.62, -0.9), (s * 0.15, -0.5)) for s in (-1, 1)]
    whiskers = [_line((s * 0.25, 0.3), (s * 0.95, y), width=0.04) for s in (-1, 1) for y in (0.15, 0.42)]
    nose = _polygon((-0.1, 0.16), (0.1, 0.16), (0, 0.28), colour="dark")
    return [*ears, _ellipse(0, 0.1, 0.75, 0.68), *_eyes(0, -0.06, 0.28), nose, *whiskers]


def _mushroom() -> list[Shape]:
    cap = Shape(_arc(0, 0.05, 0.92, 0.85, 180, 360))
    spots = [
        _ellipse(x, y, r, colour="light") for x, y, r in ((-0.45, -0.2, 0.15), (0.1, -0.5, 0.17), (0.5, -0.2, 0.13))
    ]
    return [_polygon((-0.28, 0.05), (0.28, 0.05), (0.36, 0.85), (-0.36, 0.85), colour="light"), cap, *spots]


def _tree() -> list[Shape]:
    crown = [_ellipse(x, y, r) for x, y, r in ((-0.42, -0.1, 0.42), (0.42, -0.1, 0.42), (0, -0.48, 0.48))]
    return [_polygon((-0.14, 0.1), (0.14, 0.1), (0.22, 0.95), (-0.22, 0.95), colour="second"), *crown]


def _snail() -> list[Shape]:
    body = Shape(
        (*_arc(-0.62, 0.35, 0.2, 0.3, 180, 360), (-0.4, 0.5), (0.95, 0.72), (0.9, 0.82), (-0.8, 0.82)), "second"
    )
    spiral = [
        (0.2 + (0.5 - t * 0.045) * math.cos(t), 0.05 + (0.5 - t * 0.045) * math.sin(t))
        for t in (k * 0.5 for k in range(20))
    ]
    horns = [_line((-0.66, 0.1), (x, -0.35), colour="second", width=0.06) for x in (-0.85, -0.55)]
    return [body, *horns, _ellipse(0.2, 0.05, 0.58), _line(*spiral, width=0.07)]


def _scissors() -> list[Shape]:
    blades = [_polygon((s * 0.1, 0.1), (s * -0.1, 0.2), (s * -0.62, -0.98), colour="light") for s in (-1, 1)]
    rings = [_line(*_arc(s * 0.42, 0.6, 0.27, 0.32, 0, 360), colour="body", width=0.14) for s in (-1, 1)]
    arms = [_line((0, 0.1), (s * 0.3, 0.35), colour="body", width=0.14) for s in (-1, 1)]
    return [*blades, *arms, *rings, _ellipse(0, 0.12, 0.08, colour="dark")]


def _saw() -> list[Shape]:
    teeth = [point for k in range(7) for point in ((0.35 - k * 0.19, 0.2), (0.25 - k * 0.19, 0.46))]
    blade = Shape(((0.4, -0.35), (0.4, 0.2), *teeth, (-0.98, 0.15), (-0.98, -0.1)), "light")
    handle = _polygon((0.35, -0.5), (0.95, -0.4), (0.98, 0.4), (0.7, 0.55), (0.35, 0.4))
    return [blade, handle, _ellipse(0.66, 0, 0.14, 0.2, "dark")]


def _fork() -> list[Shape]:
    tines = [_line((x, -0.98), (x, -0.3), colour="body", width=0.12) for x in (-0.36, -0.12, 0.12, 0.36)]
    return [*tines, _polygon((-0.42, -0.4), (0.42, -0.4), (0.14, 0.05), (-0.14, 0.05)), _box(-0.11, 0, 0.11, 0.98)]


def _sword() -> list[Shape]:
    blade = _polygon((-0.15, 0.35), (-0.15, -0.72), (0, -1), (0.15, -0.72), (0.15, 0.35), colour="light")
    hilt = [_box(-0.5, 0.33, 0.5, 0.48), _box(-0.09, 0.48, 0.09, 0.85, "second"), _ellipse(0, 0.9, 0.13)]
    return [blade, _line((0, -0.75), (0, 0.3), width=0.04), *hilt]


def _arrow() -> list[Shape]:
    feathers = [_polygon((-0.98, s * 0.35), (-0.6, 0), (-0.35, 0), (-0.7, s * 0.35), colour="second") for s in (-1, 1)]
    return [
        *feathers,
        _box(-0.8, -0.07, 0.6, 0.07),
        _polygon((0.98, 0), (0.42, -0.42), (0.55, 0), (0.42, 0.42), colour="dark"),
    ]


def _anchor() -> list[Shape]:
    ring = _line(*_arc(0, -0.75, 0.17, 0.17, 0, 360), colour="body", width=0.11)
    hook = _line(*_arc(0, 0.2, 0.72, 0.65, 165, 15), colour="body", width=0.18)
    tips = [_polygon((s * 0.5, 0.25), (s * 0.78, -0.12), (s * 0.98, 0.35)) for s in (-1, 1)]
    return [ring, _box(-0.1, -0.6, 0.1, 0.85), _box(-0.42, -0.42, 0.42, -0.24), hook, *tips]


def _cactus() -> list[Shape]:
    arms = [
        _line((s * 0.2, y), (s * 0.62, y), (s * 0.62, y - 0.45), colour="body", width=0.24)
        for s, y in ((-1, 0.3), (1, 0.05))
    ]
    trunk = Shape((*_arc(0, -0.6, 0.26, 0.32, 180, 360), (0.26, 0.6), (-0.26, 0.6)))
    spines = [
        _line((x, y), (x + s * 0.13, y - 0.08), width=0.04)
        for y in (-0.6, -0.3, 0, 0.3)
        for x, s in ((-0.26, -1), (0.26, 1))
    ]
    return [*arms, trunk, *spines, _polygon((-0.45, 0.6), (0.45, 0.6), (0.32, 0.98), (-0.32, 0.98), colour="second")]


def _hedgehog() -> list[Shape]:
    angles = [math.radians(180 + 15 * step) for step in range(13)]
    radii = [1.0 if step % 2 else 0.72 for step in range(13)]
    spikes = tuple((0.1 + 0.85 * r * math.cos(a), 0.45 + r * math.sin(a)) for r, a in zip(radii, angles, strict=True))
    face = _polygon((-0.35, -0.1), (-0.98, 0.42), (-0.3, 0.6), colour="light")
    return [
        Shape(spikes),
        face,
        _ellipse(-0.5, 0.15, 0.07, colour="dark"),
        _ellipse(-0.95, 0.42, 0.08, colour="dark"),
        _box(-0.45, 0.45, 0.7, 0.6, "light"),
    ]


def _crab() -> list[Shape]:
    claws = [Shape((*_arc(s * 0.72, -0.55, 0.27, 0.3, -60, 240), (s * 0.72, -0.5))) for s in (-1, 1)]
    arms = [_line((s * 0.45, 0.1), (s * 0.75, -0.3), colour="body", width=0.13) for s in (-1, 1)]
    legs = [
        _line((s * 0.4, y), (s * 0.95, y + 0.22), colour="body", width=0.08) for s in (-1, 1) for y in (0.3, 0.45, 0.6)
    ]
    return [*legs, *arms, *claws, _ellipse(0, 0.32, 0.62, 0.42), *_eyes(0, 0.15, 0.2)]


def _bee() -> list[Shape]:
    wings = [_ellipse(x, -0.5, 0.28, 0.42, "light") for x in (-0.2, 0.28)]
    stripes = [_line((x, 0.1 - h), (x, 0.1 + h), width=0.15) for x, h in ((-0.25, 0.38), (0.12, 0.42), (0.48, 0.26))]
    sting = _polygon((0.68, 0), (1, 0.12), (0.68, 0.24), colour="dark")
    return [*wings, sting, _ellipse(0, 0.1, 0.75, 0.45), *stripes, _ellipse(-0.58, 0, 0.07, colour="dark")]


def _shark() -> list[Shape]:
    body = _polygon(
        (-0.98, 0.1),
        (-0.5, -0.22),
        (0.1, -0.28),
        (0.7, 0),
        (0.98, -0.4),
        (0.92, 0.45),
        (0.65, 0.2),
        (0, 0.42),
        (-0.6, 0.36),
    )
    fins = [_polygon((-0.15, -0.25), (0.15, -0.85), (0.3, -0.2)), _polygon((-0.1, 0.35), (0.2, 0.8), (0.22, 0.33))]
    teeth = _line((-0.88, 0.2), (-0.76, 0.1), (-0.68, 0.24), (-0.58, 0.12), (-0.5, 0.26), colour="light", width=0.06)
    return [*fins, body, teeth, _ellipse(-0.6, -0.03, 0.06, colour="dark")]


def _pineapple() -> list[Shape]:
    leaves = [
        _polygon((-0.2 + 0.1 * k, -0.3), (0.2 * k, -1 + 0.06 * k * k), (0.1 + 0.1 * k, -0.3), colour="second")
        for k in (-3, -1, 0, 1, 3)
    ]
    grid = [_line((-0.4, y), (0.4, y + 0.35), width=0.04) for y in (-0.15, 0.15, 0.45)]
    grid += [_line((0.4, y), (-0.4, y + 0.35), width=0.04) for y in (-0.15, 0.15, 0.45)]
    return [*leaves, _ellipse(0, 0.32, 0.52, 0.64), *grid]


_BUILDERS: tuple[Callable[[], list[Shape]], ...] = (
    *(_balloon, _book, _cup, _cake, _house, _umbrella),
    *(_flower, _fish, _cat, _mushroom, _tree, _snail),
    *(_scissors, _saw, _fork, _sword, _arrow, _anchor),
    *(_cactus, _hedgehog, _crab, _bee, _shark, _pineapple),
)

SHAPES: Mapping[str, Sequence[Shape]] = MappingProxyType(
    {build.__name__.removeprefix("_"): tuple(build()) for build in _BUILDERS}
)
"""Shapes of each object, the backmost first."""
