"""What a row's values are taken for."""

import pytest

from memelens.trainer.corpora.interface import Row
from memelens.trainer.corpora.problems import RowError


def _row(value: object) -> Row:
    return Row("rows.jsonl", 1, {"value": value})


@pytest.mark.parametrize(
    ("value", "text"), [("", ""), ("None", "None"), ("00100001", "00100001"), (17, "17"), (1.0, "1.0"), (0, "0")]
)
def test_text_is_as_it_is_written(value: object, text: str) -> None:
    """Empty strings and zeros stay; a number has its own spelling."""
    assert _row(value).text("value") == text


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        (True, "true"),
        (["a secret"], "a list"),
        ({"a": "secret"}, "an object"),
        (float("nan"), "the number nan"),
    ],
)
def test_what_is_no_text_is_told_and_not_shown(value: object, kind: str) -> None:
    """It can be a meme's text in the wrong form: the message says which form."""
    with pytest.raises(RowError, match=f"^value should be text and is {kind}$") as error:
        _row(value).text("value")
    assert error.value.value is None


@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_an_id_is_not_blank(value: str) -> None:
    """A row that has lost its id isn't kept under an empty one."""
    with pytest.raises(RowError, match=r"^value is empty$"):
        _row(value).id("value")
    assert _row(" 7 ").id("value") == " 7 "


@pytest.mark.parametrize(("value", "kind"), [("a secret", "text"), (["a", 1], "a list"), (None, "null")])
def test_a_list_of_texts_is_nothing_else(value: object, kind: str) -> None:
    """Neither one text nor a list with a number in it."""
    with pytest.raises(RowError, match=f"^value should be a list of texts and is {kind}$"):
        _row(value).many("value")


def test_a_missing_value_is_told() -> None:
    """By its name."""
    with pytest.raises(RowError, match="the row has no 'text'"):
        _row(1).text("text")
