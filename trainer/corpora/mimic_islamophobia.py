"""MIMIC Islamophobia: hate against Muslims in English memes.

One table `image, label`; nobody has written down the text in the pictures. A suffix is often not the picture's format,
and yet names that differ in nothing else are two memes: `1.jpg` and `1.jpeg`.
"""

from collections.abc import Iterator

from .folder import Folder
from .interface import Licence, Meme, Row, Source
from .tables import read_csv

__all__ = ["SOURCE", "meme", "rows"]

_PAIR = "Hateful_en__MIMIC_Islamophpbia"  # spelled so there

SOURCE = Source(
    name="mimic_islamophobia",
    title="MIMIC: Multimodal Islamophobic Meme Identification and Classification",
    pairs=(_PAIR,),
    licence=Licence("no licence named", may_be_passed_on=False),
    citation="Islam et al., arXiv 2412.00681 (2024)",
    homepage="https://github.com/faiyazabdullah/MIMIC",
    files="dataset.csv and images/",
)


def rows(folder: Folder) -> Iterator[Row]:
    """Rows of the table."""
    found = list(read_csv(folder, folder.one("dataset.csv"), ("image", "label")))
    folder.claim(row.text("image") for row in found)
    yield from found


def meme(row: Row) -> Meme:
    """Its id is the picture's path, suffix and all."""
    image = row.id("image")
    return Meme(key=image, labels={_PAIR: row.text("label")}, image=image)
