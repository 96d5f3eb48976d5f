"""Which dataset answers which task in which language: the published corpus's 46 pairs (arXiv 2601.12539).

38 of them are in the paper's mean; the eight sentiment and emotion pairs are not. The 38 fill 31 of the 180 cells of
twenty tasks and nine languages, and 14 tasks have one language only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from .languages import Language
from .tasks import TASKS, LabelSet, Task, label_set

__all__ = ["PAIRS", "PUBLISHED_TOGETHER", "Pair", "published_cells"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A configuration of the published corpus: one dataset, task and language.

    `rows` is the paper's count after its filtering, rounded where the paper's is; None where it gives none for the pair
    alone. `in_paper`: one of the 38 that its means are over.
    """

    configuration: str
    language: Language
    label_set: LabelSet
    rows: int | None = None
    in_paper: bool = True

    @property
    def task(self) -> Task:
        """The task that its labels answer."""
        return self.label_set.task


_AR, _BN, _DE, _EN, _ES = Language.ARABIC, Language.BENGALI, Language.GERMAN, Language.ENGLISH, Language.SPANISH
_HI, _RO, _RU, _ZH = Language.HINDI, Language.ROMANIAN, Language.RUSSIAN, Language.CHINESE


def _pair(configuration: str, language: Language, set_name: str, rows: int | None = None) -> Pair:
    return Pair(configuration, language, label_set(set_name), rows)


def _extended(configuration: str, language: Language, set_name: str) -> Pair:
    return Pair(configuration, language, label_set(set_name), in_paper=False)


PAIRS: tuple[Pair, ...] = (
    _pair("Hateful_ar__Prop2Hate-Meme", _AR, "hateful", 3_061),
    _pair("propoganda_ar_ArMeme", _AR, "propaganda", 5_147),
    _pair("abuse_bn__BanglaAbuseMeme", _BN, "abusive", 4_037),
    _pair("Hateful_bn__MUTE", _BN, "hateful", 4_156),
    _pair("sarcasm_bn__BanglaAbuseMeme", _BN, "sarcasm", 4_037),
    _extended("sentiment_bn__BanglaAbuseMeme", _BN, "sentiment"),
    _pair("vulgar_bn__BanglaAbuseMeme", _BN, "vulgar", 4_037),
    *(_pair(f"Hateful_{one}__Multi3Hate", one, "hateful", 300) for one in (_DE, _EN, _ES, _HI, _ZH)),
    _pair("Harmful_Covid_en__HarMeme", _EN, "harmful", 3_544),
    _pair("Harmful_en__HarMeme", _EN, "harmful", 3_460),
    _pair("Target_Covid_en__HarMeme", _EN, "target"),  # counted together with the next, see below
    _pair("Target_en__HarMeme", _EN, "target"),
    _pair("Hateful_en_FHM", _EN, "hateful", 11_040),
    _pair("Hateful_en__MMHS", _EN, "hateful", 59_300),
    _pair("Hateful_en__MIMIC_Islamophpbia", _EN, "hateful", 950),  # spelled so there
    _pair("humour_en__memotion", _EN, "humor", 6_987),
    _pair("sarcasm_en__memotion", _EN, "sarcasm-degree", 6_987),
    _pair("offensive_en__memotion", _EN, "offensive-hateful", 6_987),
    _pair("motivational_en__memotion", _EN, "motivational", 6_987),
    _extended("overall_sentiment_en__memotion", _EN, "sentiment-five"),
    _pair("intention_detection_en__MET_Meme", _EN, "intention", 3_929),
    _pair("intention_detection_zh__MET_Meme", _ZH, "intention", 5_812),
    _pair("metaphor_occurrence_en__MET_Meme", _EN, "metaphor", 3_937),
    _pair("metaphor_occurrence_zh__MET_Meme", _ZH, "metaphor", 5_814),
    _pair("offensiveness_detection_en__MET_Meme", _EN, "offensive-degree", 3_937),
    _pair("offensiveness_detection_zh__MET_Meme", _ZH, "offensive-degree", 5_814),
    *(_extended(f"sentiment_category_{one}__MET_Meme", one, "emotion") for one in (_EN, _ZH)),
    *(_extended(f"sentiment_degree_{one}__MET_Meme", one, "sentiment-degree") for one in (_EN, _ZH)),
    _pair("misogynous_en__MAMI", _EN, "misogyny", 11_000),
    _pair("objectification_en__MAMI", _EN, "objectification", 11_000),
    _pair("shaming_en__MAMI", _EN, "shaming", 11_000),
    _pair("stereotype_en__MAMI", _EN, "stereotype", 11_000),
    _pair("violence_en__MAMI", _EN, "violence", 11_000),
    _pair("Misogyny_hi_en__MIMIC2024", _HI, "misogyny", 4_900),  # Hindi mixed with English counts as Hindi
    _pair("Misogyny_Categories_hi_en__MIMIC2024", _HI, "misogyny-kinds", 4_900),
    _pair("deepfake_ro__RoMemes", _RO, "deepfake", 462),
    _pair("political_ro__RoMemes", _RO, "political", 462),
    _extended("emotion_ro__RoMemes", _RO, "emotion-ro"),
    _extended("sentiment_ro__RoMemes", _RO, "sentiment"),
    _pair("toxic_ru__Toxic_Memes_Detection_Dataset", _RU, "toxic", 6_456),
)
"""The 46."""

PUBLISHED_TOGETHER: Mapping[tuple[str, ...], int] = MappingProxyType(
    {("Target_Covid_en__HarMeme", "Target_en__HarMeme"): 7_005}
)
"""Rows of pairs for which the paper gives one count together."""


@cache
def published_cells() -> Mapping[Task, frozenset[Language]]:
    """For each of the twenty tasks the languages in which the published corpus has labelled rows."""
    return MappingProxyType(
        {task: frozenset(pair.language for pair in PAIRS if pair.in_paper and pair.task is task) for task in TASKS}
    )
