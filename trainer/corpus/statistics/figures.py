"""What the plots have in common: a blank figure, colours, text that is readable on anything.

The colours are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), told apart by colour-blind eyes.
"""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["GREEN", "GREY", "LIGHT_GREY", "ORANGE", "PURPLE", "RED", "SKY", "YELLOW", "new_figure", "write"]

ORANGE, SKY, GREEN, YELLOW, RED, PURPLE = "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#D55E00", "#CC79A7"
GREY, LIGHT_GREY = "#999999", "#DDDDDD"

_DOTS_PER_INCH = 110


def new_figure(width: float, height: float, title: str, *, panels: int = 1) -> tuple[Figure, Sequence[Axes]]:
    """A figure of so many inches with axes side by side; it belongs to no window and no other figure."""
    figure = Figure(figsize=(width, height), dpi=_DOTS_PER_INCH, layout="constrained")
    figure.suptitle(title, fontweight="bold")
    return figure, tuple(figure.subplots(1, panels, squeeze=False, sharey=True)[0])


def write(axes: Axes, x: float, y: float, text: str, size: float) -> None:
    """Text around a point, on a plate that sets it off from hatches and colours."""
    plate = {"facecolor": "white", "alpha": 0.75, "pad": 0.8, "linewidth": 0}
    axes.text(x, y, text, ha="center", va="center", fontsize=size, bbox=plate)
