"""Files on a disk: whole, or as they were."""

from contextlib import suppress
from pathlib import Path

import pytest

from memelens.trainer.corpus.storing import replacing
from memelens.trainer.errors import StorageError


def test_a_file_is_replaced_in_the_end(tmp_path: Path) -> None:
    """Folders are made; until the last step the old file is there."""
    path = tmp_path / "deep" / "page"
    for content in ("old", "new"):
        with replacing(path) as draft:
            draft.write_text(content)
            assert content == "old" or path.read_text() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize("fault", [KeyboardInterrupt, ValueError])
def test_an_interruption_leaves_the_old_file(tmp_path: Path, fault: type[BaseException]) -> None:
    """And nothing beside it."""
    path = tmp_path / "page"
    path.write_text("old")
    with suppress(fault), replacing(path) as draft:
        draft.write_text("half of a")
        raise fault
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("page", "old")]


@pytest.mark.parametrize("name", ["folder", "."])
def test_a_folder_isnt_replaced(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, and nothing is written."""
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with (
        pytest.raises(
            StorageError,
            match=rf"^{name}: can't be written \(Is a directory\); make it writable, or name another place",
        ),
        replacing(Path(name)),
    ):
        pytest.fail("there is a file to write")
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]
