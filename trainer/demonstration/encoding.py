"""Memes as the packed sequences that serving uses: branches with their gold labels, rationales after one of them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from ...model.manifest import Manifest, PromptVersion
from ...model.packing import MemeTokens
from ...model.prompt import Plan, Prompt
from ...model.sheets import marker, sheets
from ...model.tokens import Vocabulary
from ...model.trie import MEME, TokenTree, TreeBuilder
from ...taxonomy import Task, label_set
from ...taxonomy.languages import Language
from .cells import TRAINED, is_trained
from .dataset import DrawnMeme
from .scene import labels
from .seeing import Picture
from .sentences import sentences

__all__ = ["EncodedMeme", "Encoder", "demonstration_manifest", "prompt_texts"]

_OTHER_LANGUAGE = 0.1
"""Share of memes with a rationale that is neither in English nor in their language."""


def demonstration_manifest() -> Manifest:
    """How the demonstration checkpoint wants to be asked, before it is calibrated."""
    return Manifest(
        name="memelens-demonstration",
        prompt=PromptVersion.BRIEF,
        rationale_languages=frozenset(Language),
        trained=TRAINED,
        licence="Apache-2.0",
        demonstration=True,
    )


def prompt_texts(manifest: Manifest) -> Iterator[str]:
    """Every text of the prompt, for the tokenizer to learn."""
    yield from ("system\n", "user\n", "assistant\n", "\n")
    for language in Language:
        yield f"{marker(manifest.prompt, language)} "
        for sheet in sheets(manifest, language):
            yield from (sheet.system, sheet.text_name, f"\n{sheet.caption_name}")
            for one in sheet.answers:
                yield from (one.opening, f"{one.opening} {one.wording}\n")


@dataclass(frozen=True, slots=True)
class EncodedMeme:
    """A training row: `weights` are those of the tree's edges, in their order."""

    picture: Picture
    tokens: MemeTokens
    tree: TokenTree
    weights: tuple[float, ...]


class Encoder:
    """Turns drawn memes into training rows. A meme's rationales together weigh as much as `rationale_weight` labels."""

    def __init__(self, vocabulary: Vocabulary, manifest: Manifest, rationale_weight: float) -> None:
        self._prompt, self._rationale_weight = Prompt(vocabulary, manifest), rationale_weight
        self.ids = vocabulary.control.written
        self.root = self.plan(Language.ENGLISH).root

    def plan(self, language: Language) -> Plan:
        """What a meme in a language is asked."""
        (plan,) = self._prompt.plans(language)
        return plan

    def tokens(self, drawn: DrawnMeme, picture: Picture) -> MemeTokens:
        """A meme's tokens between the root and the branches."""
        _, rows, columns = picture.grid
        text, caption = self._prompt.untrusted(drawn.meme.text), self._prompt.untrusted(drawn.meme.caption)
        return self._prompt.meme(self.plan(drawn.language), grid=(rows // 2, columns // 2), text=text, caption=caption)

    def encode(self, drawn: DrawnMeme, picture: Picture, rng: random.Random) -> EncodedMeme:
        """A meme with the labels it is trained on, one of them explained in its language and in English."""
        plan, builder = self.plan(drawn.language), TreeBuilder()
        asked = [label_set(name) for name in plan.sets if is_trained(label_set(name).task, drawn.language)]
        explained = rng.choice(asked)
        weights: list[float] = []
        for one in asked:
            answer = plan.answer(one.name, labels(drawn.scene, drawn.language)[one.task])
            branch = builder.grow(MEME, answer.opening)
            weights += [1.0] * len(builder.ask(branch, answer.tokens))
            if one is explained:
                for language in (languages := _languages(drawn.language, rng)):
                    after = builder.grow(branch, (*answer.tokens, *self._prompt.marker(language)))
                    edges = builder.ask(after, self._explanation(drawn, one.task, language))
                    weights += [self._rationale_weight / len(languages) / len(edges)] * len(edges)
        return EncodedMeme(picture, self.tokens(drawn, picture), builder.build(), tuple(weights))

    def _explanation(self, drawn: DrawnMeme, task: Task, language: Language) -> tuple[int, ...]:
        return self._prompt.explanation(sentences(language).explain(drawn.scene, task), language)


def _languages(language: Language, rng: random.Random) -> tuple[Language, ...]:
    """What a rationale is written in: English, the meme's language, and now and then another one."""
    wanted = {Language.ENGLISH, language}
    if language is Language.ENGLISH or rng.random() < _OTHER_LANGUAGE:
        wanted.add(rng.choice(list(Language)))
    return tuple(sorted(wanted))
