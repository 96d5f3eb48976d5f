"""What was asked of a corpus, of how many things, and what was found to be wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["CROSSINGS", "Check", "Checks", "Finding", "Question"]

_KEPT = 20


class Question(StrEnum):
    """Every question; the value is its name in what is printed."""

    CONTENT = "content"
    COUNTS = "counts"
    IDS = "ids"
    SIDES = "sides"
    PUBLISHED_TESTS = "published-tests"
    TAXONOMY = "taxonomy"
    LABELS = "labels"
    MODALITY = "modality"
    TEMPLATES = "templates"
    RECORDED = "recorded"
    PICTURES = "pictures"
    SAME_MEME = "same-meme"
    SAME_GROUP = "same-group"
    SAME_BYTES = "same-bytes"
    SAME_TEXT = "same-text"
    SAME_PICTURE = "same-picture"

    @property
    def meaning(self) -> str:
        """What is promised where nothing is found."""
        return _MEANINGS[self]


_MEANINGS = {
    Question.CONTENT: "the rows are those whose hash the manifest holds",
    Question.COUNTS: "each pair's rows add up to what the manifest says",
    Question.IDS: "each id stands once, and is made of meme and pair",
    Question.SIDES: "a row says the side on which it stands",
    Question.PUBLISHED_TESTS: "what was published for testing is on the test side",
    Question.TAXONOMY: "task, label set and language are the pair's",
    Question.LABELS: "labels are of the pair's set, and what the original label stands for",
    Question.MODALITY: "a row says what it has of picture and text",
    Question.TEMPLATES: "test rows marked template-disjoint are, and no others",
    Question.RECORDED: "what is recorded of pictures is complete and well formed",
    Question.PICTURES: "pictures are there, and are those that were recorded",
    Question.SAME_MEME: "no meme's rows stand on two sides",
    Question.SAME_GROUP: "no group id stands on two sides",
    Question.SAME_BYTES: "no picture's bytes stand on two sides",
    Question.SAME_TEXT: "no text of a meme without picture stands on two sides",
    Question.SAME_PICTURE: "no picture near by hash stands on two sides with near text, or without text and alike",
}

CROSSINGS = frozenset(
    {Question.SAME_MEME, Question.SAME_GROUP, Question.SAME_BYTES, Question.SAME_TEXT, Question.SAME_PICTURE}
)
"""Questions whose findings are leaks."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: `said` in words, never a meme's text, and the ids of rows or memes that it is about."""

    said: str
    ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{' | '.join(self.ids)}: {self.said}" if self.ids else self.said


@dataclass(slots=True)
class Check:
    """A question's answer so far: `looked_at` things, `findings` among them, the first of which are kept."""

    question: Question
    looked_at: int = 0
    findings: int = 0
    first: list[Finding] = field(default_factory=list)

    def find(self, said: str, *ids: str | None) -> None:
        """One thing is wrong; an id is None where a row has lost it."""
        self.findings += 1
        if len(self.first) < _KEPT:
            self.first.append(Finding(said, tuple(map(str, ids))))


class Checks:
    """The answers to all questions that were asked."""

    def __init__(self) -> None:
        self._asked: dict[Question, Check] = {}

    def __getitem__(self, question: Question) -> Check:
        return self._asked.setdefault(question, Check(question))

    def asked(self) -> Sequence[Check]:
        """In the order of `Question`."""
        return [self._asked[question] for question in Question if question in self._asked]
