"""What tests of the model share: a tiny checkpoint on disk, and one thread."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from .disk import write_checkpoint


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """With more, threads wait for one another longer than a tiny model computes."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint that nobody may change."""
    return write_checkpoint(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def folder(released: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(released, tmp_path / "tiny"))
