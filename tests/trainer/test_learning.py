"""Training learns, batches keep their promises; on kept memes, so that no fonts are needed."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import PreTrainedTokenizerFast

from memelens.model.tokens import Vocabulary
from memelens.model.trie import MEME
from memelens.trainer.demonstration.architecture import VOCABULARY, build_model
from memelens.trainer.demonstration.cells import TRAINED, is_trained
from memelens.trainer.demonstration.encoding import Encoder, demonstration_manifest, prompt_texts
from memelens.trainer.demonstration.jitter import jitter
from memelens.trainer.demonstration.kept import read_kept
from memelens.trainer.demonstration.looking import LookingSettings, learn_to_look
from memelens.trainer.demonstration.reading import FINDINGS, ReadingSettings, findings_of, learn_to_read
from memelens.trainer.demonstration.scene import JOINT_TASKS
from memelens.trainer.demonstration.seeing import see
from memelens.trainer.demonstration.training import TrainingSettings, train
from memelens.trainer.demonstration.vocabulary import train_tokenizer

_KEPT = read_kept(Path(__file__).with_name("held_out.jsonl"))[:96]
_SEEN = [see(one.meme.image or b"") for one in _KEPT]


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer of the demonstration's prompt."""
    return train_tokenizer(prompt_texts(demonstration_manifest()), size=VOCABULARY)


@pytest.fixture(scope="module")
def encoder(tokenizer: PreTrainedTokenizerFast) -> Encoder:
    """Rationales weigh as much as twenty labels."""
    return Encoder(Vocabulary(tokenizer), demonstration_manifest(), 20.0)


def test_the_vision_tower_learns() -> None:
    """Twenty-five steps of the first stage lower its loss."""
    torch.manual_seed(0)
    model = build_model(train_tokenizer([], size=VOCABULARY))
    losses: list[float] = []
    learn_to_look(
        model,
        [(picture, one.scene) for picture, one in zip(_SEEN, _KEPT, strict=True)],
        LookingSettings(steps=25, batch_size=24, warm_up_steps=5),
        lambda _step, loss, _right: losses.append(loss),
    )
    assert sum(losses[-5:]) < 0.95 * sum(losses[:5])


def test_the_lower_layers_learn_to_read(tokenizer: PreTrainedTokenizerFast, encoder: Encoder) -> None:
    """Fifteen steps of the second stage lower its loss, change nothing above, and leave the model whole."""
    torch.manual_seed(0)
    model = build_model(tokenizer)
    before = {name: value.clone() for name, value in model.model.language_model.layers[-1].named_parameters()}
    losses: list[float] = []
    learn_to_read(
        model,
        list(zip(_KEPT, _SEEN, strict=True)),
        encoder,
        ReadingSettings(steps=15, batch_size=16, warm_up_steps=3),
        lambda _step, loss, _right: losses.append(loss),
    )
    assert sum(losses[-3:]) < 0.95 * sum(losses[:3])
    assert len(model.model.language_model.layers) == model.config.text_config.num_hidden_layers
    after = dict(model.model.language_model.layers[-1].named_parameters())
    assert all((after[name] == value).all() for name, value in before.items())


def test_the_whole_model_learns(tokenizer: PreTrainedTokenizerFast, encoder: Encoder) -> None:
    """Twelve steps of the third stage, in serving's own packed sequences, lower its loss."""
    torch.manual_seed(0)
    losses: list[float] = []
    train(
        build_model(tokenizer),
        list(zip(_KEPT, _SEEN, strict=True)),
        encoder,
        TrainingSettings(steps=12, batch_size=8, warm_up_steps=4),
        lambda _step, loss: losses.append(loss),
    )
    assert sum(losses[-3:]) < 0.8 * sum(losses[:3])


def test_withheld_cells_are_not_trained(encoder: Encoder) -> None:
    """A meme has one branch for each task that its language is trained on, and explains one of them."""
    for one, seen in zip(_KEPT[:18], _SEEN, strict=False):
        row = encoder.encode(one, seen, random.Random(0))
        branches = sum(parent == MEME for parent in row.tree.parents)
        assert branches == sum(one.language in some for some in TRAINED.values())
        assert len(row.weights) == len(row.tree.edges)
        assert sum(weight for weight in row.weights if weight != 1.0) == pytest.approx(20.0)


def test_withheld_cells_are_not_read() -> None:
    """The reading stage is told a joint label exactly where its cell is trained."""
    for one in _KEPT:
        found = dict(zip(FINDINGS, findings_of(one.scene, one.language), strict=True))
        for task in JOINT_TASKS:
            assert (found[task.value] >= 0) == is_trained(task, one.language)
        assert all(0 <= value < FINDINGS[name] for name, value in found.items() if name not in set(JOINT_TASKS))


def test_a_shaken_picture_stays_a_picture() -> None:
    """Shaking changes place and tint, not size; without it, cutting and joining patches changes nothing."""
    shaken = jitter(_SEEN[0], random.Random(1))
    assert shaken.grid == _SEEN[0].grid
    assert shaken.patches.shape == _SEEN[0].patches.shape
    assert (shaken.patches != _SEEN[0].patches).any()
    still = jitter(_SEEN[0], _Still())
    assert (np.asarray(still.patches) == np.asarray(_SEEN[0].patches)).all()


class _Still(random.Random):
    """Always the middle."""

    def randint(self, a: int, b: int) -> int:
        return (a + b) // 2

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2

    def gauss(self, mu: float = 0.0, sigma: float = 1.0) -> float:
        return mu + 0 * sigma
