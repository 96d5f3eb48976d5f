"""One corpus of all the real files beside the checkout: read where they lie, never copied."""

from pathlib import Path

import pytest
from tests.trainer.corpus.built import build, write_sources
from tests.trainer.corpus.planting import Quiet

from memelens.trainer.corpus.store import Corpus
from memelens.trainer.corpus.verifying import verify

pytestmark = [pytest.mark.corpus, pytest.mark.slow]

RAW = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "raw"
IMAGES = {
    "armeme": "absent",
    "bangla_abuse_meme": "absent",
    "harmeme": "partial",
    "met_meme": "absent",
    "mimic2024": "absent",
    "mimic_islamophobia": "partial",
    "multi3hate": "complete",
    "romemes": "absent",
}
# Rows in the datasets' own files, by the pair that stands for all of a file's rows.
READ = {
    "propoganda_ar_ArMeme": 2_143 + 312,
    "abuse_bn__BanglaAbuseMeme": 30,
    "Harmful_Covid_en__HarMeme": 3_013 + 177 + 354,
    "metaphor_occurrence_zh__MET_Meme": 6_045,
    "Misogyny_hi_en__MIMIC2024": 5_054,
    "Hateful_en__MIMIC_Islamophpbia": 953,
    "Hateful_en__Multi3Hate": 300,
    "Hateful_es__Multi3Hate": 300,
    "Hateful_hi__Multi3Hate": 300,
    "deepfake_ro__RoMemes": 462,
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Everything that is there."""
    if not RAW.is_dir():
        pytest.skip(f"the real datasets aren't there: put them at {RAW}")
    place = tmp_path_factory.mktemp("real")
    sources = write_sources(place, {name: {"path": str(RAW / name), "images": said} for name, said in IMAGES.items()})
    return build(sources, place / "corpus")


def test_every_row_of_the_files_is_accounted_for(corpus: Corpus) -> None:
    """As many are read as the files hold; each stands in the corpus, was left out for a reason, or was dropped."""
    counts = corpus.manifest.pairs
    assert {pair: counts[pair].read for pair in READ} == READ
    for pair in counts.values():
        assert pair.read == pair.rows + pair.dropped + sum(pair.left_out.values())
    assert counts["Harmful_Covid_en__HarMeme"].test == 354
    assert counts["Hateful_en__MIMIC_Islamophpbia"].left_out == {
        "neither picture nor text": 792,
        "the same row again": 1,
    }
    assert counts["metaphor_occurrence_zh__MET_Meme"].left_out == {"neither picture nor text": 228}


def test_built_twice_it_is_the_same_and_leaks_nothing(corpus: Corpus) -> None:
    """The second build has the first one's content hash; the independent check finds nothing in it."""
    before = corpus.manifest.content_hash
    again = build(corpus.root.parent / "sources.yaml", corpus.root)
    assert again.manifest.content_hash == before
    found = verify(again, Quiet(), quick=False, jobs=1)
    assert found.crossings == found.findings == 0
    assert sum(found.memes.values()) == 18_141
