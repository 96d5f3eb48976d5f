"""MET-Meme's own traps: two files for each language, GB18030 or Excel, keys that differ."""

from pathlib import Path

import pytest
from tests.trainer.corpora.invented import met_meme as invented
from tests.trainer.corpora.reading import read
from tests.trainer.corpora.writing import write_csv


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A whole invented copy."""
    invented.write(tmp_path)
    return tmp_path


def _write(root: Path, name: str, table: list[list[str]], encoding: str = "gb18030") -> None:
    write_csv(root / name, table, encoding=encoding, line_end="\r\n")


def _tables(language: str) -> tuple[list[list[str]], list[list[str]]]:
    labels, texts = invented.tables(language)
    return [list(row) for row in labels], [list(row) for row in texts]


def test_labels_and_text_meet_by_name(root: Path) -> None:
    """The two files of a language stand in different orders."""
    texts = {row[0]: row[1] for language in ("en", "zh") for row in invented.tables(language)[1]}
    records = read("met_meme", root)[0]
    assert {one.key.partition("/")[2]: one.text for one in records} == {
        name: text for name, text in texts.items() if "name" not in name
    }


def test_excel_gives_what_csv_gives(root: Path) -> None:
    """The dataset is published in both."""
    from_csv = read("met_meme", root)[0]
    for table in root.glob("*.csv"):
        table.unlink()
    invented.write_excel(root)
    from_excel, folder, _ = read("met_meme", root)
    assert folder.problems == []
    assert [(one.id, one.labels, one.text, one.row) for one in from_excel if one.language == "en"] == [
        (one.id, one.labels, one.text, one.row) for one in from_csv if one.language == "en"
    ]
    assert {one.text for one in from_excel} == {one.text for one in from_csv}


def test_a_bare_chinese_intention_is_expressive(root: Path) -> None:
    """Two published rows have a phrase in place of a number and a word."""
    records = [one for one in read("met_meme", root)[0] if one.original_label == "表达情感"]
    assert [(one.pair, one.labels) for one in records] == [("intention_detection_zh__MET_Meme", ("expressive",))]


@pytest.mark.parametrize(("letter", "missing"), [("E", "zh"), ("C", "en")])
def test_one_language_is_enough(root: Path, letter: str, missing: str) -> None:
    """The other one is told as a note."""
    for table in root.glob("*.csv"):
        if letter not in table.stem.split("_"):
            table.unlink()
    records, folder, _ = read("met_meme", root)
    assert folder.problems == []
    assert folder.notes == [f"the {missing} part isn't in this copy"]
    assert missing not in {one.language for one in records}


@pytest.mark.parametrize("name", ["C_text.csv", "E_text.csv"])
def test_half_of_a_language_is_told(root: Path, name: str) -> None:
    """A language that is there has both files."""
    (root / name).unlink()
    (problem,) = read("met_meme", root)[1].problems
    assert problem.file == f"{name} or {name.removesuffix('csv')}xlsx"
    assert "there is no such file" in problem.text


def test_csv_beside_excel_is_told(root: Path) -> None:
    """Nobody can say which of the two is meant."""
    invented.write_excel(root)
    problems = read("met_meme", root)[1].problems
    assert len(problems) == 4
    assert all("there are several" in one.text and "keep one" in one.text for one in problems)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("name", ["C_text.csv", "label_C.csv"])
def test_utf_8_is_told(root: Path, name: str, encoding: str) -> None:
    """GB18030 would make other characters of most of it: a copy that was saved again is refused."""
    labels, texts = _tables("zh")
    _write(root, name, texts if name == "C_text.csv" else labels, encoding)
    problems = [one for one in read("met_meme", root)[1].problems if one.file == name]
    assert "is in UTF-8, not in gb18030" in problems[0].text


def test_another_encoding_is_told_with_its_line(root: Path) -> None:
    """Bytes that mean nothing in GB18030."""
    (root / "C_text.csv").write_bytes(b"images_name,text\r\nImage_(1).jpg,\xff\xff\r\n")
    problem = next(one for one in read("met_meme", root)[1].problems if one.file == "C_text.csv")
    assert (problem.row, problem.value) == (2, "ffff0d0a")
    assert problem.text.startswith("is not in gb18030 as this dataset's files are")


def test_rows_of_one_file_alone_are_told_once_a_file(root: Path) -> None:
    """A label without text and a text without labels are problems, each with its row."""
    labels, texts = _tables("en")
    _write(root, "label_E.csv", [*labels, ["image_ (77).jpg", *labels[1][1:]]])
    _write(root, "E_text.csv", [*texts, ["image_ (88).jpg", "Zorblax!"], ["image_ (99).jpg", "Zorblax!"]])
    records, folder, _ = read("met_meme", root)
    assert [(one.file, one.row, one.value) for one in folder.problems] == [
        ("label_E.csv", 9, "image_ (77).jpg"),
        ("E_text.csv", 9 + sum(row[1].count("\n") for row in texts), "image_ (88).jpg"),
    ]
    assert len(records) == 5 * (7 + 8)


def test_a_key_that_is_there_twice_is_told(root: Path) -> None:
    """Either file holds each picture once."""
    labels, texts = _tables("zh")
    _write(root, "label_C.csv", [*labels, labels[1]])
    _write(root, "C_text.csv", [*texts, [texts[1][0], "Zorblax!"]])
    problems = read("met_meme", root)[1].problems
    assert [(one.file, one.value) for one in problems] == [("label_C.csv", labels[1][0]), ("C_text.csv", texts[1][0])]


def test_an_unknown_label_is_told_with_its_row(root: Path) -> None:
    """Dataset, file, row and value."""
    labels, _ = _tables("en")
    labels[4][1] = "8(zorblaxed)"
    _write(root, "label_E.csv", labels)
    (problem,) = read("met_meme", root)[1].problems
    assert str(problem).startswith("met_meme: label_E.csv row 5: unknown label of emotion '8(zorblaxed)'")
