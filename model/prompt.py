"""From a prompt's texts to tokens: the plan that all memes of a label language share, and a meme's own tokens.

`Prompt.plans` gives one plan for the shared-prefix layout and one for each task in the memelens layout. A plan is
static: its root is computed once in a process, its tree is packed under every meme.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from ..taxonomy import Language, Wording, wording
from .errors import CheckpointError
from .manifest import Manifest, Terminator
from .packing import MemeTokens
from .sheets import AnswerText, Sheet, marker, sheets
from .tokens import Vocabulary
from .trie import MEME, TokenTree, TreeBuilder

__all__ = ["MOST_TEXT_TOKENS", "Answer", "Plan", "Prompt"]

MOST_TEXT_TOKENS = 768
"""Tokens of the text in the picture, and of the caption, that are looked at."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A label as tokens: those that open its branch, and its own with the terminator."""

    label_set: str
    label: str
    opening: tuple[int, ...]
    tokens: tuple[int, ...]

    @property
    def path(self) -> tuple[int, ...]:
        """All tokens after the meme."""
        return self.opening + self.tokens


@dataclass(frozen=True, eq=False)
class Plan:
    """What is asked of a meme in one packed sequence.

    `root` opens the sequence, `sheet` has the texts beside the meme, `answers` are the labels of `sets`, one set after
    the other.
    """

    root: tuple[int, ...]
    sheet: Sheet
    sets: tuple[str, ...]
    answers: tuple[Answer, ...]

    @cached_property
    def _grown(self) -> tuple[TokenTree, tuple[tuple[int, ...], ...]]:
        builder = TreeBuilder()
        edges = tuple(builder.ask(builder.grow(MEME, one.opening), one.tokens) for one in self.answers)
        return builder.build(), edges

    @property
    def tree(self) -> TokenTree:
        """All branches with all their labels."""
        return self._grown[0]

    @property
    def label_edges(self) -> tuple[tuple[int, ...], ...]:
        """For each answer the tree's edges that sum to its score."""
        return self._grown[1]

    def answer(self, label_set: str, label: str) -> Answer:
        """The answer of that name. Raises KeyError."""
        return self._by_name[label_set, label]

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], Answer]:
        return {(one.label_set, one.label): one for one in self.answers}


