"""Files as bytes and text: what can't be read is told, with the remedy."""

from pathlib import Path

import pytest

from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.reading import read_bytes, read_text


def _text(root: Path, data: bytes, encoding: str = "utf-8") -> tuple[str | None, list[str]]:
    (root / "rows.csv").write_bytes(data)
    folder = Folder("invented", root)
    return read_text(folder, "rows.csv", encoding), [str(problem) for problem in folder.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_byte_order_mark_is_no_text(tmp_path: Path, encoding: str) -> None:
    """Windows' editors begin files with one in either encoding."""
    assert _text(tmp_path, "\ufeffid,佐布".encode(encoding), encoding) == ("id,佐布", [])


def test_another_encoding_is_told_by_line(tmp_path: Path) -> None:
    """Bytes that the dataset's encoding doesn't have stop the file, with the place."""
    text, problems = _text(tmp_path, "id,label,text\n1,no,a\n2,no,呵\n".encode("gb18030"))
    assert text is None
    assert problems == [
        (
            "invented: rows.csv row 3: is not in utf-8 as this dataset's files are; take the published file; the first "
            "wrong bytes: 'bac70a'"
        )
    ]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A file that isn't there, or is a directory, or is empty: a problem of that file."""
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "empty.csv").touch()
    folder = Folder("invented", tmp_path)
    assert [read_bytes(folder, name) for name in ("none.csv", "folder.csv", "empty.csv")] == [None] * 3
    assert [str(problem) for problem in folder.problems] == [
        "invented: none.csv: can't be read (No such file or directory)",
        "invented: folder.csv: can't be read (Is a directory)",
        "invented: empty.csv: is empty; is the copy complete?",
    ]
