"""Meme text as tokens: whatever a stranger writes is spelled out, nothing of it becomes an instruction."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from memelens.model.engine import Meme, TokenEstimate
from memelens.model.errors import CheckpointError, MemeError
from memelens.model.tokens import Vocabulary

from .qwen import FIRST_ADDED, qwen_tokenizer
from .tiny import NOT_SPECIAL, tokenizer

NAMES = sorted({*qwen_tokenizer().get_added_vocab(), *tokenizer().get_added_vocab()})
PIECES = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(NAMES).flatmap(lambda name: st.integers(1, len(name)).map(lambda end: name[:end])),
    st.sampled_from(
        ["\0", "\ud83d", "\udc00", "\u202e", "\u200f", "\u200d", "\ufeff", "🫖", "👩‍🚀", "é", "e\u0301", "\n", " "]
    ),
    st.text(max_size=8),
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)
VOCABULARIES = {"tiny": Vocabulary(tokenizer()), "qwen": Vocabulary(qwen_tokenizer())}
many = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(params=VOCABULARIES)
def vocabulary(request: pytest.FixtureRequest) -> Vocabulary:
    """Each vocabulary."""
    return VOCABULARIES[request.param]


def shown(text: str) -> str:
    """What a tokenizer may make of a text: NFC, half surrogate pairs replaced."""
    return unicodedata.normalize("NFC", "".join("\ufffd" if "\ud800" <= one <= "\udfff" else one for one in text))


@many
@given(TEXTS)
@pytest.mark.parametrize("name", VOCABULARIES)
def test_no_text_becomes_an_added_token(name: str, text: str) -> None:
    """Control tokens, pieces of them, nested, side by side: spelled out in letters, and no letter is lost."""
    vocabulary = VOCABULARIES[name]
    ids = vocabulary.untrusted(text, most=10_000)
    assert not set(ids) & set(vocabulary._tokenizer.get_added_vocab().values())
    assert vocabulary._tokenizer.decode(list(ids), clean_up_tokenization_spaces=False) == shown(text)


@pytest.mark.parametrize("name", NAMES)
def test_every_added_token_is_spelled_out(name: str, vocabulary: Vocabulary) -> None:
    """By itself, in a word, twice over, and inside itself."""
    first = min(vocabulary._tokenizer.get_added_vocab().values())
    for text in (name, f"a{name}b", name * 2, f"{name[:3]}{name}{name[3:]}", f"{name}\n{name}"):
        ids = vocabulary.untrusted(text, most=100)
        assert max(ids) < first
        assert vocabulary._tokenizer.decode(list(ids), clean_up_tokenization_spaces=False) == text


def test_ordinary_text_is_tokenised_as_ever(vocabulary: Vocabulary) -> None:
    """Care for control tokens costs ordinary text nothing: the tokens are those that the model learned."""
    for text in (" Two teapots at sea", " दो चायदानी", " два чайника < 3 |> <", " 两个茶壶<|", " إبريق\u200f شاي"):
        plain = vocabulary._tokenizer(text, add_special_tokens=False)["input_ids"]
        assert list(vocabulary.untrusted(text, most=100)) == plain


def test_names_alone_cost_no_more_than_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of nothing but control tokens calls the tokenizer as often as there are tokens to come, at most."""
    vocabulary, calls = Vocabulary(qwen_tokenizer()), []
    real = vocabulary.ids

    def counted(text: str) -> tuple[int, ...]:
        calls.append(text)
        return real(text)

    monkeypatch.setattr(vocabulary, "ids", counted)
    assert len(vocabulary.untrusted("<think>" * 10_000, most=60)) == 60
    assert len(calls) <= 60


def test_long_text_is_cut_at_the_cap(vocabulary: Vocabulary) -> None:
    """The first tokens are kept, and what can't reach the cap isn't looked at."""
    text = "teapot <|im_end|> " * 100_000
    ids = vocabulary.untrusted(text, most=50)
    assert len(ids) == 50
    assert ids == vocabulary.untrusted(text[:1000], most=50)


def test_our_own_text_holds_no_control_token_either(vocabulary: Vocabulary) -> None:
    """Control tokens come by name only."""
    assert vocabulary.control.turn_end not in vocabulary.ids("<|im_end|>")


def test_a_text_that_cannot_be_spelled_is_refused() -> None:
    """Where a tokenizer has a single letter as an added token, a meme with it is refused, never misread."""
    changed = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer()._tokenizer.__class__.from_str(tokenizer()._tokenizer.to_str())
    )
    changed.add_tokens(["§"])
    vocabulary = Vocabulary(changed)
    with pytest.raises(MemeError, match="can't be spelled out") as caught:
        vocabulary.untrusted("a § b", most=10)
    assert caught.value.kind == "control-token"
    assert vocabulary.untrusted("a b", most=10)


@pytest.mark.parametrize("lost", ["<|im_start|>", "<|image_pad|>"])
def test_a_tokenizer_of_another_family_is_refused(lost: str) -> None:
    """The chat format's tokens must be there, by name."""
    core = tokenizer()._tokenizer.to_str().replace(lost, "<|other|>")
    with pytest.raises(CheckpointError, match="no token"):
        Vocabulary(PreTrainedTokenizerFast(tokenizer_object=tokenizer()._tokenizer.__class__.from_str(core)))


def test_half_a_letter_at_the_end_is_left_out(vocabulary: Vocabulary) -> None:
    """A rationale that was cut inside a letter ends before it; control tokens aren't shown."""
    ids = vocabulary.ids("🫖")
    assert len(ids) > 1
    assert vocabulary.text([*vocabulary.ids("tea"), *ids[:-1]]) == "tea"
    assert vocabulary.text([*vocabulary.ids("tea"), *ids, vocabulary.control.turn_end]) == "tea🫖"


def test_qwens_added_tokens_are_where_qwen_has_them() -> None:
    """The vocabulary of these tests is the real one: 151,643 ranks, then the added tokens."""
    control = VOCABULARIES["qwen"].control
    assert (control.text_end, control.turn_start, control.turn_end) == (FIRST_ADDED, 151_644, 151_645)
    assert (control.vision_start, control.vision_end, control.image) == (151_652, 151_653, 151_655)
    assert NOT_SPECIAL[0] in qwen_tokenizer().get_added_vocab()


@many
@given(TEXTS, TEXTS)
@pytest.mark.parametrize("name", VOCABULARIES)
def test_an_estimate_is_never_below_the_tokens(name: str, text: str, caption: str) -> None:
    """One token for each byte is an upper bound for NFC text, and counting raises for nothing."""
    meme = Meme(shown(text), shown(caption))
    used = sum(len(VOCABULARIES[name].untrusted(part, most=10_000)) for part in (meme.text, meme.caption))
    assert used <= TokenEstimate().count(meme)
    assert TokenEstimate().count(Meme(text, caption)) >= 0
