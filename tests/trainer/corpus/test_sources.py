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
        "multi3hate.images: should be one of complete, partial, absent",
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
    ],
)
def test_a_file_of_another_kind_is_told(tmp_path: Path, text: str, says: str) -> None:
    """An empty file, a list, no YAML."""
    with pytest.raises(SourcesError, match=says):
        load_sources(write(tmp_path, text))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """With its path."""
    with pytest.raises(SourcesError, match=r"none.yaml: can't be read \(No such file or directory\)"):
        load_sources(tmp_path / "none.yaml")
