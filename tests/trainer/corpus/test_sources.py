"""sources.yaml: what a user writes, and everything that can be wrong with it, told at once."""

from pathlib import Path

import pytest

from memelens.trainer.corpus.gathering import Images
from memelens.trainer.corpus.sources import load_sources
from memelens.trainer.errors import SourcesError

HARM = "Harmful_Covid_en__HarMeme"


def write(place: Path, text: str) -> Path:
    """A file with that content, beside the folders harmeme and multi3hate."""
    for name in ("harmeme", "multi3hate", "memelens"):
        (place / name).mkdir(exist_ok=True)
    path = place / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_path_alone_is_enough(tmp_path: Path) -> None:
    """All pictures are there, all pairs are wanted; relative paths start where the file lies."""
    (one,) = load_sources(write(tmp_path, "harmeme: harmeme"))
    assert (one.name, one.root, one.images) == ("harmeme", tmp_path / "harmeme", Images.COMPLETE)
    assert len(one.pairs) == 4


def test_a_mapping_says_more(tmp_path: Path) -> None:
    """Pictures and pairs; the order is the catalogue's, whatever the file's."""
    path = write(
        tmp_path, f"multi3hate: {tmp_path}/multi3hate\nharmeme: {{path: harmeme, images: partial, pairs: [{HARM}]}}"
    )
    first, second = load_sources(path)
    assert (first.name, first.images, first.pairs) == ("harmeme", Images.PARTIAL, frozenset({HARM}))
    assert second.name == "multi3hate"


def test_the_datasets_own_files_win(tmp_path: Path) -> None:
    """The released corpus gives only the pairs that no other source gives, and says which it left."""
    own, released = load_sources(write(tmp_path, "memelens: memelens\nharmeme: harmeme"))
    assert not own.given_elsewhere
    assert released.given_elsewhere == own.pairs
    assert not released.pairs & own.pairs


def test_the_hub_is_named_with_its_revision(tmp_path: Path) -> None:
    """A path that begins with hub: is no folder."""
    (one,) = load_sources(write(tmp_path, "memelens: hub:QCRI/MemeLens@v1"))
    assert (one.root, one.hub) == (None, "QCRI/MemeLens@v1")


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    """Each thing with its place and what would be right."""
    text = """
    harmmeme: harmeme
    multi3hate: {path: nowhere, images: some}
    mami: nowhere
    memelens: {path: memelens, pairs: [Zorblax], cap: 7}
    fhm: {images: absent}
    mimic2024: [mimic2024]
    romemes: {path: harmeme, pairs: []}
    """
    with pytest.raises(SourcesError) as caught:
        load_sources(write(tmp_path, text))
    first, *lines = str(caught.value).splitlines()
    assert first == f"{tmp_path}/sources.yaml:"
    assert sorted(line.split(";")[0].split(" one of Hate")[0] for line in lines) == [
        "fhm.path: Field required",
        f"mami: there is no folder {tmp_path}/nowhere",
        "memelens.cap: no such setting",
        "memelens.pairs: Zorblax isn't",
        "mimic2024: should be a path, or a mapping such as `{path: …, images: partial}`",
        "multi3hate.images: Input should be 'complete', 'partial' or 'absent'",
        "romemes.pairs: is empty",
        "unknown source 'harmmeme'",
    ]


def test_a_pair_asked_for_twice_is_told(tmp_path: Path) -> None:
    """Which of two sources is meant has to be said."""
    text = f"harmeme: harmeme\nmemelens: {{path: memelens, pairs: [{HARM}]}}"
    with pytest.raises(SourcesError, match=f"memelens.pairs: {HARM} comes from harmeme already; take it out of one"):
        load_sources(write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "should map sources to paths"),
        ("- harmeme", "should map sources to paths"),
        ("harmeme: [", "not YAML"),
        ("harmeme:\tharmeme\n\timages: absent", "not YAML: .*character '.t'"),
        ("harmeme: {path: harmeme, images: 2026-13-45}", "not YAML: a value can't be read"),
        ("[" * 5_000, "not YAML"),
        ("harmeme: harmeme\nharmeme: multi3hate", "line 2.*'harmeme' stands twice"),
        ("harmeme: {path: harmeme, path: multi3hate}", "'path' stands twice"),
    ],
)
def test_a_file_of_another_kind_is_told(tmp_path: Path, text: str, says: str) -> None:
    """An empty file, a list, no YAML, a value that YAML can't hold, a source of which the last would be taken."""
    with pytest.raises(SourcesError, match=says):
        load_sources(write(tmp_path, text))


@pytest.mark.parametrize("folder", ["~nobody-of-that-name/x", '"a\\0b"', "circle", "sources.yaml"])
def test_a_path_that_leads_nowhere_is_told(tmp_path: Path, folder: str) -> None:
    """A home that isn't there, a NUL, a link to itself, a file: each is a folder that isn't there."""
    (tmp_path / "circle").symlink_to("circle")
    with pytest.raises(SourcesError, match=r"harmeme: there is no folder .*; correct the path, or take"):
        load_sources(write(tmp_path, f"harmeme: {folder}"))


def test_paths_may_have_blanks_and_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~/my memes` is in the user's home; anchors and merged keys are YAML's own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "my memes").mkdir()
    text = "harmeme: &shared {path: ~/my memes, images: absent}\nmulti3hate: {<<: *shared, path: multi3hate}"
    first, second = load_sources(write(tmp_path, text))
    assert (first.root, second.root) == (tmp_path / "my memes", tmp_path / "multi3hate")
    assert {first.images, second.images} == {Images.ABSENT}


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """With its path."""
    with pytest.raises(SourcesError, match=r"none.yaml: can't be read \(No such file or directory\)"):
        load_sources(tmp_path / "none.yaml")
