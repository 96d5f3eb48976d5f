"""The texts of the prompts, before any tokenizer: before the meme, beside it, in the branches and at the leaves.

A prompt that a checkpoint was trained with is a contract: change a text here only under a new `PromptVersion`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..taxonomy import LabelSet, Language, Task, Wording, wording
from .manifest import LabelLanguage, Manifest, PromptVersion, Terminator

__all__ = ["AnswerText", "Sheet", "label_language", "marker", "sheets"]


@dataclass(frozen=True, slots=True)
class AnswerText:
    """A label where it stands: the text that opens its branch, and the label's wording."""

    label_set: str
    label: str
    opening: str
    wording: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The texts of one packed sequence.

    `system` is the system prompt; `lead` follows the picture; the lines of text that a meme has open with `text_name`
    and `caption_name`, the first of them after `gap`.
    """

    system: str
    lead: str
    gap: str
    text_name: str
    caption_name: str
    answers: tuple[AnswerText, ...]


def sheets(
    manifest: Manifest, language: Language | None, words: Callable[[Language], Wording] = wording
) -> tuple[Sheet, ...]:
    """Everything that a meme in a language is asked: one sheet for all tasks, or one for each, as the layout has it."""
    sets = manifest.asked_sets(language)
    if manifest.prompt is PromptVersion.RELEASED:
        return tuple(_released(one, manifest.terminator) for one in sets)
    if manifest.prompt is PromptVersion.BRIEF:
        return (_brief(sets),)
    asked_in = label_language(manifest, language)
    return (_full(sets, words(asked_in), _YES[asked_in]),)


def label_language(manifest: Manifest, language: Language | None) -> Language:
    """Language in which a meme of that language is asked; outside the nine it is English."""
    native = manifest.label_language is LabelLanguage.NATIVE
    return language if native and language is not None else Language.ENGLISH


def marker(prompt: PromptVersion, language: Language) -> str:
    """What opens the line of an explanation."""
    if prompt is PromptVersion.RELEASED:
        return "Explanation:"
    return f"{language}:" if prompt is PromptVersion.BRIEF else f"Explanation ({language}):"


# Several labels at once are as many questions, each answered with yes.
_YES = {
    Language.ARABIC: "نعم",
    Language.BENGALI: "হ্যাঁ",
    Language.GERMAN: "ja",
    Language.ENGLISH: "yes",
    Language.SPANISH: "sí",
    Language.HINDI: "हाँ",
    Language.ROMANIAN: "da",
    Language.RUSSIAN: "да",
    Language.CHINESE: "是",
}


def _answers(one: LabelSet, name: str, phrases: Sequence[str], yes: str) -> tuple[AnswerText, ...]:
    if one.multiple:
        return tuple(
            AnswerText(one.name, label, f"{name}, {phrase}:", yes)
            for label, phrase in zip(one.labels, phrases, strict=True)
        )
    return tuple(
        AnswerText(one.name, label, f"{name}:", phrase) for label, phrase in zip(one.labels, phrases, strict=True)
    )


# -- full-1

_FULL = (
    "You judge memes: the picture, the text in it and what its author wrote beside it, taken together. Each question is"
    " answered with one of its labels. An explanation may follow the label on a line of its own."
)


def _full(sets: Sequence[LabelSet], words: Wording, yes: str) -> Sheet:
    lines: list[str] = [_FULL]
    answers: list[AnswerText] = []
    for one in sets:
        task, phrases = words.tasks[one.task], [words.label(one.name, label) for label in one.labels]
        lines.append(f"{task.name}: {task.question} {task.definition} [{' | '.join(phrases)}]")
        answers += _answers(one, task.name, phrases, yes)
    return Sheet("\n".join(lines), "", "", "Text in the picture:", "Caption:", tuple(answers))


# -- brief-1


def _brief(sets: Sequence[LabelSet]) -> Sheet:
    answers = [
        answer
        for one in sets
        for answer in _answers(one, one.task, [label.replace("-", " ") for label in one.labels], "yes")
    ]
    return Sheet("Judge this meme.", "", "", "Text:", "Caption:", tuple(answers))


# -- released-1: the system prompts and the format's description are those of the released training data
# (https://github.com/MohamedBayan/MemeLens); the instruction is of the kind that was drawn there at random.

_EXPERTISE = {
    Task.HATEFUL: "identifying hateful content",
    Task.HARMFUL: "identifying harmful content",
    Task.TOXIC: "identifying toxic content",
    Task.ABUSIVE: "identifying abusive content",
    Task.VULGAR: "identifying vulgar content",
    Task.TARGET: "identifying targeted attacks",
    Task.MISOGYNY: "identifying misogynistic content",
    Task.OBJECTIFICATION: "identifying objectification",
    Task.SHAMING: "identifying shaming content",
    Task.STEREOTYPE: "identifying stereotypes",
    Task.VIOLENCE: "identifying violent content",
    Task.PROPAGANDA: "identifying propaganda techniques",
    Task.METAPHOR: "identifying metaphors",
    Task.INTENTION: "detecting intentions",
    Task.SARCASM: "detecting sarcasm",
    Task.DEEPFAKE: "detecting manipulated or deepfake content",
    Task.POLITICAL: "analyzing political content",
    Task.HUMOR: "analyzing humor",
    Task.OFFENSIVE: "identifying offensive content",
    Task.MOTIVATIONAL: "identifying motivational content",
    Task.SENTIMENT: "sentiment analysis",
    Task.SENTIMENT_DEGREE: "sentiment analysis",
    Task.EMOTION: "emotion recognition",
}
_EXPERT = {
    Task.DEEPFAKE: "image analyst",
    Task.PROPAGANDA: "social media analyst",
    Task.POLITICAL: "social media analyst",
}
_FORMAT = {
    Terminator.NEWLINE: (
        "Your response must strictly follow this format:\n'Label: <label>\nExplanation: <explanation>'\n"
        "where <label> is your classification and <explanation> provides a brief justification for your decision based"
        " on the visual and textual content."
    ),
    Terminator.END_OF_TURN: (
        "Your response must strictly follow this format: 'Label: <label>' where <label> is your classification. Do not"
        " include any additional text or explanation."
    ),
}


def _released(one: LabelSet, terminator: Terminator) -> Sheet:
    expert, expertise = _EXPERT.get(one.task, "social media image analyzer"), _EXPERTISE[one.task]
    preposition = "of" if expertise == "sentiment analysis" else "in"
    return Sheet(
        system=f"You are an expert {expert} specializing in {expertise} {preposition} memes.",
        lead=f" Classify the given meme as one of: {', '.join(one.labels)}.\n\nIMPORTANT: {_FORMAT[terminator]}",
        gap="\n\n",
        text_name="Text extracted from meme:",
        caption_name="Caption:",
        answers=tuple(AnswerText(one.name, label, "Label:", label) for label in one.labels),
    )
