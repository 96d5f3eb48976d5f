"""A dataset's folder: what lies in it is found wherever it lies, what can't be used is told."""

import os
from pathlib import Path

import pytest
from tests.trainer.corpora.writing import write_csv

from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.problems import RowError


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder whose dataset is called `invented`."""
    return Folder("invented", tmp_path)


def _touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def test_files_are_found_wherever_they_lie(folder: Folder) -> None:
    """By the end of their path; two of one name, or none, are told."""
    write_csv(folder.root / "data" / "captions" / "en.csv", [["id"]])
    write_csv(folder.root / "old" / "en.csv", [["id"]])
    assert folder.one("captions/en.csv") == "data/captions/en.csv"
    assert folder.one("en.csv") is None
    assert folder.one("de.csv") is None
    assert [problem.text[:14] for problem in folder.problems] == ["there are seve", "there is no su"]


def test_a_picture_is_found_by_name(folder: Folder) -> None:
    """Its folder narrows the search, a suffix may lie, two of one name are told, nothing outside is found."""
    _touch(folder.root, "memes/en/Chief Zorblax/7.jpg", "memes/es/Chief Zorblax/7.jpg", "memes/en/other/8.webp")
    assert folder.picture("memes/en/7.jpg") == "memes/en/Chief Zorblax/7.jpg"
    assert folder.picture("8.png") == "memes/en/other/8.webp"
    assert folder.picture("memes/de/7.jpg") is None
    with pytest.raises(RowError, match="several pictures are called so"):
        folder.picture("7.jpg")
    with pytest.raises(RowError, match="leads out of the folder"):
        folder.picture("../secret.jpg")


@pytest.mark.parametrize(
    "name", ["img/1.jpg", "img\\1.jpg", ".\\img\\1.jpg", "./img/1.jpg", "/img/1.jpg", "img//1.jpg", "1.JPG"]
)
def test_a_path_may_be_spelled_in_any_way(folder: Folder, name: str) -> None:
    """With the slashes of another system, from a root, through the folder itself."""
    _touch(folder.root, "img/1.jpg")
    assert folder.picture(name) == "img/1.jpg"


@pytest.mark.parametrize(
    "name", ["", ".", "/", "img", "img/", "2.jpg", "C:\\img\\1.jpg", "a\0b", "a" * 5_000, "/etc/passwd", "folder.jpg"]
)
def test_what_names_no_picture_is_none(folder: Folder, name: str) -> None:
    """Neither a crash nor a file outside, nor a folder that is called like a picture."""
    _touch(folder.root, "img/1.jpg", "folder.jpg/other.png")
    assert folder.picture(name) is None


@pytest.mark.parametrize("name", ["..", "../1.jpg", "..\\1.jpg", "img/../../1.jpg"])
def test_a_path_that_leads_out_is_refused(folder: Folder, name: str) -> None:
    """Whatever lies there."""
    with pytest.raises(RowError, match="leads out of the folder"):
        folder.picture(name)


def test_hidden_files_are_none_of_a_dataset(folder: Folder) -> None:
    """Systems leave their own between the published ones."""
    _touch(folder.root, "train.csv", "._train.csv", ".cache/train.csv")
    assert folder.one("train.csv") == "train.csv"


def test_links_to_folders_are_followed_once(folder: Folder, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Pictures may lie on another disk; a link that leads back or to what is there already shows nothing twice."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    _touch(elsewhere, "2.jpg")
    _touch(folder.root, "img/1.jpg")
    for name, target in (("more", elsewhere), ("again", elsewhere), ("back", folder.root), ("a", folder.root / "img")):
        (folder.root / name).symlink_to(target)
    assert folder.find("*.jpg") == ["again/2.jpg", "img/1.jpg"]
    assert folder.problems == []


def test_a_name_that_is_not_utf_8_is_told(folder: Folder) -> None:
    """Once, that of a folder for all in it, in words that can be printed; the other files are found."""
    names = [os.fsdecode(name) for name in (b"M\xe9mes/2.jpg", b"M\xe9mes/3.jpg", b"img/Z\xfcrich.jpg")]
    _touch(folder.root, "img/1.jpg", *names)
    assert folder.find("*.jpg") == ["img/1.jpg"]
    assert [(problem.file, problem.text[:29]) for problem in folder.problems] == [
        ("M\\xe9mes", "this name is not in UTF-8, as"),
        ("img/Z\\xfcrich.jpg", "this name is not in UTF-8, as"),
    ]


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """It isn't taken for an empty one."""
    folder = Folder("invented", tmp_path / "gone")
    assert folder.find("*.jpg") == []
    assert [str(problem) for problem in folder.problems] == ["invented: .: can't be read (No such file or directory)"]
