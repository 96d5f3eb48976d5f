"""Plots with a bar for each pair: rows beside the published counts, labels, and what became of what was read."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ....taxonomy import PAIRS
from ...corpora.interface import Split
from ..records import Modality
from .figures import GREEN, GREY, LIGHT_GREY, ORANGE, PURPLE, RED, SKY, YELLOW, new_figure, write
from .summary import PairStatistics, Statistics

__all__ = ["plot_fates", "plot_labels", "plot_rows"]

_INCHES_A_BAR = 0.27
_SMALL = 7.5
_LETTER = 0.65  # percent of a bar


@dataclass(frozen=True, slots=True)
class _Look:
    colour: str
    hatch: str = ""


_SIDES: Mapping[str, _Look] = {
    Split.TRAIN: _Look(SKY),
    Split.VALIDATION: _Look(ORANGE, "////"),
    Split.TEST: _Look(GREEN, "...."),
}
_FATES: Mapping[str, _Look] = {
    Modality.MULTIMODAL: _Look(SKY),
    Modality.TEXT_ONLY: _Look(ORANGE, "////"),
    Modality.IMAGE_ONLY: _Look(GREEN, "...."),
    "left out": _Look(LIGHT_GREY, "\\\\\\\\"),
    "dropped as a copy": _Look(PURPLE, "xxxx"),
}
_LABELS = (LIGHT_GREY, SKY, ORANGE, GREEN, YELLOW, PURPLE, RED)
"""By place in the label set; each label's name is written into its part."""


def plot_rows(found: Statistics) -> Figure:
    """Rows of each of the 46 pairs beside the published count, and how they are shared out between the sides."""
    figure, (totals, shares) = _bars(len(PAIRS), "Rows by pair, and their sides", panels=2)
    fewest = min((pair.rows for pair in found.pairs.values() if pair.rows), default=10)
    totals.set(xscale="log", xlim=(10 ** math.floor(math.log10(fewest)), 1_000_000))
    totals.set(xlabel="rows (logarithmic); * not one of the paper's 38 pairs")
    for place, one in enumerate(PAIRS):
        pair = found.pairs.get(one.configuration)
        _total(totals, place, pair.rows if pair else None, one.rows)
        if pair:
            _stack(shares, place, {side: getattr(pair, side) for side in _SIDES}, _SIDES)
            shares.text(101, place, _about_the_test(pair), va="center", fontsize=_SMALL)
    _name_pairs(totals, [one.configuration if one.in_paper else f"{one.configuration} *" for one in PAIRS])
    totals.xaxis.set_major_formatter("{x:,.0f}")
    _explain(totals, [Patch(color=GREY, label="this corpus"), _published(totals, [], [])])
    _explain(shares, _patches(_SIDES))
    _in_percent(shares, "percent of the rows")
    shares.text(101, -1, "test split", va="center", fontsize=_SMALL, fontweight="bold")
    return figure


def _published(axes: Axes, rows: Sequence[int], places: Sequence[int]) -> Line2D:
    (line,) = axes.plot(rows, places, "D", color="black", markersize=4, label="published")
    return line


def _total(axes: Axes, place: int, rows: int | None, published: int | None) -> None:
    if rows:
        axes.barh(place, rows, color=GREY, height=0.7)
    if published:
        _published(axes, [published], [place])
    here = "not in this corpus" if rows is None else f"{rows:,}"
    told = f"{here} of {published:,}" if published and rows is not None else here
    beside = max(rows or 0, published or 0, axes.get_xlim()[0])
    axes.text(beside * 1.25, place, told, va="center", fontsize=_SMALL)


def _about_the_test(pair: PairStatistics) -> str:
    chosen = "official" if pair.official_test else "chosen"
    known = pair.template_known
    return f"{chosen}, {pair.template_disjoint:,} of {known:,} on own template" if known else chosen


def plot_labels(found: Statistics) -> Figure:
    """Shares of the labels of each pair, in the order of its set."""
    pairs = {name: pair for name, pair in found.pairs.items() if pair.rows}
    figure, (axes,) = _bars(len(pairs), "Labels by pair, in percent of all labels given", panels=1)
    for place, pair in enumerate(pairs.values()):
        counts = {label: sum(on.values()) for label, on in pair.labels.items()}
        looks = {label: _Look(colour) for label, colour in zip(counts, _LABELS, strict=False)}
        unwritten = _stack(axes, place, counts, looks, named=True)
        axes.text(101, place, ", ".join(unwritten), va="center", fontsize=_SMALL)
    _name_pairs(axes, list(pairs))
    _in_percent(axes, "percent; labels too rare for their name are named beside the bar")
    return figure


def plot_fates(found: Statistics) -> Figure:
    """What became of the rows that were read: what they have of a meme, or why they aren't in the corpus."""
    figure, (axes,) = _bars(len(found.pairs), "What became of the rows that were read", panels=1)
    for place, pair in enumerate(found.pairs.values()):
        gone = {"left out": sum(pair.left_out.values()), "dropped as a copy": pair.dropped}
        unwritten = _stack(axes, place, {**pair.modalities, **gone}, _FATES)
        axes.text(101, place, ", ".join([f"{pair.read:,} read", *unwritten]), va="center", fontsize=_SMALL)
    _name_pairs(axes, list(found.pairs))
    _explain(axes, _patches(_FATES))
    _in_percent(axes, "percent of the rows that were read")
    return figure


def _bars(bars: int, title: str, *, panels: int) -> tuple[Figure, Sequence[Axes]]:
    figure, axes = new_figure(15, 2 + _INCHES_A_BAR * bars, title, panels=panels)
    for one in axes:
        one.spines[["top", "right", "left"]].set_visible(False)
        one.tick_params(axis="y", length=0)
    return figure, axes


def _name_pairs(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names, fontsize=_SMALL)
    axes.set_ylim(len(names) - 0.4, -0.6)


def _in_percent(axes: Axes, of: str) -> None:
    axes.set(xlim=(0, 140), xlabel=of)
    axes.set_xticks(range(0, 101, 20))


def _patches(looks: Mapping[str, _Look]) -> Sequence[Artist]:
    return [
        Patch(facecolor=look.colour, hatch=look.hatch, edgecolor="white", label=name) for name, look in looks.items()
    ]


def _explain(axes: Axes, handles: Sequence[Artist]) -> None:
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=len(handles),
        frameon=False,
        fontsize=_SMALL,
        handlelength=3,
        handleheight=1.3,
    )


def _stack(
    axes: Axes, place: int, counts: Mapping[str, int], looks: Mapping[str, _Look], *, named: bool = False
) -> list[str]:
    """One bar of shares, each with its percents written in it, and its name; those too narrow for it come back."""
    whole = sum(counts.values())
    left, unwritten = 0.0, []
    for name, count in counts.items():
        if not count:
            continue
        share = 100 * count / whole
        percent = f"{share:.0f}" if share >= 1 else "under 1"
        told = f"{name} {percent} %"
        written = told if named else percent
        look = looks[name]
        axes.barh(place, share, left=left, color=look.colour, hatch=look.hatch, edgecolor="white", height=0.8)
        if share >= (len(written) + 1) * _LETTER:
            write(axes, left + share / 2, place, written, _SMALL - 0.5)
        else:
            unwritten.append(told)
        left += share
    return unwritten
