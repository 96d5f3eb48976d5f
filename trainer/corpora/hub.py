"""Datasets on the hub: brought onto this disk, as far as they aren't yet."""

from collections.abc import Iterable
from pathlib import Path

from ..errors import SourcesError

__all__ = ["download"]


def download(repository: str, revision: str | None, pairs: Iterable[str] | None = None) -> Path:
    """Folder with the parquet files of a dataset repository, in the hub's own cache.

    `pairs`: only the folders of these configurations are fetched (all of the released corpus are 88 GB). What is there
    already isn't fetched again, and what an interruption left half done is finished.

    Raises:
        SourcesError: there is no such repository or revision, its terms aren't accepted, the hub can't be reached.
    """
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only where something is downloaded
    from huggingface_hub.errors import (  # noqa: PLC0415 - as above
        GatedRepoError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    asked = f"dataset {repository}@{revision}" if revision else f"dataset {repository}"
    wanted = ["*.parquet"] if pairs is None else [f"*{pair}/*.parquet" for pair in sorted(pairs)]
    try:
        return Path(snapshot_download(repository, repo_type="dataset", revision=revision, allow_patterns=wanted))
    except GatedRepoError as error:
        raise SourcesError(f"{asked}: accept its terms on the hub, then set HF_TOKEN") from error
    except RepositoryNotFoundError as error:
        raise SourcesError(f"{asked}: there is no such dataset on the hub") from error
    except RevisionNotFoundError as error:
        raise SourcesError(f"{asked}: the repository has no such revision") from error
    except Exception as error:  # a malformed id, a broken connection, a full disk: the client raises of all kinds
        remedy = "check the network and the space on the disk, or give a local folder"
        raise SourcesError(f"{asked}: can't be downloaded ({type(error).__name__}); {remedy}") from error
