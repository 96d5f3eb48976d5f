"""Memes as the tokens that serving will use: prefix, branches with their gold labels, rationales after some of them."""

import random
from dataclasses import dataclass

from transformers import PreTrainedTokenizerFast

from ...taxonomy import TASKS, Task
from ...taxonomy.languages import Language
from .cells import is_trained
from .dataset import DrawnMeme
from .scene import labels
from .seeing import Picture
from .sentences import sentences

__all__ = ["EncodedBranch", "EncodedMeme", "Encoder"]


@dataclass(frozen=True, slots=True)
class EncodedBranch:
    """Tokens of one task, and what is scored: place of the predicting row in the branch, target, weight."""

    ids: list[int]
    scored: list[tuple[int, int, float]]


@dataclass(frozen=True, slots=True)
class EncodedMeme:
    """A training row: the prefix with one placeholder for each image token, and the branches that are trained."""

    picture: Picture
    prefix: list[int]
    branches: list[EncodedBranch]

    @property
    def length(self) -> int:
        """Tokens in all."""
        return len(self.prefix) + sum(len(branch.ids) for branch in self.branches)


_ROOT = "Judge this meme.\n"


def phrase(label: str) -> str:
    return label.replace("-", " ")


class Encoder:
    """Turns drawn memes into training rows, with the prompt and the label wording that serving uses."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, rationale_weight: float) -> None:
        self._tokenizer = tokenizer
        self._rationale_weight = rationale_weight

    def _ids(self, text: str) -> list[int]:
        return self._tokenizer(text, add_special_tokens=False)["input_ids"]

    def encode(self, drawn: DrawnMeme, picture: Picture, rng: random.Random) -> EncodedMeme:
        m = drawn.meme
        n = picture.grid[1] * picture.grid[2] // 4
        prefix = self._ids(
            _ROOT
            + "<|im_start|>user\n<|vision_start|>"
            + "<|image_pad|>" * n
            + "<|vision_end|>"
            + m.text
            + "\n"
            + m.caption
            + "<|im_end|>\n<|im_start|>assistant\n"
        )
        gold = labels(drawn.scene, drawn.language)
        tasks = [t for t in TASKS if is_trained(t, drawn.language)]
        explained = rng.sample(tasks, 1)
        return EncodedMeme(picture, prefix, [self._branch(drawn, t, gold[t], t in explained, rng) for t in tasks])

    def _branch(self, drawn: DrawnMeme, task: Task, label: str, explain: bool, rng: random.Random) -> EncodedBranch:
        opening = self._ids(f"{task.value}:")
        answer = self._ids(f"{task.value}: {phrase(label)}\n")[len(opening) :]
        ids = opening + answer
        scored = [(len(opening) - 1 + k, token, 1.0) for k, token in enumerate(answer)]
        if explain:
            language = rng.choice([drawn.language, Language.ENGLISH])
            words = self._ids(sentences(language).explain(drawn.scene, task) + "<|im_end|>")
            lead = self._ids(language.value + ": ")
            at = len(ids) + len(lead) - 1
            ids = ids + lead + words
            scored += [(at + k, token, self._rationale_weight / len(words)) for k, token in enumerate(words)]
        return EncodedBranch(ids[:-1], scored)
