"""Memotion's own traps: shifted rows, rows inside the addresses of others, HTML in place of text, two forms."""

from itertools import combinations
from pathlib import Path

import pytest
from tests.trainer.corpora.invented import memotion as invented
from tests.trainer.corpora.reading import read
from tests.trainer.corpora.writing import write_csv

from memelens.taxonomy import LABEL_SETS, unified_label
from memelens.trainer.corpora import memotion
from memelens.trainer.corpora.interface import Row
from memelens.trainer.corpora.problems import RowError
from memelens.trainer.corpus.records import Modality, Record

_COLUMNS = (
    *("Image_name", "Image_URL", "OCR_extracted_text", "corrected_text"),
    *("Humour", "Sarcasm", "offensive", "Motivational", "Motivational (2)"),
)
_GOOD = ("funny", "general", "slight", "motivational", "positive")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The form with addresses."""
    invented.write(tmp_path)
    return tmp_path


def _of(records: list[Record], number: int) -> list[Record]:
    return [one for one in records if one.key == invented.name_of(number)]


def _row(*cells: str) -> Row:
    return Row("data_7000_new.csv", 2, dict(zip(_COLUMNS, cells, strict=True)))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        pytest.param(1, invented.corrected(1), id="in order"),
        pytest.param(7, 'A Zorblaxian, in "quotes",\non two lines', id="in order, with a comma and a line end"),
        pytest.param(9, invented.ocr(9), id="never corrected"),
        pytest.param(12, invented.corrected(12), id="one text lost"),
        pytest.param(13, invented.corrected(13), id="both texts in one cell"),
        pytest.param(14, invented.corrected(14), id="a text in the address"),
        pytest.param(15, invented.corrected(15), id="both texts in the address"),
        pytest.param(16, "", id="both texts lost"),
        pytest.param(17, invented.corrected(17), id="swallows other rows"),
        pytest.param(18, invented.corrected(18), id="swallowed whole"),
        pytest.param(19, invented.corrected(19), id="swallowed up to its text"),
    ],
)
def test_each_meme_has_its_own_labels_and_text(root: Path, number: int, text: str) -> None:
    """Wherever a row's cells ended up, the meme gets those that were written for it."""
    records = _of(read("memotion", root)[0], number)
    assert [one.original_label for one in records] == invented.labels_of(number)
    assert {one.text for one in records} == {text}


def test_swallowed_rows_are_told_and_keep_their_lines(root: Path) -> None:
    """The user hears of it, and a row's number is the line that an editor shows."""
    records, folder, _ = read("memotion", root)
    lines = (root / "data_7000_new.csv").read_text(encoding="utf-8").split("\n")
    for number in (18, 19):
        assert all(lines[one.row - 1].startswith(one.key) for one in _of(records, number))
    assert folder.notes == ["2 rows stood inside the addresses of others: cut apart again"]


def test_html_is_no_text_and_the_picture_stays(root: Path) -> None:
    """Machine and hand gave HTML: image alone; the machine alone: the corrected text. Both are counted."""
    records, _, tally = read("memotion", root)
    assert {one.modality for one in _of(records, 11)} == {Modality.IMAGE_ONLY}
    assert {one.text for one in _of(records, 10)} == {invented.corrected(10)}
    assert tally.warnings == {"HTML in place of a text: dropped": 2, "shifted to the left: put right": 5}


@pytest.mark.parametrize("text", ["I <3 Zorblax", "5 < 7 > 6", "<insert Zorblaxian here>"])
def test_a_smaller_than_sign_is_no_html(text: str) -> None:
    """Memes are full of them."""
    found = memotion.meme(_row("1.jpg", "https://zorblax.example/1.jpg", "", text, *_GOOD))
    assert (found.text, found.warning) == (text, None)


def test_the_form_in_order_gives_the_same_labels(tmp_path: Path) -> None:
    """One dataset, two files."""
    invented.write_plain(tmp_path / "plain")
    invented.write(tmp_path / "with_addresses")
    plain, damaged = (read("memotion", tmp_path / one)[0] for one in ("plain", "with_addresses"))
    assert {(one.id, one.labels) for one in plain} == {(one.id, one.labels) for one in damaged}


def test_where_both_forms_are_the_one_in_order_is_read(root: Path) -> None:
    """Never both, and the user is told which."""
    invented.write_plain(root)
    records, folder, _ = read("memotion", root)
    assert {one.file for one in records} == {"labels.csv"}
    assert folder.problems == []
    assert folder.notes == ["data_7000_new.csv isn't read: labels.csv holds the same memes"]


def test_no_two_label_sets_share_a_spelling() -> None:
    """What the vocabulary of a cell rests on."""
    sets = ("humor", "sarcasm-degree", "offensive-hateful", "motivational", "sentiment-five")
    assert len(memotion.SOURCE.pairs) == len(sets)
    for one, other in combinations(sets, 2):
        assert not {*LABEL_SETS[one].labels} & {*LABEL_SETS[other].labels}
    raw = [word for number in range(20) for word in invented.labels_of(number)]
    for word in raw:
        assert sum(_stands_for(name, word) for name in sets) == 1


def _stands_for(name: str, word: str) -> bool:
    try:
        return unified_label(name, word) in LABEL_SETS[name].labels
    except ValueError:
        return False


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        pytest.param(
            ("o ", "c ", "funny", "generous", "slight", "motivational", "positive"), "generous", id="misspelt"
        ),
        pytest.param(("o ", "a secret text", *_GOOD[:4], "a secret text"), None, id="text in place of a label"),
        pytest.param(("o ", "c ", *_GOOD[1:], "funny"), None, id="labels in another order"),
        pytest.param((*_GOOD[:4], "", "", ""), None, id="a label lost"),
        pytest.param(("funny,general", *_GOOD[2:], "", "", ""), None, id="shifted by three"),
    ],
)
def test_what_cannot_be_put_right_is_refused(cells: tuple[str, ...], value: str | None) -> None:
    """The message shows a misspelt label, and never what can be a meme's text."""
    with pytest.raises(RowError, match="neither in their columns nor one or two to the left") as error:
        memotion.meme(_row("1.jpg", "https://zorblax.example/1.jpg", *cells))
    assert error.value.value == value
    assert "secret" not in str(error.value)


def test_a_swallowed_row_that_is_cut_off_is_told(root: Path) -> None:
    """With the line on which it stands."""
    address = f"{invented.url_of(1)},{invented.ocr(1)}\n{invented.name_of(2)},{invented.url_of(2)}"
    row = [invented.name_of(1), address, invented.ocr(2), invented.corrected(2), *_GOOD]
    heading = [*_COLUMNS[:-1], "Motivational"]
    write_csv(root / "data_7000_new.csv", [heading, row])
    records, folder, _ = read("memotion", root)
    assert [(one.file, one.row) for one in folder.problems] == [("data_7000_new.csv", 2)]
    assert {one.key for one in records} == {invented.name_of(2)}
