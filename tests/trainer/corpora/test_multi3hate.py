"""Multi3Hate's own traps: one meme in five languages, joined by id over three places, languages that aren't there."""

import shutil
from pathlib import Path

import pytest
from tests.trainer.corpora.invented import multi3hate as invented
from tests.trainer.corpora.reading import read

from memelens.trainer.corpora import multi3hate
from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import Row
from memelens.trainer.corpora.problems import RowError
from memelens.trainer.corpus.gathering import Images


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A whole invented copy."""
    invented.write(tmp_path)
    return tmp_path


def _drop(root: Path, language: str, *, captions: bool = True, memes: bool = True) -> None:
    if captions:
        (root / "data/captions" / f"{language}.csv").unlink()
    if memes:
        shutil.rmtree(root / "data/memes" / language)


def test_a_meme_is_one_group_in_all_languages(root: Path) -> None:
    """The same id in five languages is the same meme: a split never parts it."""
    groups: dict[str, set[str]] = {}
    for one in read("multi3hate", root)[0]:
        assert one.group is not None
        groups.setdefault(one.group, set()).add(one.language)
    assert groups == {f"multi3hate/{number}": {"de", "en", "es", "hi", "zh"} for number in ("0", "1", "17", "203")}


def test_each_country_judges_its_own_language(root: Path) -> None:
    """US, DE, MX, CN, IN stand for en, de, es, zh, hi."""
    records = {(one.key): one.labels for one in read("multi3hate", root)[0]}
    found = {language: records[f"{language}/203"] for language in ("en", "de", "es", "zh", "hi")}
    hateful = {language for language, labels in found.items() if labels == ("hateful",)}
    assert hateful == {"es", "hi"}  # 00101


def test_pictures_are_found_by_id(root: Path) -> None:
    """Folders spell templates in their own way, and one id has a picture in each language."""
    images = {one.key: one.image for one in read("multi3hate", root)[0]}
    assert images["hi/17"] == "data/memes/hi/Queen-Of-Zorblaxia/17.jpg"
    assert images["en/1"] == "data/memes/en/Waving-Zorblax/1.jpg"


def test_two_spellings_are_one_template(root: Path) -> None:
    """Templates are named alike over captions and folders."""
    assert {one.template for one in read("multi3hate", root)[0]} == {
        "multi3hate/waving zorblax",
        "multi3hate/queen of zorblaxia",
    }
    values = {"language": "en", "US": "1", "Meme ID": "3", "Translation": "a", "Template Name": "Queen-Of-Zorblaxia"}
    assert multi3hate.meme(Row("captions/en.csv", 2, values)).template == "queen of zorblaxia"


def test_captions_are_lines(root: Path) -> None:
    """`<sep>` parts top from bottom; a side without a caption, empty or `<emp>`, is no line."""
    texts = {one.key: one.text for one in read("multi3hate", root)[0]}
    assert texts["de/0"] == "Zorblaxians, grüßt\nthey wave"
    assert texts["zh/1"] == "Zorblaxians\nthey wave, 你好"
    assert texts["es/17"] == "the queen, saluda"
    assert texts["hi/203"] == "the queen, नमस्ते"


def test_languages_that_are_not_there_are_noted(root: Path) -> None:
    """Two of five missing altogether is a smaller copy, not a broken one."""
    _drop(root, "de")
    _drop(root, "zh")
    records, folder, _ = read("multi3hate", root)
    assert folder.problems == []
    assert [note.split()[0] for note in folder.notes] == ["de", "zh"]
    assert {one.language for one in records} == {"en", "es", "hi"}


def test_pictures_without_captions_are_told(root: Path) -> None:
    """Half of a language is a broken copy."""
    _drop(root, "hi", memes=False)
    (problem,) = read("multi3hate", root)[1].problems
    assert problem.file == "captions/hi.csv"
    assert "there is no such file" in problem.text


def test_captions_without_pictures_are_told_unless_declared(root: Path) -> None:
    """Complete is what the user says of all languages; absent makes them text-only."""
    _drop(root, "hi", captions=False)
    (problem,) = read("multi3hate", root)[1].problems
    assert problem.file == "data/captions/hi.csv"
    assert "4 of its 4 pictures" in problem.text
    assert read("multi3hate", root, Images.ABSENT)[1].problems == []


def test_memes_in_one_table_alone_are_told(root: Path) -> None:
    """A caption that nobody judged and a judgement without a caption, each with its file, row and id."""
    captions = root / "data/captions/en.csv"
    captions.write_text(captions.read_text(encoding="utf-8").replace("\n17,", "\n18,"), encoding="utf-8")
    records, folder, _ = read("multi3hate", root)
    told = {(one.file, one.row, one.value) for one in folder.problems}
    assert told == {("data/captions/en.csv", 3, "18"), ("data/final_annotations.csv", 4, "17")}
    assert len(records) == 19


def test_a_meme_that_is_judged_twice_is_told(root: Path) -> None:
    """Two lines of one id are no choice to be made silently."""
    annotations = root / "data/final_annotations.csv"
    annotations.write_text(annotations.read_text(encoding="utf-8") + "17,0,0,0,0,0\n", encoding="utf-8")
    (problem,) = read("multi3hate", root)[1].problems
    assert (problem.row, problem.value) == (6, "17")


def test_a_language_that_is_not_wanted_is_not_read(root: Path) -> None:
    """What is wrong with it is nobody's business then, and it isn't noted."""
    _drop(root, "de")
    (root / "data/captions/hi.csv").write_bytes(b"\xff\xfe")
    folder = Folder("multi3hate", root, pairs=frozenset({"Hateful_en__Multi3Hate"}))
    assert {row.file for row in multi3hate.rows(folder)} == {"data/captions/en.csv"}
    assert (folder.problems, folder.notes) == ([], [])


def test_a_row_of_another_language_is_refused() -> None:
    """Five languages, no sixth."""
    values = {"language": "xx", "US": "1", "Meme ID": "3", "Translation": "a", "Template Name": "b"}
    with pytest.raises(RowError, match="no language of Multi3Hate"):
        multi3hate.meme(Row("captions/xx.csv", 2, values))
