"""What tests of a built corpus share: rows with nothing wrong, and where their pictures lie."""

from pathlib import Path

import pytest
from tests.trainer.corpus.planting import Rows, clean_rows


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where pictures lie."""
    return tmp_path / "pictures"


@pytest.fixture
def clean(pictures: Path) -> Rows:
    """Rows with nothing wrong."""
    return clean_rows(pictures)
