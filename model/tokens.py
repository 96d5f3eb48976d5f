"""Tokens of a tokenizer by name, and meme text as tokens from which no instruction to the chat format can come.

Meme text comes from strangers: neither a control token (`<|im_end|>`) nor one of the added tokens that Qwen doesn't
call special (tool calls, thinking) may come out of it, since both stand for more than their letters.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

from transformers import PreTrainedTokenizerBase

from .errors import CheckpointError, MemeError
from .packing import SpecialIds

__all__ = ["ControlTokens", "Vocabulary"]

_LOST = re.compile("[\ud800-\udfff]")  # half a surrogate pair: no tokenizer takes it


class ControlTokens:
    """Ids of the chat format's tokens.

    Raises:
        CheckpointError: the tokenizer lacks one of them.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.turn_start = _id(tokenizer, "<|im_start|>")
        self.turn_end = _id(tokenizer, "<|im_end|>")
        self.vision_start = _id(tokenizer, "<|vision_start|>")
        self.vision_end = _id(tokenizer, "<|vision_end|>")
        self.image = _id(tokenizer, "<|image_pad|>")
        self.text_end = _id(tokenizer, "<|endoftext|>")

    @property
    def written(self) -> SpecialIds:
        """What packing itself writes."""
        return SpecialIds(image=self.image, padding=self.text_end)


def _id(tokenizer: PreTrainedTokenizerBase, name: str) -> int:
    number = tokenizer.get_added_vocab().get(name)
    if number is None:
        raise CheckpointError(f"tokenizer.json: no token {name}; use the tokenizer of a Qwen3-VL model")
    return int(number)


class Vocabulary:
    """A tokenizer as this project uses it: text in, ids out; control tokens only by name."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._tokenizer = tokenizer
        self.control = ControlTokens(tokenizer)
        self._added = frozenset(tokenizer.get_added_vocab().values())

    def ids(self, text: str) -> tuple[int, ...]:
        """Tokens of our own text."""
        return tuple(self._tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"])

    def untrusted(self, text: str, *, most: int) -> tuple[int, ...]:
        """Tokens of a stranger's text, at most so many; what looks like an added token is spelled out.

        Raises:
            MemeError: the tokenizer insists on an added token for some of it.
        """
        ids: list[int] = []
        for piece in self._pieces(_LOST.sub("\ufffd", text[: most * _MOST_CHARACTERS])):
            ids += self.ids(piece)
            if len(ids) >= most:  # a text may be nothing but names, and each costs a call of the tokenizer
                break
        if not self._added.isdisjoint(ids):
            raise MemeError("control-token", "the text holds a control token of the model that can't be spelled out")
        return tuple(ids[:most])

    def text(self, ids: Sequence[int]) -> str:
        """Text of tokens, control tokens left out, and so is half a character at the end of what was cut."""
        text = str(self._tokenizer.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False))
        return text.rstrip("\ufffd")

    @cached_property
    def _names(self) -> re.Pattern[str]:
        names = sorted(self._tokenizer.get_added_vocab(), key=len, reverse=True)
        return re.compile("|".join(re.escape(name) for name in names))

    def _pieces(self, text: str) -> Iterator[str]:
        """The text, cut after the first letter of every name of an added token."""
        start = 0
        while found := self._names.search(text, start):
            yield text[start : found.start() + 1]
            start = found.start() + 1
        yield text[start:]


_MOST_CHARACTERS = 64
"""In one token: what lies beyond so many for each token allowed can't come within the cap, and needn't be looked at."""