class Prompt:
    """A checkpoint's prompt in its tokenizer's tokens."""

    def __init__(
        self, vocabulary: Vocabulary, manifest: Manifest, words: Callable[[Language], Wording] = wording
    ) -> None:
        self._vocabulary, self._manifest, self._words = vocabulary, manifest, words
        self._plans: dict[tuple[Sheet, ...], tuple[Plan, ...]] = {}
        self._of_language: dict[Language | None, tuple[Plan, ...]] = {}

    @property
    def stop(self) -> int:
        """The token that ends an explanation in training."""
        return self._vocabulary.control.turn_end

    @property
    def stops(self) -> frozenset[int]:
        """The tokens that end one in decoding: Qwen's own generation settings name both."""
        return frozenset({self.stop, self._vocabulary.control.text_end})

    def plans(self, language: Language | None) -> tuple[Plan, ...]:
        """The plans of a meme in a language; languages that are asked alike share the same objects.

        Raises:
            CheckpointError: the tokenizer can't tell a label from another, or from what follows it.
        """
        if language not in self._of_language:
            texts = sheets(self._manifest, language, self._words)
            if texts not in self._plans:
                self._plans[texts] = tuple(self._plan(sheet) for sheet in texts)
            self._of_language[language] = self._plans[texts]
        return self._of_language[language]

    def meme(
        self, plan: Plan, *, grid: tuple[int, int] | None, text: tuple[int, ...] = (), caption: tuple[int, ...] = ()
    ) -> MemeTokens:
        """A meme's tokens between the root and the branches.

        `grid` are the rows and columns of its picture's tokens; `text` and `caption` come from `untrusted`.
        """
        control, own, sheet = self._vocabulary.control, self._vocabulary.ids, plan.sheet
        ours, gap = sheet.lead, sheet.gap
        words: tuple[int, ...] = ()
        for name, line in ((sheet.text_name, text), (sheet.caption_name, caption)):
            if line:
                words += own(f"{ours}{gap}{name}") + line
                ours, gap = "", "\n"
        words += own(ours)
        before = (control.vision_start,) if grid else ()
        after = (control.vision_end,) if grid else ()
        return MemeTokens(before, grid, after + words + self._answering)

    def template_tokens(self, plan: Plan) -> int:
        """Tokens of a meme with picture, text and caption that are neither of these."""
        return len(self.meme(plan, grid=(1, 1), text=(0,), caption=(0,))) - 3

    def untrusted(self, text: str) -> tuple[int, ...]:
        """Tokens of a meme's text or caption. Raises MemeError."""
        text = text.strip()
        return self._vocabulary.untrusted(f" {text}", most=MOST_TEXT_TOKENS) if text else ()

    def marker(self, language: Language) -> tuple[int, ...]:
        """Tokens that open an explanation after a label's terminator."""
        return self._vocabulary.ids(marker(self._manifest.prompt, language))

    def explanation(self, text: str, language: Language) -> tuple[int, ...]:
        """Tokens of a given explanation after its marker, with the token that ends it: for training."""
        opening = self.marker(language)
        return (*self._continued(opening, f"{marker(self._manifest.prompt, language)} {text.strip()}"), self.stop)

    @cached_property
    def _answering(self) -> tuple[int, ...]:
        """The end of the user's turn and the assistant's header."""
        control, own = self._vocabulary.control, self._vocabulary.ids
        return (control.turn_end, *own("\n"), control.turn_start, *own("assistant\n"))

    def _plan(self, sheet: Sheet) -> Plan:
        control, own = self._vocabulary.control, self._vocabulary.ids
        system = (control.turn_start, *own(f"system\n{sheet.system}"), control.turn_end, *own("\n"))
        answers = tuple(self._answer(one) for one in sheet.answers)
        _check_distinct(answers)
        sets = tuple(dict.fromkeys(one.label_set for one in sheet.answers))
        return Plan((*system, control.turn_start, *own("user\n")), sheet, sets, answers)

    def _answer(self, one: AnswerText) -> Answer:
        opening, text = self._vocabulary.ids(one.opening), f"{one.opening} {one.wording}"
        if self._manifest.terminator is Terminator.END_OF_TURN:
            tokens = (*self._continued(opening, text), self.stop)
        else:
            tokens = self._continued(opening, f"{text}\n")
            for language in self._manifest.rationale_languages:
                self._continued((*opening, *tokens), f"{text}\n{marker(self._manifest.prompt, language)}")
        return Answer(one.label_set, one.label, opening, tokens)

    def _continued(self, opening: tuple[int, ...], text: str) -> tuple[int, ...]:
        """Tokens of a text after its opening's, tokenised together."""
        ids = self._vocabulary.ids(text)
        if ids[: len(opening)] != opening:
            raise CheckpointError(
                f"tokenizer.json: {text!r} isn't tokenised as its beginning is; use a tokenizer that keeps words apart"
            )
        return ids[len(opening) :]


def _check_distinct(answers: Iterable[Answer]) -> None:
    """No answer may be another, or begin as another ends. Raises CheckpointError."""
    paths: dict[tuple[int, ...], Answer] = {}
    for one in sorted(answers, key=lambda answer: len(answer.path)):
        for length in range(len(one.opening), len(one.path) + 1):
            if other := paths.get(one.path[:length]):
                raise CheckpointError(
                    f"tokenizer.json: labels {other.label} and {one.label} of {one.label_set} have the same tokens;"
                    " use the tokenizer that the checkpoint was trained with"
                )
        paths[one.path] = one
