"""Plots over the whole corpus: rows by task and language, lengths of texts, sizes of pictures."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from numpy.typing import NDArray

from ....taxonomy import Language, Task, published_cells
from .figures import GREY, RED, SKY, new_figure, write
from .spread import Spread
from .summary import Statistics

__all__ = ["plot_cells", "plot_pictures", "plot_texts"]

_SMALL = 8
_FEW, _MANY = 100, 100_000
"""Rows between which a cell's colour changes."""
_MEGAPIXELS = (0.01, 0.1, 0.3, 1, 3, 10)
_ROUND = [first * 10**zeros for zeros in range(6) for first in (1, 2, 3, 5, 7)]
"""What an axis is labelled with: matplotlib's own labels of a logarithmic one are powers of ten."""
_TILES = 60  # across a picture plot


def plot_cells(found: Statistics) -> Figure:
    """Rows by task and language; a cell without any is hatched."""
    figure, (axes,) = new_figure(10, 9.5, "Rows by task and language")
    rows = np.array([list(cells.values()) for cells in found.cells.values()])
    norm = LogNorm(_FEW, _MANY, clip=True)
    image = axes.imshow(np.ma.masked_equal(rows, 0), cmap="viridis", norm=norm, aspect="auto")
    figure.colorbar(image, label="rows (logarithmic)", extend="both", shrink=0.6, format="{x:,.0f}")
    for (y, x), count in np.ndenumerate(rows):
        if count:
            dark = norm(count) < 0.5
            axes.text(x, y, f"{count:,}", ha="center", va="center", fontsize=_SMALL, color="white" if dark else "black")
    _mark_empty(axes, rows, list(found.cells), list(found.languages))
    axes.set_xticks(range(rows.shape[1]), [_named(one) for one in found.languages], fontsize=_SMALL)
    axes.set_yticks(range(rows.shape[0]), list(found.cells))
    axes.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    return figure


def _mark_empty(axes: Axes, rows: NDArray[np.int64], tasks: list[str], languages: list[str]) -> None:
    published = published_cells()
    for y, x in np.argwhere(rows == 0).tolist():
        lacking = Language(languages[x]) in published[Task(tasks[y])]
        axes.add_patch(_hatched(Rectangle((x - 0.5, y - 0.5), 1, 1), lacking=lacking))
    handles = [
        _hatched(Patch(label="no data"), lacking=False),
        _hatched(Patch(label="no data here, published ones exist"), lacking=True),
    ]
    axes.legend(handles=handles, loc="upper left", bbox_to_anchor=(0, 0), ncols=2, frameon=False, handlelength=3)


def _hatched(patch: Patch, *, lacking: bool) -> Patch:
    if lacking:
        patch.set(facecolor="white", edgecolor=RED, hatch="....", linewidth=1.5)
    else:
        patch.set(facecolor="white", edgecolor=GREY, hatch="////", linewidth=0.5)
    return patch


def plot_texts(found: Statistics) -> Figure:
    """Characters of the texts of each language's memes: half of them in the box, nine of ten between the whiskers."""
    spreads = {code: one.characters for code, one in found.languages.items() if one.characters}
    figure, (axes,) = new_figure(10, 1.8 + 0.5 * max(len(spreads), 3), "Lengths of texts by language")
    if not spreads:
        return _without(figure, axes, "no meme has a text")
    boxes = [_box(one, f"{_named(code)}, {one.count:,} memes") for code, one in spreads.items()]
    axes.bxp(
        boxes,
        orientation="horizontal",
        showfliers=False,
        patch_artist=True,
        boxprops={"facecolor": SKY},
        medianprops={"color": "black", "linewidth": 2},
    )
    for place, one in enumerate(spreads.values(), 1):
        axes.text(one.median, place + 0.32, f"{one.median:,}", ha="center", va="top", fontsize=_SMALL)
    axes.set(
        xscale="log", xlabel="characters (logarithmic): box 25 to 75 %, line and figure median, whiskers 5 to 95 %"
    )
    _label(axes.xaxis)
    axes.invert_yaxis()
    axes.grid(axis="x", alpha=0.3)
    return figure


def _label(axis: Axis) -> None:
    least, most = axis.get_view_interval()
    shown = [number for number in _ROUND if least <= number <= most]
    axis.set_ticks(shown, labels=[f"{number:,}" for number in shown])
    axis.set_ticks([], minor=True)


def _box(one: Spread, label: str) -> dict[str, object]:
    return {"label": label, "med": one.median, "q1": one.p25, "q3": one.p75, "whislo": one.p5, "whishi": one.p95}


def plot_pictures(found: Statistics) -> Figure:
    """Different pictures by width and height, with lines of equal numbers of pixels."""
    figure, (axes,) = new_figure(9, 8, "Sizes of different pictures")
    if not len(found.picture_sizes):
        return _without(figure, axes, "no row has a picture")
    width, height, count = found.picture_sizes.T
    least, most = found.picture_sizes[:, :2].min() / 1.5, found.picture_sizes[:, :2].max() * 1.5
    edges = np.geomspace(least, most, _TILES + 1)
    density, _, _ = np.histogram2d(width, height, bins=(edges, edges), weights=count)
    norm = LogNorm(1, max(density.max(), 10))
    mesh = axes.pcolormesh(edges, edges, np.ma.masked_equal(density.T, 0), cmap="viridis", norm=norm)
    figure.colorbar(mesh, label="pictures (logarithmic)", shrink=0.7, format="{x:,.0f}")
    _guide(axes, edges)
    axes.set(xscale="log", yscale="log", xlim=(least, most), ylim=(least, most), aspect="equal")
    axes.set(xlabel=f"width in pixels (logarithmic), {count.sum():,} pictures", ylabel="height in pixels (logarithmic)")
    _label(axes.xaxis)
    _label(axes.yaxis)
    return figure


def _guide(axes: Axes, edges: NDArray[np.float64]) -> None:
    """Lines that sizes are read against: square pictures, and so many megapixels."""
    axes.plot(edges, edges, ":", color=RED)
    write(axes, edges[-8], edges[-8], "square", _SMALL)
    for megapixels in _MEGAPIXELS:
        x = np.sqrt(megapixels * 1e6) * 1.5
        if edges[0] < x / 2.25 and x < edges[-1]:
            axes.plot(edges, megapixels * 1e6 / edges, "--", color=RED)
            write(axes, x, megapixels * 1e6 / x, f"{megapixels:g} Mpx", _SMALL)


def _without(figure: Figure, axes: Axes, why: str) -> Figure:
    axes.set_axis_off()
    axes.text(0.5, 0.5, why, ha="center", transform=axes.transAxes)
    return figure


def _named(language: str) -> str:
    return f"{Language(language).name.capitalize()} ({language})"
