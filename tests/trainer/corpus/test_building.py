"""A corpus from invented datasets in their published formats: counts add up, nothing crosses, no fault leaves half."""

import importlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from filelock import FileLock
from tests.servers.waiting import eventually
from tests.trainer.corpora.writing import write_json_lines, write_picture
from tests.trainer.corpus.built import build, write_sources
from tests.trainer.corpus.planting import Quiet

from memelens.taxonomy import PAIRS
from memelens.trainer.corpora.catalogue import ADAPTERS
from memelens.trainer.corpora.interface import Split
from memelens.trainer.corpus.store import Corpus
from memelens.trainer.corpus.verifying import verify
from memelens.trainer.errors import CorpusError, RawDataError, SourcesError


@pytest.fixture(scope="module")
def every_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """sources.yaml for the invented files of every dataset."""
    place = tmp_path_factory.mktemp("sources")
    for name in ADAPTERS:
        (place / name).mkdir()
        importlib.import_module(f"tests.trainer.corpora.invented.{name}").write(place / name)
    return write_sources(place, {name: name for name in ADAPTERS})


@pytest.fixture(scope="module")
def corpus(every_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The corpus of all of them."""
    return build(every_source, tmp_path_factory.mktemp("corpus"))


def test_every_pair_is_there_and_counts_add_up(corpus: Corpus) -> None:
    """All 46; what was read is what was left out, dropped, and stands on the three sides."""
    assert {*corpus.manifest.pairs} == {pair.configuration for pair in PAIRS}
    stands = Counter((row["pair"], row["split"]) for row in corpus.rows("pair", "split"))
    for pair, counts in corpus.manifest.pairs.items():
        assert counts.read == sum(counts.left_out.values()) + counts.dropped + counts.rows
        assert (counts.train, counts.validation, counts.test) == tuple(stands[pair, side.value] for side in Split)


def test_published_test_rows_are_all_there(corpus: Corpus) -> None:
    """No test row is moved or dropped, and none is added to a published test split."""
    for row in corpus.rows("original_split", "split"):
        assert (row["original_split"] == "test") <= (row["split"] == "test")
    assert {row["original_split"] for row in corpus.sides[Split.TEST]} <= {"test", None}


def test_no_group_and_no_picture_stands_on_two_sides(corpus: Corpus) -> None:
    """What is the same beyond doubt has one side, over all datasets, tasks and languages."""
    for column in ("group", "image_sha256", "meme"):
        sides: dict[str, set[str]] = {}
        for row in corpus.rows(column, "split"):
            if row[column] is not None:
                sides.setdefault(row[column], set()).add(row["split"])
        assert sides
        assert all(len(found) == 1 for found in sides.values()), column


def test_the_independent_check_finds_nothing(corpus: Corpus) -> None:
    """Every row is what it says, and no meme stands on two sides."""
    found = verify(corpus, Quiet(), quick=False, jobs=1)
    assert found.findings == 0
    assert sum(found.memes.values()) == len({row["meme"] for row in corpus.rows("meme")})


def test_a_corpus_opens_with_the_datasets_library(corpus: Corpus) -> None:
    """Its directory is a DatasetDict on disk."""
    from datasets import load_from_disk

    found = load_from_disk(str(corpus.root))
    assert sum(len(side) for side in found.values()) == sum(pair.rows for pair in corpus.manifest.pairs.values())


def test_pictures_from_inside_rows_go_where_the_corpus_goes(every_source: Path, tmp_path: Path) -> None:
    """Of the released corpus they are kept in the directory, and found there after it was moved."""
    released = every_source.parent / "memelens"
    build(write_sources(tmp_path, {"memelens": str(released)}), tmp_path / "corpus")
    moved = Corpus((tmp_path / "corpus").rename(tmp_path / "moved"))
    rows = [row for row in moved.rows("dataset", "image") if row["image"]]
    assert rows
    assert all(moved.picture(row["dataset"], row["image"]).is_file() for row in rows)


def test_built_twice_it_is_the_same(every_source: Path, corpus: Corpus, tmp_path: Path) -> None:
    """One content hash, whatever the order of the file; another seed chooses other sides."""
    backwards = yaml.safe_load(every_source.read_text(encoding="utf-8"))
    again = write_sources(tmp_path, {name: str(every_source.parent / name) for name in reversed([*backwards])})
    assert build(again, tmp_path / "again").manifest.content_hash == corpus.manifest.content_hash
    assert build(again, tmp_path / "other", seed=14).manifest.content_hash != corpus.manifest.content_hash


def test_a_second_build_opens_only_what_changed(tmp_path: Path) -> None:
    """What is known of pictures stays with the corpus: a file of the same size and time isn't opened again."""
    sources = harm(tmp_path, {"train": many("a", 3), "val": many("b", 2), "test": many("c", 2)})
    before = build(sources, tmp_path / "corpus").manifest
    picture = tmp_path / "harmeme/Harm-C/images/a1.png"
    status = picture.stat()
    picture.write_bytes(bytes(status.st_size))
    os.utime(picture, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert build(sources, tmp_path / "corpus").manifest == before
    picture.touch()
    with pytest.raises(RawDataError, match=r"a1\.png"):
        build(sources, tmp_path / "corpus")


def harm(root: Path, rows: Mapping[str, list[tuple[str, str]]]) -> Path:
    """Harm-C with these (id, text) in its files; a picture for each id."""
    for name in ("train", "val", "test"):
        lines = [
            {"id": one, "image": f"{one}.png", "labels": ["not harmful"], "text": text}
            for one, text in rows.get(name, [])
        ]
        write_json_lines(root / "harmeme" / "Harm-C" / f"{name}.jsonl", lines)
        for line in lines:
            write_picture(root / "harmeme" / "Harm-C" / "images" / str(line["image"]), content=str(line["id"]))
    return write_sources(root, {"harmeme": "harmeme"})


def many(word: str, count: int) -> list[tuple[str, str]]:
    """Rows with texts that have nothing in common."""
    return [(f"{word}{number}", f"{word} {number} " * 3 + chr(0x4E00 + number) * 9) for number in range(count)]


def test_a_training_row_that_is_a_test_meme_is_dropped(tmp_path: Path) -> None:
    """Saved once more and read with other letters, it is found, dropped, and said with the row that it repeats."""
    rows = {"train": many("a", 6), "val": many("b", 2), "test": many("c", 2)}
    rows["train"].append(("copy", "c 0 c 0 c 0 " + chr(0x4E00) * 8))
    sources = harm(tmp_path, rows)
    images = tmp_path / "harmeme/Harm-C/images"
    write_picture(images / "copy.png", content="c0", kind="JPEG")
    corpus = build(sources, tmp_path / "corpus")
    assert corpus.manifest.pairs["Harmful_Covid_en__HarMeme"].dropped == 1
    (move,) = [json.loads(line) for line in (corpus.root / "moves.jsonl").read_text().splitlines()]
    test_meme = {row["key"]: row["meme"] for row in corpus.rows("key", "meme")}["Harm-C/c0"]
    assert (move["before"], move["after"], move["because"]) == ("train", None, test_meme)
    assert corpus.manifest.moves == {move["reason"]: 1}


def test_everything_wrong_in_all_sources_is_told_and_the_old_corpus_stays(tmp_path: Path) -> None:
    """A build that stops leaves what was there before, whole."""
    sources = harm(tmp_path, {"train": many("a", 6), "val": many("b", 2), "test": many("c", 2)})
    before = build(sources, tmp_path / "corpus").manifest
    train = tmp_path / "harmeme/Harm-C/train.jsonl"
    train.write_text(train.read_text().replace("not harmful", "mostly harmless"))
    with pytest.raises(RawDataError) as caught:
        build(sources, tmp_path / "corpus")
    assert len(caught.value.problems) == 6
    assert "harmeme: Harm-C/train.jsonl row 1: unknown label of harmful 'mostly harmless'" in str(caught.value)
    assert Corpus(tmp_path / "corpus").manifest == before


def test_a_half_copied_picture_is_told_with_its_row(tmp_path: Path) -> None:
    """A truncated file is a problem of the row that names it."""
    sources = harm(tmp_path, {"train": many("a", 3), "val": many("b", 2), "test": many("c", 2)})
    picture = tmp_path / "harmeme/Harm-C/images/a1.png"
    picture.write_bytes(picture.read_bytes()[:200])
    with pytest.raises(
        RawDataError, match=r"harmeme: Harm-C/train.jsonl row 2: its picture: .*: 'Harm-C/images/a1.png'"
    ):
        build(sources, tmp_path / "corpus")


def test_two_builds_in_one_directory_are_refused(tmp_path: Path) -> None:
    """The second says so, and touches nothing."""
    sources = harm(tmp_path, {"train": many("a", 3), "val": many("b", 2), "test": many("c", 2)})
    (tmp_path / "corpus").mkdir()
    with FileLock(tmp_path / "corpus" / ".lock"), pytest.raises(SourcesError, match="another build is at work there"):
        build(sources, tmp_path / "corpus")


@pytest.mark.parametrize("name", ["train", "test", "moves.jsonl", "pictures"])
def test_a_directory_with_something_else_is_left_alone(tmp_path: Path, name: str) -> None:
    """A dataset's own `train`, say: a build would replace it, so it is refused, and the next time as well."""
    sources = harm(tmp_path, {"train": many("a", 3), "val": many("b", 2), "test": many("c", 2)})
    (tmp_path / "out" / name).mkdir(parents=True)
    precious = tmp_path / "out" / name / "precious"
    precious.write_text("kept")
    for _ in range(2):
        with pytest.raises(SourcesError, match=f"out: holds {name} and no corpus; .*: name another directory"):
            build(sources, tmp_path / "out")
    assert [*(tmp_path / "out").rglob("*")] == [precious.parent, precious]


@pytest.mark.parametrize("out", ["harmeme", "harmeme/Harm-C/corpus"])
def test_a_corpus_goes_into_no_datasets_folder(tmp_path: Path, out: str) -> None:
    """The next build would find the corpus' files among the dataset's own."""
    sources = harm(tmp_path, {"train": many("a", 3), "val": many("b", 2), "test": many("c", 2)})
    with pytest.raises(SourcesError, match=f"{out}: lies in the folder of harmeme; name a directory outside of it"):
        build(sources, tmp_path / out)
    assert not [*tmp_path.rglob(".lock")]


def test_a_file_is_no_directory_for_a_corpus(tmp_path: Path) -> None:
    """It is named, with what would be right."""
    sources = harm(tmp_path, {"train": many("a", 3), "val": many("b", 2), "test": many("c", 2)})
    with pytest.raises(SourcesError, match=r"sources\.yaml: is a file; name a directory"):
        build(sources, sources)


def test_a_directory_without_a_finished_corpus_is_none(tmp_path: Path) -> None:
    """Half a build isn't read by anything."""
    with pytest.raises(CorpusError, match="holds no corpus, or one whose build wasn't finished"):
        Corpus(tmp_path)


def command(sources: Path, out: Path, before: str = "") -> subprocess.Popen[str]:
    """`memelens corpus build` as a process of its own."""
    program = f"{before}\nimport sys; sys.argv[0] = 'memelens'\nfrom memelens.cli import main; main()"
    arguments = ["corpus", "build", "--sources", str(sources), "--out", str(out), "--jobs", "2"]
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_a_build_that_was_stopped_goes_on(tmp_path: Path, ending: signal.Signals) -> None:
    """Killed or stopped while it looks at pictures, the next one ends with the same corpus and keeps what was found."""
    rows = {"train": many("a", 400), "val": many("b", 2), "test": many("c", 2)}
    sources = harm(tmp_path, rows)
    out = tmp_path / "corpus"
    process = command(sources, out)
    eventually(lambda: _some(out) or process.poll() is not None, "a picture is known")
    process.send_signal(ending)
    _, said = process.communicate(timeout=60)
    known = _some(out)
    assert not (out / "corpus.json").exists(), said
    assert 0 < known < 404
    assert ("the same command goes on" in said) == (ending is signal.SIGINT)
    assert "Traceback" not in said

    stopped = build(sources, out)
    assert stopped.manifest.content_hash == build(sources, tmp_path / "undisturbed").manifest.content_hash
    assert not (out / ".building").exists()


def _some(out: Path) -> int:
    """How many pictures are known there."""
    try:
        with sqlite3.connect(f"file:{out}/fingerprints.sqlite?mode=ro", uri=True) as database:
            return int(database.execute("SELECT count(*) FROM fingerprints").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


@pytest.mark.slow
def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    """Where no file may grow any more, the build stops with the file's name and what to do, and goes on with room."""
    sources = harm(tmp_path, {"train": many("a", 300), "val": many("b", 2), "test": many("c", 2)})
    limit = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))"
    )
    process = command(sources, tmp_path / "corpus", limit)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1, said
    assert "Traceback" not in said
    assert "run again" in said.splitlines()[-1]
    assert build(sources, tmp_path / "corpus").manifest.pairs["Harmful_Covid_en__HarMeme"].rows == 304


def test_a_corpus_of_another_version_is_told(corpus: Corpus, tmp_path: Path) -> None:
    """A manifest in a format that isn't known is not guessed at."""
    manifest = json.loads((corpus.root / "corpus.json").read_text(encoding="utf-8"))
    (tmp_path / "corpus.json").write_text(json.dumps(manifest | {"format": 2}), encoding="utf-8")
    with pytest.raises(CorpusError, match="no manifest that this version understands; build the corpus again"):
        Corpus(tmp_path)
