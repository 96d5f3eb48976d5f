"""A corpus's numbers as tables for a person, at most a hundred columns wide."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..trainer.corpus.statistics.spread import Spread
    from ..trainer.corpus.statistics.summary import PairStatistics, Statistics

__all__ = ["Table", "tables"]

_NOTHING = "—"
_SIDES = ("train", "val.", "test")
_SPREAD = ("least", "5 %", "25 %", "median", "75 %", "95 %", "most")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a title and a heading; `numbers` are the columns that hold figures, `notes` stand below."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[str]
    notes: Sequence[str] = ()


def tables(found: "Statistics") -> Iterator[Table]:
    """All of them, in the order in which they are read best."""
    yield _rows(found)
    yield _read(found)
    yield _left_out(found)
    yield _tests(found)
    yield _labels(found)
    yield _modalities(found)
    yield _languages(found)
    yield _cells(found)
    yield _texts(found)
    yield _pictures(found)
    yield _duplicates(found)
    yield _moved(found)
    yield _sources(found)


def _number(value: int | None) -> str:
    return _NOTHING if value is None else f"{value:,}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else _NOTHING


def _rows(found: "Statistics") -> Table:
    from ..taxonomy import PAIRS

    columns = (*_SIDES, "rows", "published")
    rows = []
    for one in PAIRS:
        pair = found.pairs.get(one.configuration)
        counts = map(_number, (pair.train, pair.validation, pair.test, pair.rows)) if pair else ("", "", "", _NOTHING)
        name = one.configuration if one.in_paper else f"{one.configuration} *"
        rows.append((name, *counts, _number(one.rows)))
    total = (*found.sides.values(), found.rows)
    rows.append((f"{len(found.pairs)} of {len(PAIRS)} pairs", *map(_number, total), ""))
    notes = [
        f"* not one of the {sum(one.in_paper for one in PAIRS)} pairs that the paper's means are over",
        f"published: the paper's counts after its filtering, some of them rounded; {_NOTHING} where it gives none",
        *(
            f"{' and '.join(one.pairs)}: published {one.published:,} together, here {one.rows:,}"
            for one in found.published_together
        ),
    ]
    return Table("rows by pair", ("pair", *columns), rows, columns, notes)


def _read(found: "Statistics") -> Table:
    columns = ("read", "left out", "dropped", "rows", "no picture", "placed")
    rows = [(name, *map(_number, _fate(pair))) for name, pair in found.pairs.items()]
    notes = [
        "read = left out + dropped + rows",
        "dropped: the same meme stands on a stronger side; placed: put on a side because the same meme stands there",
        "no picture: rows whose picture is named and isn't there",
    ]
    return Table("what became of the rows that were read", ("pair", *columns), rows, columns, notes)


def _fate(pair: "PairStatistics") -> tuple[int, ...]:
    left_out = sum(pair.left_out.values())
    return pair.read, left_out, pair.dropped, pair.rows, pair.without_picture, pair.placed_with_a_copy


def _left_out(found: "Statistics") -> Table:
    rows = [
        (name, reason, _number(count)) for name, pair in found.pairs.items() for reason, count in pair.left_out.items()
    ]
    return Table("why rows were left out", ("pair", "reason", "rows"), _grouped(rows), ("rows",), _none(rows))


def _none(rows: Sequence[Sequence[str]]) -> Sequence[str]:
    return () if rows else ("none",)


def _grouped(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    """For a person a pair's name stands in the first of its rows alone; a program gets it in each."""
    from .console import out

    if not out().is_terminal:
        return rows
    before = ("", *(row[0] for row in rows))
    return [("" if row[0] == name else row[0], *row[1:]) for name, row in zip(before, rows, strict=False)]


def _tests(found: "Statistics") -> Table:
    rows = [
        (
            name,
            pair.test_split,
            _number(pair.test),
            _number(pair.template_known),
            _number(pair.template_disjoint),
        )
        for name, pair in found.pairs.items()
    ]
    note = "own template: of those whose template is known, test rows on one that neither other side has"
    carved = [
        f"{name}: {memes:,} memes of the published training rows are its validation side, the authors published none"
        for name, memes in found.carved_validation.items()
        if memes
    ]
    numbers = ("rows", "template known", "own template")
    columns = ("pair", "test split", *numbers)
    return Table("test splits: official or chosen here", columns, rows, numbers, [note, *carved])


def _labels(found: "Statistics") -> Table:
    rows = [row for name, pair in found.pairs.items() if pair.rows for row in _labels_of(name, pair)]
    notes = ["percent of the rows on all sides and on each; several labels of one row count each"]
    numbers = ("rows", "all", *_SIDES)
    return Table("labels by pair, rows and percent", ("pair", "label", *numbers), _grouped(rows), numbers, notes)


