"""The published files themselves, read where they lie, never copied: as many labels as were counted in them."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.trainer.corpora.reading import PAIR_OF, read

from memelens.taxonomy import unified_label
from memelens.trainer.corpora.catalogue import adapter
from memelens.trainer.corpora.folder import Folder
from memelens.trainer.corpora.interface import Meme
from memelens.trainer.corpus.gathering import Images

pytestmark = pytest.mark.corpus

_RAW = Path(__file__).parents[4] / "shared/corpus/raw"

# Source, what the copy has of its pictures, labels of each pair.
_EXPECTED: Mapping[str, tuple[Images, Mapping[str, Mapping[str, int]]]] = {
    "harmeme": (
        Images.PARTIAL,
        {
            "Harmful_Covid_en__HarMeme": {"not-harmful": 2_295, "partially-harmful": 1_036, "very-harmful": 213},
            "Target_Covid_en__HarMeme": {
                "none": 2_295,
                "individual": 582,
                "community": 327,
                "society": 265,
                "organization": 75,
            },
        },
    ),
    "multi3hate": (
        Images.COMPLETE,
        {
            "Hateful_en__Multi3Hate": {"not-hateful": 146, "hateful": 154},
            "Hateful_es__Multi3Hate": {"not-hateful": 133, "hateful": 167},
            "Hateful_hi__Multi3Hate": {"not-hateful": 120, "hateful": 180},
        },
    ),
    "romemes": (
        Images.ABSENT,
        {
            "deepfake_ro__RoMemes": {"real": 293, "fake": 153, "deepfake": 16},
            "political_ro__RoMemes": {"not-political": 315, "political": 147},
            "emotion_ro__RoMemes": {
                "love": 14,
                "fear": 38,
                "anger": 79,
                "joy": 87,
                "sadness": 106,
                "surprise": 138,
            },
            "sentiment_ro__RoMemes": {"negative": 221, "neutral": 152, "positive": 89},
        },
    ),
}


@pytest.mark.parametrize("name", _EXPECTED)
def test_labels_are_as_many_as_published(name: str) -> None:
    """Nothing is wrong with the real files, and each pair has exactly the labels that were counted by hand."""
    root = _RAW / name
    if not root.is_dir():
        pytest.skip(f"the real files aren't there: put {name}'s at {root}")
    images, expected = _EXPECTED[name]
    records, folder, _ = read(name, root, images)
    assert folder.problems == []
    found: dict[str, Counter[str]] = {}
    for one in records:
        found.setdefault(one.pair, Counter()).update(one.labels)
    assert found == expected


# Source without pictures, rows without text, labels of each pair over all rows.
_WITHOUT_TEXT: Mapping[str, tuple[int, Mapping[str, Mapping[str, int]]]] = {
    "bangla_abuse_meme": (
        30,
        {
            "abuse_bn__BanglaAbuseMeme": {"not-abusive": 18, "abusive": 12},
            "sarcasm_bn__BanglaAbuseMeme": {"not-sarcasm": 12, "sarcasm": 18},
            "sentiment_bn__BanglaAbuseMeme": {"negative": 21, "neutral": 7, "positive": 2},
            "vulgar_bn__BanglaAbuseMeme": {"not-vulgar": 19, "vulgar": 11},
        },
    ),
    "met_meme": (
        228,
        {
            "intention_detection_zh__MET_Meme": {
                "interactive": 1_729,
                "expressive": 2_712 + 2,
                "entertaining": 560,
                "offensive": 1_002,
                "other": 40,
            },
            "metaphor_occurrence_zh__MET_Meme": {"literal": 3_717, "metaphorical": 2_328},
            "offensiveness_detection_zh__MET_Meme": {
                "not-offensive": 4_751,
                "slightly-offensive": 655,
                "moderately-offensive": 419,
                "very-offensive": 220,
            },
            "sentiment_category_zh__MET_Meme": {
                "happiness": 1_481,
                "love": 1_123,
                "anger": 987,
                "sorrow": 1_178,
                "fear": 210,
                "hate": 681,
                "surprise": 385,
            },
            "sentiment_degree_zh__MET_Meme": {"slightly": 2_982, "moderately": 2_357, "very": 706},
        },
    ),
}


@pytest.mark.parametrize("name", _WITHOUT_TEXT)
def test_rows_of_which_nothing_is_there_are_read_and_counted(name: str) -> None:
    """All rows have the published labels; where neither picture nor text is there, the row is left out and counted."""
    root = _RAW / name
    if not root.is_dir():
        pytest.skip(f"the real files aren't there: put {name}'s at {root}")
    without_text, expected = _WITHOUT_TEXT[name]
    folder = Folder(name, root)
    memes = [adapter(name).meme(row) for row in adapter(name).rows(folder)]
    assert folder.problems == []
    found: dict[str, Counter[str]] = {}
    for meme in memes:
        assert isinstance(meme, Meme)
        for pair, raw in meme.labels.items():
            found.setdefault(pair, Counter())[unified_label(PAIR_OF[pair].label_set, str(raw))] += 1
    assert found == expected
    assert read(name, root, Images.ABSENT)[2].left_out == {
        pair: {"neither picture nor text": without_text} for pair in expected
    }


def test_mimic2024_has_its_published_answers() -> None:
    """Kinds of misogynous rows alone, several of some, one of none; without text and picture a row is left out."""
    root = _RAW / "mimic2024"
    if not root.is_dir():
        pytest.skip(f"the real files aren't there: put mimic2024's at {root}")
    pair, kinds_pair = adapter("mimic2024").SOURCE.pairs
    memes = [adapter("mimic2024").meme(row) for row in adapter("mimic2024").rows(Folder("mimic2024", root))]
    labels = [meme.labels for meme in memes if isinstance(meme, Meme)]
    assert Counter(one[pair] for one in labels) == {"0": 2_539, "1": 2_515}
    kinds = [one[kinds_pair] for one in labels if kinds_pair in one]
    assert Counter(kind for one in kinds for kind in one) == {
        "Objectification": 1_493,
        "Prejudice": 919,
        "Humiliation": 393,
    }
    assert Counter(min(len(one), 2) for one in kinds) == {0: 1, 1: 2_226, 2: 288}
    _, folder, tally = read("mimic2024", root, Images.ABSENT)
    assert folder.problems == []
    assert tally.left_out == {
        pair: {"neither picture nor text": 148},
        kinds_pair: {"not misogynous, so not asked for kinds": 2_539, "neither picture nor text": 106},
    }


def test_mimic_islamophobia_has_its_published_labels() -> None:
    """No meme has text: those whose picture isn't in this copy are left out, one row is there twice."""
    root = _RAW / "mimic_islamophobia"
    if not root.is_dir():
        pytest.skip(f"the real files aren't there: put mimic_islamophobia's at {root}")
    one = adapter("mimic_islamophobia")
    labels = Counter(row.text("label") for row in one.rows(Folder("mimic_islamophobia", root)))
    assert labels == {"0": 545, "1": 408}
    records, folder, tally = read("mimic_islamophobia", root, Images.PARTIAL)
    assert folder.problems == []
    assert all(record.image == record.key for record in records)
    pictures = sum(path.is_file() for path in (root / "images").iterdir())
    assert tally.left_out == {
        one.SOURCE.pairs[0]: {"the same row again": 1, "neither picture nor text": 952 - pictures}
    }


def test_both_files_of_armeme_have_their_published_labels() -> None:
    """Train and dev each have the published number of both labels."""
    root = _RAW / "armeme"
    if not root.is_dir():
        pytest.skip(f"the real files aren't there: put armeme's at {root}")
    records, folder, _ = read("armeme", root, Images.ABSENT)
    assert folder.problems == []
    assert Counter((one.file.rsplit("_", 1)[-1], *one.labels) for one in records) == {
        ("train.json", "not-propaganda"): 1_540,
        ("train.json", "propaganda"): 603,
        ("dev.json", "not-propaganda"): 224,
        ("dev.json", "propaganda"): 88,
    }
