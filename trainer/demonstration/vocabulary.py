"""The demonstration model's tokenizer: byte-level byte-pair encoding, trained on the words of its world.

As Qwen's, it takes any text apart and puts it together again byte by byte, and its control tokens stand above the last
learnt one. Unlike Qwen's it keeps combining marks with their letters, so that a Hindi or Bengali word can be one token.
"""

from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from ...taxonomy.languages import Language
from .sentences import sentences

__all__ = ["CONTROL_TOKENS", "train_tokenizer"]

CONTROL_TOKENS = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
_PIECES = r" ?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+|\s+(?!\S)|\s"


def train_tokenizer(texts: Iterable[str], *, size: int) -> PreTrainedTokenizerFast:
    """A tokenizer of `size` tokens for the sentences of all nine languages and some more `texts` (prompt, labels)."""
    core = Tokenizer(models.BPE())
    core.normalizer = normalizers.NFC()
    split = pre_tokenizers.Split(Regex(_PIECES), behavior="isolated")
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(CONTROL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator([*_world(), *texts], trainer)
    names = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, clean_up_tokenization_spaces=False, **names)
    tokenizer.add_special_tokens({"additional_special_tokens": list(CONTROL_TOKENS)})
    return tokenizer


def _world() -> Iterable[str]:
    """Fragments as they stand at the start and after a space; scripts without spaces have both forms too."""
    for language in Language:
        for fragment in sentences(language).fragments():
            yield fragment.strip()
            yield fragment[:1].upper() + fragment[1:]
            yield " " + fragment.strip()
