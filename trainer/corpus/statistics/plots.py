"""The plots of a corpus as PNG files.

Colours are of Okabe and Ito's palette or of viridis, and none tells anything alone: figures and hatches say it too.
Figures are made without pyplot: nothing is shared with a notebook or with another thread.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..storing import replacing
from .pair_plots import plot_fates, plot_labels, plot_rows
from .size_plots import plot_cells, plot_pictures, plot_texts
from .summary import Statistics

__all__ = ["PLOTS", "draw_plots"]

PLOTS: Mapping[str, Callable[[Statistics], Figure]] = MappingProxyType(
    {
        "rows": plot_rows,
        "labels": plot_labels,
        "modality": plot_fates,
        "cells": plot_cells,
        "texts": plot_texts,
        "pictures": plot_pictures,
    }
)
"""Each plot by the name of its file."""


def draw_plots(found: Statistics, place: Path) -> tuple[Path, ...]:
    """Write all plots into a directory, which is made; those that are there are replaced.

    Raises:
        StorageError: the directory can't be written.
    """
    paths = {name: place / f"{name}.png" for name in PLOTS}
    for name, path in paths.items():
        with replacing(path) as draft:
            # without the metadata the same numbers give the same file whatever version draws them
            FigureCanvasAgg(PLOTS[name](found)).print_png(draft, metadata={"Software": None})
    return tuple(paths.values())
