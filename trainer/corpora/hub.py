"""Datasets on the hub: brought onto this disk, as far as they aren't yet."""

from collections.abc import Iterable
from pathlib import Path

from ...model.errors import HubError
from ...model.hub import fetch_snapshot
from ..errors import SourcesError

__all__ = ["download"]


def download(repository: str, revision: str | None, pairs: Iterable[str] | None = None) -> Path:
    """Folder with the parquet files of a dataset repository, in the hub's own cache.

    `pairs`: only the folders of these configurations are fetched (all of the released corpus are 88 GB). What is there
    already isn't fetched again, and what an interruption left half done is finished.

    Raises:
        SourcesError: there is no such repository or revision, its terms aren't accepted, the hub can't be reached.
    """
    asked = f"dataset {repository}@{revision}" if revision else f"dataset {repository}"
    wanted = ["*.parquet"] if pairs is None else [f"*{pair}/*.parquet" for pair in sorted(pairs)]
    try:
        return fetch_snapshot("dataset", repository, revision, wanted)
    except HubError as error:
        raise SourcesError(f"{asked}: {error}") from error
