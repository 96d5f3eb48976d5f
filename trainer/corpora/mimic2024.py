"""MIMIC2024: misogyny and its kinds in memes in Hindi mixed with English.

One table `FileName, ExtractedText, Misogyny, Objectification, Prejudice, Humiliation`, answers 0 and 1. The kinds are
three yes/no questions that are asked of misogynous memes only. A file's name says the label (`_M_`, `_NM_`).
"""

from collections.abc import Iterator

from .folder import Folder
from .interface import Licence, Meme, Row, Source
from .problems import RowError
from .tables import read_csv

__all__ = ["SOURCE", "meme", "rows"]

_PAIR, _KINDS_PAIR = "Misogyny_hi_en__MIMIC2024", "Misogyny_Categories_hi_en__MIMIC2024"
_KINDS = ("Objectification", "Prejudice", "Humiliation")

SOURCE = Source(
    name="mimic2024",
    title="MIMIC: Misogyny Identification in Multimodal Internet Content",
    pairs=(_PAIR, _KINDS_PAIR),
    licence=Licence("CC BY 4.0", may_be_passed_on=True),
    citation="Singh, Sharma and Singh, ACM TALLIP 2024, doi 10.1145/3656169",
    homepage="https://huggingface.co/datasets/Aakash941/MIMIC-Meme-Dataset",
    files="MIMIC2024.csv and Files/",
)


def rows(folder: Folder) -> Iterator[Row]:
    """Rows of the table."""
    yield from read_csv(folder, folder.one("MIMIC2024.csv"), ("FileName", "ExtractedText", "Misogyny", *_KINDS))


def meme(row: Row) -> Meme:
    """Kinds are a misogynous meme's own; without one of the three it is a "no" to each of them.

    No published row contradicts itself, so one that does has been damaged since.
    """
    misogynous = _yes(row, "Misogyny")
    kinds = tuple(kind for kind in _KINDS if _yes(row, kind))
    if kinds and not misogynous:
        raise RowError("isn't misogynous and yet of a kind", ", ".join(kinds))
    name = row.id("FileName")
    return Meme(
        key=name,
        labels={_PAIR: row.text("Misogyny")} | ({_KINDS_PAIR: kinds} if misogynous else {}),
        unlabelled={} if misogynous else {_KINDS_PAIR: "not misogynous, so not asked for kinds"},
        text=row.text("ExtractedText"),
        image=name,
    )


def _yes(row: Row, column: str) -> bool:
    answer = row.text(column)
    if answer not in {"0", "1"}:
        raise RowError(f"{column} should be 0 or 1", answer)
    return answer == "1"
