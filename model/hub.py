"""Snapshots from the Hugging Face hub, and its refusals as sentences."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from .errors import HubError

__all__ = ["fetch_snapshot"]


_Kind = Literal["model", "dataset"]

_UNKNOWN: Mapping[_Kind, str] = MappingProxyType(
    {
        "model": "neither a local folder nor a repository on the hub",
        "dataset": "there is no such dataset on the hub",
    }
)
_REMEDY: Mapping[_Kind, str] = MappingProxyType(
    {
        "model": "check the network, or give a local folder",
        "dataset": "check the network and the space on the disk, or give a local folder",
    }
)


def fetch_snapshot(kind: _Kind, repository: str, revision: str | None, patterns: Sequence[str]) -> Path:
    """Folder with a repository's files of these patterns, in the hub's own cache; what is there isn't fetched again.

    Raises:
        HubError: no such repository or revision, its terms aren't accepted, the hub can't be reached; without the name
            of what was asked for.
    """
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - only where something is downloaded
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError  # noqa: PLC0415 - as above

    try:
        return Path(snapshot_download(repository, repo_type=kind, revision=revision, allow_patterns=list(patterns)))
    except GatedRepoError as error:
        raise HubError("accept its terms on the hub, then set HF_TOKEN") from error
    except RepositoryNotFoundError as error:
        raise HubError(_UNKNOWN[kind]) from error
    except RevisionNotFoundError as error:
        raise HubError("the repository has no such revision") from error
    except Exception as error:  # a malformed id, a broken connection, a full disk: the client raises of all kinds
        raise HubError(f"can't be downloaded ({type(error).__name__}); {_REMEDY[kind]}") from error
