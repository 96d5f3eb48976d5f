"""Exports: what other programs read, what may be passed on, and what isn't in them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from datasets import Dataset, Features, Image, load_dataset, load_from_disk
from tests.trainer.corpus.export.exports import (
    BENGALI,
    EVERY_LAYOUT,
    FHM,
    JUDGEMENT,
    KINDS,
    exported,
    opened,
    small_corpus,
)
from tests.trainer.corpus.making import make_corpus, make_row

from memelens.taxonomy import Language, Task, wording
from memelens.trainer.corpora import released
from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import JUDGED, Split
from memelens.trainer.corpus.export import files
from memelens.trainer.corpus.export.layouts import Layout
from memelens.trainer.corpus.export.plan import plan_export
from memelens.trainer.corpus.gathering import Images, Tally, gather
from memelens.trainer.corpus.store import Corpus

RELEASED_COLUMNS = [
    "id",
    "image",
    "text",
    "label",
    "task_description",
    "explanation",
    "native_label",
    "native_task_description",
    "native_explanation",
    *JUDGED,
]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Twelve rows in three pairs."""
    return small_corpus(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def exports(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Mapping[Layout, Path]:
    """The corpus in each layout."""
    return {layout: exported(corpus, layout, tmp_path_factory.mktemp(layout)) for layout in Layout}


def of_corpus(corpus: Corpus, split: Split) -> Sequence[Mapping[str, Any]]:
    """The corpus' own rows of a split."""
    return list(corpus.sides[split])


def sides_of(out: Path, cache: Path) -> Sequence[Dataset]:
    """Every table of an export, whatever its layout."""
    if (out / "dataset_dict.json").exists():
        return list(load_from_disk(str(out)).values())
    return [Dataset.from_parquet(str(path), cache_dir=str(cache)) for path in sorted(out.rglob("*.parquet"))]


OWN = pytest.mark.parametrize("layout", [Layout.DATASETS, Layout.PARQUET])


@OWN
def test_rows_come_back_as_they_are(
    corpus: Corpus, exports: Mapping[Layout, Path], layout: Layout, tmp_path: Path
) -> None:
    """Opened with the `datasets` library, every row says what the corpus says, its picture's bytes inside it."""
    found = opened(exports[layout], layout, tmp_path / "cache")
    assert set(found) == {split.value for split in Split}
    for split in Split:
        for row, own in zip(found[split.value], of_corpus(corpus, split), strict=True):
            kept = {name: value for name, value in row.items() if name not in {"image", "group"}}
            assert kept == {name: own[name] for name in kept}
            picture = corpus.picture("invented", own["image"]).read_bytes() if own["image"] else None
            assert row["image"] == (picture and {"bytes": picture, "path": None})


@OWN
def test_pictures_open_by_themselves(exports: Mapping[Layout, Path], layout: Layout, tmp_path: Path) -> None:
    """The column is one of pictures: the library gives them decoded."""
    assert [side[0]["image"].size for side in sides_of(exports[layout], tmp_path / "cache")] == [(96, 96)] * 3


@EVERY_LAYOUT
def test_nothing_in_an_export_names_key_or_file(
    corpus: Corpus, exports: Mapping[Layout, Path], layout: Layout, tmp_path: Path
) -> None:
    """Neither a column nor a value, nor a group's name, nor a file beside the rows says a key or a picture's name."""
    out = exports[layout]
    rows = [row for side in sides_of(out, tmp_path / "cache") for row in side.cast_column("image", Image(decode=False))]
    assert len(rows) == 12
    assert not {"key", "file", "row"} & {name for row in rows for name in row}
    named = re.compile(rf"W_[A-Z]+_\d|invented\.csv|{re.escape(str(corpus.root.parent))}")
    assert not [row for row in rows if named.search(str(row))]
    for path in out.rglob("*"):
        assert not named.search(path.name)
        if path.suffix in {".json", ".md"}:
            assert not named.search(path.read_text(encoding="utf-8"))


def test_groups_stay_together(tmp_path: Path) -> None:
    """Rows of one group have one name in common, and no other rows have it."""
    rows = [make_row(FHM, key, "hateful", group=f"invented/{key[0]}") for key in ("a1", "b1", "a2")]
    corpus = make_corpus(tmp_path / "corpus", [*rows, make_row(FHM, "c", "hateful")], pictures=tmp_path)
    first, second, third, none = load_from_disk(str(exported(corpus, Layout.DATASETS, tmp_path / "out")))["train"][
        "group"
    ]
    assert first == third != second
    assert none is None


@EVERY_LAYOUT
def test_without_pictures(corpus: Corpus, layout: Layout, tmp_path: Path) -> None:
    """Rows are marked as text alone, those that had nothing but a picture stay away, and the card says so."""
    out = exported(corpus, layout, tmp_path / "out", pictures=False)
    assert plan_export(corpus, layout, pictures=False, for_own_use=False).pictures_alone == {"invented": 3}
    assert "3 rows have no text" in (out / "README.md").read_text(encoding="utf-8")
    if layout is Layout.RELEASED:
        rows = [row for path in out.rglob("*.parquet") for row in pq.read_table(path).to_pylist()]
        assert all(row["image"] is None for row in rows)
    else:
        sides = opened(out, layout, tmp_path / "cache").values()
        assert all("image" not in side.column_names for side in sides)
        rows = [row for side in sides for row in side]
        assert {row["modality"] for row in rows} == {"text-only"}
    assert len(rows) == 9
    assert all(row["text"] for row in rows)


def test_the_released_layout(exports: Mapping[Layout, Path]) -> None:
    """A folder for each pair, its three splits, the released columns; wording where the row brings none of its own."""
    out = exports[Layout.RELEASED]
    assert {path.name for path in out.iterdir()} == {FHM, KINDS, BENGALI, "README.md"}
    for pair in (FHM, KINDS, BENGALI):
        names = [f"{split}-00000-of-00001.parquet" for split in ("test", "train", "validation")]
        assert sorted(path.name for path in (out / pair).iterdir()) == names
    english = pq.read_table(out / FHM / "test-00000-of-00001.parquet").to_pylist()[0]
    assert list(english) == RELEASED_COLUMNS
    assert english["task_description"] == wording(Language.ENGLISH).tasks[Task.HATEFUL].definition
    assert english["native_label"] is english["native_task_description"] is None
    assert english["explanation"] == "they wave"
    assert {name: english[name] for name in JUDGED} == JUDGEMENT
    two, none = pq.read_table(out / KINDS / "train-00000-of-00001.parquet").to_pylist()
    hindi = wording(Language.HINDI)
    assert (two["label"], none["label"], none["native_label"]) == ("prejudice, humiliation", "none", None)
    assert two["native_label"] == ", ".join(hindi.label("misogyny-kinds", one) for one in ("prejudice", "humiliation"))
    assert two["native_task_description"] == hindi.tasks[Task.MISOGYNY].definition
    bengali = pq.read_table(out / BENGALI / "train-00000-of-00001.parquet").to_pylist()[0]
    assert bengali["native_label"] == "their word for it"


def test_the_released_layout_is_read_back(corpus: Corpus, exports: Mapping[Layout, Path]) -> None:
    """The released corpus' adapter gives the same rows: labels, texts, splits, pictures, explanations, judgement."""
    folder = Folder("memelens", exports[Layout.RELEASED])
    kept: list[bytes] = []

    def keep(data: bytes) -> str:
        kept.append(data)
        return str(len(kept) - 1)

    records = list(gather(released, folder, Images.PARTIAL, Tally(), keep))
    assert not folder.problems
    read = {(one.pair, one.key.rsplit("/", 1)[-1]): one for one in records}
    own = {(row["pair"], row["meme"]): row for row in corpus.rows()}
    assert len(records) == len(own) == 12
    for place, row in own.items():
        one = read[place]
        assert (one.original_split, list(one.labels), one.text) == (row["split"], row["labels"], row["text"])
        assert (one.explanation, one.modality) == (row["explanation"], row["modality"])
        assert one.judgement == {name: mark for name, mark in row["judgement"].items() if mark is not None}
        if row["image"]:
            assert kept[int(one.image or -1)] == corpus.picture("invented", row["image"]).read_bytes()


def test_each_pair_is_a_configuration(exports: Mapping[Layout, Path], tmp_path: Path) -> None:
    """The card's head tells the library where each pair's files are, in both ways of asking."""
    out = exports[Layout.RELEASED]
    for found in (
        load_dataset(str(out), BENGALI, cache_dir=str(tmp_path / "one")),
        load_dataset("parquet", data_dir=str(out / BENGALI), cache_dir=str(tmp_path / "other")),
    ):
        assert {split: len(rows) for split, rows in found.items()} == {split.value: 1 for split in Split}
        assert found["test"][0]["label"] == "not-hateful"


@EVERY_LAYOUT
def test_a_split_without_rows(layout: Layout, tmp_path: Path) -> None:
    """The others can be read, and the released corpus' adapter sees no gap."""
    rows = [make_row(FHM, "a", "hateful"), make_row(FHM, "b", "hateful", Split.TEST)]
    corpus = make_corpus(tmp_path / "corpus", rows, pictures=tmp_path)
    out = exported(corpus, layout, tmp_path / "out")
    if layout is Layout.RELEASED:
        folder = Folder("memelens", out)
        assert len(list(released.rows(folder))) == 2
        assert not folder.problems
        found = load_dataset(str(out), FHM, cache_dir=str(tmp_path / "cache"))
    else:
        found = opened(out, layout, tmp_path / "cache")
    assert {split: len(side) for split, side in found.items() if len(side)} == {"train": 1, "test": 1}


@pytest.fixture
def shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Corpus:
    """A corpus of fifty rows where files are full after a dozen, and groups in them after four."""
    monkeypatch.setattr(files, "_GROUP_ROWS", 4)
    monkeypatch.setattr(files, "_SHARD_BYTES", 3_000)
    rows = [make_row(FHM, f"a{number:02d}", "hateful") for number in range(50)]
    return make_corpus(tmp_path / "corpus", rows, pictures=tmp_path)


@OWN
def test_large_sides_come_in_shards(shards: Corpus, layout: Layout, tmp_path: Path) -> None:
    """The files' names say how many there are, and rows keep their order over them."""
    out = exported(shards, layout, tmp_path / "out")
    names = sorted(path.stem for path in out.rglob("*-of-*") if "train" in path.relative_to(out).as_posix())
    assert len(names) > 3
    assert [name[-14:] for name in names] == [f"{number:05d}-of-{len(names):05d}" for number in range(len(names))]
    ids = [one for side in sides_of(out, tmp_path / "cache") for one in side["id"]]
    assert ids == [row["id"] for row in shards.rows()]


def test_row_groups_stay_small(shards: Corpus, tmp_path: Path) -> None:
    """Who reads one row needn't read many."""
    out = exported(shards, Layout.PARQUET, tmp_path / "out")
    shown = [pq.ParquetFile(path) for path in out.rglob("*.parquet")]
    groups = [file.metadata.row_group(one).num_rows for file in shown for one in range(file.num_row_groups)]
    assert max(groups) == 4


def test_exports_arent_taken_for_one_another(corpus: Corpus, exports: Mapping[Layout, Path], tmp_path: Path) -> None:
    """The library caches what it computed for a dataset: two exports, and two sides, are never the same one to it."""
    other = exported(corpus, Layout.DATASETS, tmp_path / "out")
    sides = [side for out in (exports[Layout.DATASETS], other) for side in load_from_disk(str(out)).values()]
    assert len({side._fingerprint for side in sides}) == 6


def test_pictures_are_written_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a group's pictures are ever in memory together, however many there are."""
    monkeypatch.setattr(files, "_GROUP_BYTES", 1_000)
    features = Features({"image": Image()})
    size = {"taken": 0}

    def rows() -> Iterator[Mapping[str, Any]]:
        for _ in range(40):
            size["taken"] += 1
            yield {"image": {"bytes": bytes(300), "path": None}}

    taken = []
    for table in files._tables(rows(), features):
        assert len(table) == 4
        taken.append(size["taken"])
    assert taken == list(range(4, 41, 4))
