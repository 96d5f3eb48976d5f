"""The second stage: the lower half of the text tower learns to read, before the whole model learns to judge.

Heads on the last token before the branches name the people, the object, every attribute that a label looks at and the
exclusive-ors of two, from words and picture together. They are thrown away afterwards; what stays is a tower that has
all of it ready where the branches look. Without branches and vocabulary a step takes a fifth of the next stage's time.
The vision tower stays as it is: the fresh heads would tell it nothing at first, and optimisers that give every step the
same length let it forget by noise alone.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import Qwen3VLForConditionalGeneration

from ...model.packing import MemeTokens, pack
from ...model.scoring import encode_pictures, forward
from ...model.trie import TokenTree
from ...taxonomy import served_set
from ...taxonomy.languages import Language
from .cells import is_trained
from .dataset import DrawnMeme
from .encoding import Encoder
from .jitter import jitter
from .optimisers import Descent
from .scene import ATTRIBUTES, GROUPS, JOINT_TASKS, OBJECTS, Edit, Scene, Scope, labels
from .seeing import Picture, values_of

__all__ = ["FINDINGS", "ReadingSettings", "findings_of", "learn_to_read"]

_ANSWERS = {"scope": len(Scope), "edit": len(Edit)}
FINDINGS = (
    {"people": len(GROUPS), "object": len(OBJECTS)}
    | {name: _ANSWERS.get(name, 2) for name in ATTRIBUTES}
    | {task.value: 2 for task in JOINT_TASKS}
)
"""What the heads name, with the number of answers."""

_WITHHELD = -100
"""`cross_entropy` leaves it out."""

_NO_BRANCHES = TokenTree((), (), ())


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """How long and how fast; `layers` of the text tower take part."""

    steps: int = 250
    batch_size: int = 64
    learning_rate: float = 5e-3
    warm_up_steps: int = 30
    layers: int = 2
    seed: int = 1


def findings_of(scene: Scene, language: Language) -> list[int]:
    """The right answers of the heads, in the order of `FINDINGS`; no label of a cell that is withheld."""
    given = labels(scene, language)
    joint = [
        served_set(task, language).labels.index(given[task]) if is_trained(task, language) else _WITHHELD
        for task in JOINT_TASKS
    ]
    return [scene.group, OBJECTS.index(scene.object), *(read(scene) for read in ATTRIBUTES.values()), *joint]


@dataclass(frozen=True, slots=True)
class _Row:
    """A meme without branches."""

    tokens: MemeTokens
    picture: Picture
    findings: list[int]


def learn_to_read(
    model: Qwen3VLForConditionalGeneration,
    memes: Sequence[tuple[DrawnMeme, Picture]],
    encoder: Encoder,
    settings: ReadingSettings,
    on_step: Callable[[int, float, float], None],
) -> None:
    """Train the text tower's lower part in place; `on_step` hears loss and share of peoples named rightly."""
    tower = model.model.language_model
    whole = tower.layers
    tower.layers = whole[: settings.layers]
    head = nn.Linear(model.config.text_config.hidden_size, sum(FINDINGS.values()))
    named = [*tower.named_parameters(), *(("embedded head", one) for one in head.parameters())]
    rng = random.Random(settings.seed)
    descent = Descent(named, settings)
    for step in range(settings.steps):
        batch = [_row(one, jitter(seen, rng), encoder) for one, seen in rng.sample(memes, settings.batch_size)]
        loss, right = _loss(model, head, batch, encoder)
        descent.step(step, loss)
        on_step(step, loss.item(), right)
    tower.layers = whole


def _row(drawn: DrawnMeme, picture: Picture, encoder: Encoder) -> _Row:
    return _Row(encoder.tokens(drawn, picture), picture, findings_of(drawn.scene, drawn.language))


def _loss(
    model: Qwen3VLForConditionalGeneration, head: nn.Module, batch: Sequence[_Row], encoder: Encoder
) -> tuple[Tensor, float]:
    packed = pack([one.tokens for one in batch], _NO_BRANCHES, root=encoder.root, cached=False, ids=encoder.ids)
    with torch.no_grad():
        pictures = encode_pictures(model, *values_of([one.picture for one in batch]))
    hidden = forward(model, packed, pictures).hidden
    last = hidden[torch.arange(len(batch)), torch.tensor(packed.chains) - 1]
    answers = torch.split(head(last), list(FINDINGS.values()), dim=-1)
    gold = torch.tensor([one.findings for one in batch])
    losses = [nn.functional.cross_entropy(one, gold[:, place]) for place, one in enumerate(answers)]
    right = (answers[0].argmax(-1) == gold[:, 0]).float().mean().item()
    return torch.stack(losses).sum(), right
