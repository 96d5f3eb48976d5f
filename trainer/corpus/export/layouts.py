"""In which layouts a corpus is exported."""

from enum import StrEnum

__all__ = ["Layout"]


class Layout(StrEnum):
    """What reads the files: `datasets.load_from_disk`, anything that reads parquet, what reads the released corpus."""

    DATASETS = "datasets"
    PARQUET = "parquet"
    RELEASED = "released"
