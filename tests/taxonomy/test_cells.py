"""The published corpus's pairs."""

from collections import Counter

import pytest

from memelens.taxonomy import PAIRS, TASKS, Language, Task, published_cells
from memelens.taxonomy.cells import PUBLISHED_TOGETHER


def test_the_corpus_has_46_pairs() -> None:
    """46 configurations of as many names; 38 are in the paper's means, and they answer the twenty tasks."""
    assert len(PAIRS) == len({pair.configuration for pair in PAIRS}) == 46
    assert sum(pair.in_paper for pair in PAIRS) == 38
    assert {pair.task for pair in PAIRS if pair.in_paper} == set(TASKS)
    assert {pair.task for pair in PAIRS if not pair.in_paper} == set(Task) - set(TASKS)


def test_31_of_180_cells_have_rows() -> None:
    """The 38 pairs fill 31 cells, 14 tasks have one language only, and no language is without rows."""
    cells = published_cells()
    assert len(cells) * len(Language) == 180
    assert sum(len(languages) for languages in cells.values()) == 31
    assert sum(len(languages) == 1 for languages in cells.values()) == 14
    assert frozenset().union(*cells.values()) == set(Language)


def test_the_rows_are_those_of_the_paper() -> None:
    """With the 7,005 of the two target pairs, the 38 have the about 240,000 rows that the paper tells of."""
    rows = sum(pair.rows or 0 for pair in PAIRS if pair.in_paper) + sum(PUBLISHED_TOGETHER.values())
    assert abs(rows - 240_000) < 1_000
    together = {name for names in PUBLISHED_TOGETHER for name in names}
    assert together == {pair.configuration for pair in PAIRS if pair.in_paper and pair.rows is None}


def test_pairs_by_language() -> None:
    """Each language has as many pairs as the table says."""
    found = Counter(str(pair.language) for pair in PAIRS)
    assert found == {"en": 23, "bn": 5, "zh": 6, "ro": 4, "hi": 3, "ar": 2, "de": 1, "es": 1, "ru": 1}


CELLS = {
    Task.HATEFUL: "ar bn de en es hi zh",
    Task.HARMFUL: "en",
    Task.TOXIC: "ru",
    Task.ABUSIVE: "bn",
    Task.VULGAR: "bn",
    Task.TARGET: "en",
    Task.MISOGYNY: "en hi",
    Task.OBJECTIFICATION: "en",
    Task.SHAMING: "en",
    Task.STEREOTYPE: "en",
    Task.VIOLENCE: "en",
    Task.PROPAGANDA: "ar",
    Task.METAPHOR: "en zh",
    Task.INTENTION: "en zh",
    Task.SARCASM: "bn en",
    Task.DEEPFAKE: "ro",
    Task.POLITICAL: "ro",
    Task.HUMOR: "en",
    Task.OFFENSIVE: "en zh",
    Task.MOTIVATIONAL: "en",
}


@pytest.mark.parametrize(("task", "languages"), CELLS.items(), ids=CELLS)
def test_each_task_has_rows_in_its_languages(task: Task, languages: str) -> None:
    """The 31 cells by name, read from the paper's table apart from the pairs."""
    assert published_cells()[task] == {Language(one) for one in languages.split()}


YES_NO = {
    "Hateful_ar__Prop2Hate-Meme": "hateful",
    "propoganda_ar_ArMeme": "propaganda",
    "abuse_bn__BanglaAbuseMeme": "abusive",
    "Hateful_bn__MUTE": "hateful",
    "sarcasm_bn__BanglaAbuseMeme": "sarcasm",
    "vulgar_bn__BanglaAbuseMeme": "vulgar",
    **{f"Hateful_{one}__Multi3Hate": "hateful" for one in ("de", "en", "es", "hi", "zh")},
    "Hateful_en_FHM": "hateful",
    "Hateful_en__MMHS": "hateful",
    "Hateful_en__MIMIC_Islamophpbia": "hateful",
    "motivational_en__memotion": "motivational",
    "misogynous_en__MAMI": "misogynous",
    **{f"{one}_en__MAMI": one for one in ("objectification", "shaming", "stereotype", "violence")},
    "Misogyny_hi_en__MIMIC2024": "misogynous",
    "political_ro__RoMemes": "political",
    "toxic_ru__Toxic_Memes_Detection_Dataset": "toxic",
}
OTHERS = {
    "sentiment_bn__BanglaAbuseMeme": "negative neutral positive",
    "Harmful_Covid_en__HarMeme": "not-harmful partially-harmful very-harmful",
    "Harmful_en__HarMeme": "not-harmful partially-harmful very-harmful",
    "Target_Covid_en__HarMeme": "none individual organization community society",
    "Target_en__HarMeme": "none individual organization community society",
    "humour_en__memotion": "not-funny funny very-funny hilarious",
    "sarcasm_en__memotion": "not-sarcastic general-sarcasm twisted-meaning very-twisted",
    "offensive_en__memotion": "not-offensive slightly-offensive very-offensive hateful-offensive",
    "overall_sentiment_en__memotion": "very-negative negative neutral positive very-positive",
    "Misogyny_Categories_hi_en__MIMIC2024": "objectification prejudice humiliation",
    "deepfake_ro__RoMemes": "real fake deepfake",
    "emotion_ro__RoMemes": "love fear anger joy sadness surprise",
    "sentiment_ro__RoMemes": "negative neutral positive",
}
MET_MEME = {
    "intention_detection": "interactive expressive entertaining offensive other",
    "metaphor_occurrence": "literal metaphorical",
    "offensiveness_detection": "not-offensive slightly-offensive moderately-offensive very-offensive",
    "sentiment_category": "happiness love anger sorrow fear hate surprise",
    "sentiment_degree": "slightly moderately very",
}


def test_each_pair_has_the_labels_of_its_dataset() -> None:
    """Each configuration's labels, in order, are those that the published table gives it."""
    told = {name: f"not-{yes} {yes}" for name, yes in YES_NO.items()} | OTHERS
    told |= {f"{name}_{one}__MET_Meme": labels for name, labels in MET_MEME.items() for one in ("en", "zh")}
    assert {pair.configuration: " ".join(pair.label_set.labels) for pair in PAIRS} == told
