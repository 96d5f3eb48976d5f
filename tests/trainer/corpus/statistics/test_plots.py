"""The plots of a corpus: they are there, show what was counted, and tell nothing by colour alone."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image
from tests.trainer.corpus.making import make_corpus, make_row
from tests.trainer.corpus.statistics.counted import counted_corpus

from memelens.taxonomy import published_cells
from memelens.trainer.corpus.statistics.pair_plots import plot_fates, plot_labels, plot_rows
from memelens.trainer.corpus.statistics.plots import PLOTS, draw_plots
from memelens.trainer.corpus.statistics.size_plots import plot_cells, plot_pictures, plot_texts
from memelens.trainer.corpus.statistics.summary import Statistics, corpus_statistics
from memelens.trainer.errors import StorageError

_LEAST_COLOURED = 0.004
"""Share of pixels; less is nothing but text on a blank sheet."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Statistics:
    """Statistics of a corpus that has something of everything."""
    return corpus_statistics(counted_corpus(tmp_path_factory.mktemp("plotted"))[0])


@pytest.fixture(scope="module")
def drawn(found: Statistics, tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """Its plots, in a directory that wasn't there."""
    return draw_plots(found, tmp_path_factory.mktemp("drawn") / "deep" / "plots")


def test_each_plot_is_a_picture_of_a_readable_size(drawn: Sequence[Path]) -> None:
    """PNG files that open, wide enough for names and figures, in more than black and white."""
    assert [path.stem for path in drawn] == list(PLOTS)
    for path in drawn:
        with Image.open(path) as picture:
            assert picture.format == "PNG"
            assert 900 < picture.width < 2_000
            assert 300 < picture.height < 2_000
            pixels = np.asarray(picture.convert("RGB"))
        assert (np.ptp(pixels, axis=2) > 60).mean() > _LEAST_COLOURED, path


def test_the_same_numbers_give_the_same_files(found: Statistics, drawn: Sequence[Path], tmp_path: Path) -> None:
    """Plots of two builds can be compared byte by byte, and drawing leaves nothing behind in pyplot."""
    assert [path.read_bytes() for path in draw_plots(found, tmp_path)] == [path.read_bytes() for path in drawn]
    assert plt.get_fignums() == []


def test_a_corpus_without_pictures_and_texts_is_drawn(tmp_path: Path) -> None:
    """What isn't there is said, and nothing fails: not even where there is no row at all."""
    nothing = corpus_statistics(make_corpus(tmp_path / "corpus", [], pictures=tmp_path))
    draw_plots(nothing, tmp_path / "plots")
    assert _texts(plot_pictures(nothing)) >= {"no row has a picture"}
    assert _texts(plot_texts(nothing)) >= {"no meme has a text"}


def test_one_picture_alone_is_drawn(tmp_path: Path) -> None:
    """All pictures of one size, one language, one row: where a scale has no width of its own."""
    picture: dict[str, Any] = {
        "image": "a.png",
        "image_sha256": "ab" * 32,
        "image_width": 1,
        "image_height": 1,
        "image_bytes": 7,
    }
    rows = [make_row("Hateful_en_FHM", "a", "hateful", text="z", **picture)]
    alone = corpus_statistics(make_corpus(tmp_path / "corpus", rows, pictures=tmp_path))
    for plot in (plot_pictures, plot_texts):
        FigureCanvasAgg(plot(alone)).draw()


def test_a_place_that_cannot_be_written_is_told(found: Statistics, tmp_path: Path) -> None:
    """A file in the place of the directory is named."""
    (tmp_path / "plots").write_text("")
    with pytest.raises(StorageError, match="plots: can't be written"):
        draw_plots(found, tmp_path / "plots")


def test_all_46_pairs_have_their_place_among_the_rows(found: Statistics) -> None:
    """A pair that the corpus doesn't have is named too, with the published count."""
    figure = plot_rows(found)
    totals = figure.axes[0]
    assert len(totals.get_yticks()) == 46
    assert _texts(figure) >= {"12 of 3,544", "not in this corpus", "chosen, 3 of 3 on own template"}
    assert all(text.get_position()[0] > totals.get_xlim()[0] for text in totals.texts)  # none lies over the names
    widths = [bar.get_width() for bar in totals.patches if isinstance(bar, Rectangle)]
    assert widths == [pair.rows for pair in found.pairs.values()]


@pytest.mark.parametrize("plot", [plot_labels, plot_fates])
def test_the_shares_of_a_pair_are_its_whole(found: Statistics, plot: Callable[[Statistics], Figure]) -> None:
    """The parts of each bar add up to a hundred percent."""
    bars = [bar for bar in plot(found).axes[0].patches if isinstance(bar, Rectangle)]
    for place in range(len(found.pairs)):
        own = [bar.get_width() for bar in bars if bar.get_y() < place < bar.get_y() + bar.get_height()]
        assert sum(own) == pytest.approx(100)


def test_every_label_is_named_in_its_bar_or_beside_it(found: Statistics) -> None:
    """Nobody has to know a colour: also a label of one row in a hundred is written out."""
    shown = " ".join(_texts(plot_labels(found)))
    for pair in found.pairs.values():
        for label, sides in pair.labels.items():
            assert (f"{label} " in shown) or not any(sides.values())


def test_parts_with_a_legend_differ_in_their_hatches(found: Statistics) -> None:
    """What a legend explains is told apart without colours."""
    legend = plot_fates(found).axes[0].get_legend()
    assert legend is not None
    hatches = [patch.get_hatch() for patch in legend.get_patches()]
    assert len(set(hatches)) == len(hatches) == 5


def test_empty_cells_are_hatched_and_the_others_tell_their_rows(found: Statistics) -> None:
    """180 cells: those without rows look otherwise where the published corpus has some."""
    axes = plot_cells(found).axes[0]
    filled = [rows for cells in found.cells.values() for rows in cells.values() if rows]
    assert sorted(text.get_text() for text in axes.texts) == sorted(f"{rows:,}" for rows in filled)
    hatched = [patch for patch in axes.patches if patch.get_hatch()]
    assert len(hatched) + len(filled) == 180
    lacking = sum(
        not found.cells[task][language] for task, languages in published_cells().items() for language in languages
    )
    assert sum(patch.get_hatch() == "...." for patch in hatched) == lacking
    assert {to_hex(patch.get_facecolor()) for patch in hatched} == {"#ffffff"}


def _texts(figure: Figure) -> set[str]:
    """Everything that is written in a figure."""
    return {text.get_text() for axes in figure.axes for text in axes.texts}
