"""In which layouts a corpus is exported. Alone in its file: a command's help names them, and loads nothing for that."""

from enum import StrEnum

__all__ = ["Layout"]


class Layout(StrEnum):
    """What reads the files: `datasets.load_from_disk`, anything that reads parquet, what reads the released corpus."""

    DATASETS = "datasets"
    PARQUET = "parquet"
    RELEASED = "released"
