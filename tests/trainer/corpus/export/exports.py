"""A small corpus to export, and its exports."""

from pathlib import Path
from typing import Any

import pytest
from datasets import DatasetDict, Image, load_dataset, load_from_disk
from tests.trainer.corpus.making import make_corpus, make_row, with_picture
from tests.trainer.corpus.planting import Quiet

from memelens.trainer.corpora.interface import JUDGED, Split
from memelens.trainer.corpus.export.exporting import export
from memelens.trainer.corpus.export.layouts import Layout
from memelens.trainer.corpus.export.plan import plan_export
from memelens.trainer.corpus.store import Corpus

__all__ = ["BENGALI", "EVERY_LAYOUT", "FHM", "JUDGEMENT", "KINDS", "exported", "opened", "small_corpus"]

FHM, KINDS, BENGALI = "Hateful_en_FHM", "Misogyny_Categories_hi_en__MIMIC2024", "Hateful_bn__MUTE"
JUDGEMENT = dict(zip(JUDGED, (1.0, 2.0, 3.0, 4.0, 5.0), strict=True))


EVERY_LAYOUT = pytest.mark.parametrize("layout", list(Layout))


def _opaque(number: int, pair: str) -> dict[str, str]:
    """Ids as a build makes them: they don't hold the key."""
    return {"id": f"invented-{number:016x}/{pair}", "meme": f"invented-{number:016x}"}


def _memes(pictures: Path) -> list[dict[str, Any]]:
    """Four rows on every side; keys and files say the label, as MIMIC2024's do."""
    rows = []
    for number, split in enumerate(Split):

        def row(pair: str, place: int, label: str, key: str, split: Split = split, **columns: Any) -> dict[str, Any]:
            return make_row(pair, key, label, split, **_opaque(place, pair), **columns)

        first = 4 * number
        said = f"the Zorblaxians say {number}"
        told: dict[str, Any] = {"group": f"invented/W_M_{number}", "explanation": "they wave", "judgement": JUDGEMENT}
        english = row(FHM, first, "hateful", f"W_M_{number}", text=said, **told)
        rows.append(with_picture(english, pictures, f"a{number}"))
        rows.append(
            row(KINDS, first + 1, "", f"W_K_{number}", text=f"{said} twice", labels=["prejudice", "humiliation"])
        )
        rows.append(row(KINDS, first + 2, "", f"W_NM_{number}", text=f"{said} thrice", labels=[]))
        bengali = row(BENGALI, first + 3, "not-hateful", f"W_B_{number}", text="", native_label="their word for it")
        rows.append(with_picture(bengali, pictures, f"b{number}"))
    return rows


def small_corpus(tmp_path: Path) -> Corpus:
    """A corpus of twelve rows in three pairs; its pictures lie in `pictures`, beside `corpus`."""
    return make_corpus(tmp_path / "corpus", _memes(tmp_path / "pictures"), pictures=tmp_path / "pictures")


def exported(corpus: Corpus, layout: Layout, out: Path, *, pictures: bool = True, for_own_use: bool = False) -> Path:
    """The directory of an export."""
    export(corpus, plan_export(corpus, layout, pictures=pictures, for_own_use=for_own_use), out, Quiet())
    return out


def opened(out: Path, layout: Layout, cache: Path) -> DatasetDict:
    """An export as a user opens it; pictures as their bytes."""
    if layout is Layout.DATASETS:
        found = load_from_disk(str(out))
    else:
        found = load_dataset("parquet", data_dir=str(out), cache_dir=str(cache))
    return found.cast_column("image", Image(decode=False)) if "image" in found["train"].column_names else found
