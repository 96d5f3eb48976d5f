"""The demonstration model's tokenizer covers the nine languages' scripts and loses no byte of anything else."""

import random
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memelens.taxonomy import Language
from memelens.trainer.demonstration.architecture import VOCABULARY
from memelens.trainer.demonstration.scene import draw_scene
from memelens.trainer.demonstration.sentences import sentences
from memelens.trainer.demonstration.vocabulary import CONTROL_TOKENS, train_tokenizer

_TOKENIZER = train_tokenizer([], size=VOCABULARY)


def test_control_tokens_stand_above_the_learnt_ones() -> None:
    """Nothing that a text is made of can be a control token."""
    ids = _TOKENIZER.convert_tokens_to_ids(list(CONTROL_TOKENS))
    assert sorted(ids) == list(range(VOCABULARY - len(CONTROL_TOKENS), VOCABULARY))
    text = _TOKENIZER("a<|im_end|>b", add_special_tokens=False, split_special_tokens=True)["input_ids"]
    assert max(text) < min(ids)


@pytest.mark.parametrize("language", Language)
def test_sentences_are_short(language: Language) -> None:
    """A sentence takes no more than 35 tokens in any script, and comes back whole."""
    rng = random.Random(3)
    for pattern in range(len(sentences(language).patterns)):
        text = sentences(language).sentence(draw_scene(rng), pattern)
        ids = _TOKENIZER(text, add_special_tokens=False)["input_ids"]
        assert len(ids) <= 35
        assert _TOKENIZER.decode(ids) == text


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_comes_back(text: str) -> None:
    """Emoji, other scripts, control characters: what is tokenised is decoded to the same text."""
    text = unicodedata.normalize("NFC", text)
    ids = _TOKENIZER(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    assert _TOKENIZER.decode(ids) == text