def _labels_of(name: str, pair: "PairStatistics") -> Iterator[tuple[str, ...]]:
    wholes = {"train": pair.train, "validation": pair.validation, "test": pair.test}
    for label, on in pair.labels.items():
        total = sum(on.values())
        shares = (_percent(on[side], whole) for side, whole in wholes.items())
        yield name, label, _number(total), _percent(total, pair.rows), *shares


def _modalities(found: "Statistics") -> Table:
    columns = tuple(found.modalities)
    rows = [(name, *map(_number, pair.modalities.values())) for name, pair in found.pairs.items()]
    rows.append((f"{len(found.pairs)} pairs", *map(_number, found.modalities.values())))
    return Table("what rows have of a meme", ("pair", *columns), rows, columns)


def _languages(found: "Statistics") -> Table:
    columns = ("pairs", "memes", *_SIDES, "rows", *found.modalities)
    rows = []
    for code, one in found.languages.items():
        counts = (one.pairs, one.memes, one.train, one.validation, one.test, one.rows, *one.modalities.values())
        rows.append((code, *map(_number, counts)))
    return Table("languages", ("", *columns), rows, columns)


def _cells(found: "Statistics") -> Table:
    from ..taxonomy import published_cells

    published = {(task.value, one.value) for task, languages in published_cells().items() for one in languages}

    def shown(task: str, language: str, rows: int) -> str:
        return _number(rows) if rows else "○" if (task, language) in published else "·"

    languages = tuple(found.languages)
    rows = [(task, *(shown(task, *cell) for cell in cells.items())) for task, cells in found.cells.items()]
    filled = sum(rows > 0 for cells in found.cells.values() for rows in cells.values())
    notes = [
        f"{filled} of {len(rows) * len(languages)} cells have rows; the published corpus fills {len(published)}",
        "· no data; ○ no data here, the published corpus has some",
    ]
    return Table("rows by task and language", ("task", *languages), rows, languages, notes)


def _texts(found: "Statistics") -> Table:
    columns = ("memes", *_SPREAD)
    rows = [(code, *_spread(one.characters)) for code, one in found.languages.items()]
    return Table("text lengths in characters, of memes that have a text", ("", *columns), rows, columns)


def _spread(one: "Spread | None", unit: int = 1) -> tuple[str, ...]:
    if one is None:
        return "0", *(_NOTHING for _ in _SPREAD)
    values = (one.least, one.p5, one.p25, one.median, one.p75, one.p95, one.most)
    return _number(one.count), *(f"{value / unit:,.0f}" for value in values)


def _pictures(found: "Statistics") -> Table:
    columns = ("pictures", *_SPREAD)
    rows = [
        ("width, pixels", *_spread(found.pictures.width)),
        ("height, pixels", *_spread(found.pictures.height)),
        ("file, kB", *_spread(found.pictures.bytes, 1000)),
    ]
    return Table("sizes of different pictures", ("", *columns), rows, columns)


def _duplicates(found: "Statistics") -> Table:
    columns = ("equal pictures", "memes with them", "equal texts", "memes with these")
    rows = []
    for place, pictures in found.equal_bytes.items():
        texts = found.equal_text[place]
        rows.append((place, *map(_number, (pictures.groups, pictures.memes, texts.groups, texts.memes))))
    notes = [
        "equal pictures: the same bytes; equal texts: letters and digits alone, folded",
        "no picture should stand on several sides; a text may, under pictures that differ: `memelens corpus verify`",
    ]
    return Table("memes that are the same, on one side and across", ("side", *columns), rows, columns, notes)


def _moved(found: "Statistics") -> Table:
    rows = [
        (one.reason, one.dataset, one.because_of, one.before or _NOTHING, one.after or "dropped", _number(one.memes))
        for one in found.moved
    ]
    notes = _none(rows) or [f"{sum(found.moves.values()):,} memes in all"]
    columns = ("reason", "memes of", "same as in", "from", "to", "memes")
    return Table("leaks mended: what was placed or dropped, and why", columns, rows, ("memes",), notes)


def _sources(found: "Statistics") -> Table:
    pairs: Mapping[str, list[PairStatistics]] = {
        name: [pair for pair in found.pairs.values() if pair.dataset == name] for name in found.sources
    }
    rows = [
        (
            name,
            one.images,
            _number(len(pairs[name])),
            _number(sum(pair.rows for pair in pairs[name])),
            "yes" if one.may_be_passed_on else "no",
            one.licence,
        )
        for name, one in found.sources.items()
    ]
    notes = [f"{name}: {note}" for name, one in found.sources.items() for note in one.notes]
    warnings = [
        f"{name}: {count:,} rows: {warning}"
        for name, one in found.sources.items()
        for warning, count in one.warnings.items()
    ]
    columns = ("source", "pictures", "pairs", "rows", "passed on", "licence")
    return Table("sources", columns, rows, ("pairs", "rows"), [*notes, *warnings])
