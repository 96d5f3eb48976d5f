"""What the exactness tests are worth: each mistake that packing invites breaks them by more than a hundred times."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from memelens.model.engine import Meme
from memelens.model.manifest import Manifest
from memelens.model.packing import MemeTokens, Packed, pack
from memelens.model.prompt import Plan
from memelens.model.scoring import Pictures, encode_pictures, log_probabilities, prefill_root
from memelens.model.sheets import sheets
from memelens.taxonomy import Language

from .plain import PlainModel
from .tiny import build_model, checkpoint, image_processor, picture, tokenizer, words

EXACT, BROKEN = 1e-4, 1e-2
MEME = Meme("Two teapots", "at sea", Language.ENGLISH, picture((128, 96), seed=1))
MANIFEST = Manifest(name="t")
CHECKPOINT = checkpoint(MANIFEST)
(PLAN,) = CHECKPOINT.prompt.plans(Language.ENGLISH)
PLAIN = PlainModel(build_model(), tokenizer(), image_processor())


def meme_tokens() -> tuple[MemeTokens, Pictures]:
    """The meme as the model takes it."""
    assert MEME.image is not None
    made, prompt = CHECKPOINT.patches.patches(MEME.image), CHECKPOINT.prompt
    text, caption = prompt.untrusted(MEME.text), prompt.untrusted(MEME.caption)
    grid = torch.tensor([[1, made.rows, made.columns]])
    pictures = encode_pictures(CHECKPOINT.model, torch.from_numpy(made.values), grid)
    return prompt.meme(PLAN, grid=(made.rows // 2, made.columns // 2), text=text, caption=caption), pictures


def scored(packed: Packed, pictures: Pictures, plan: Plan = PLAN) -> Tensor:
    """Label scores from a packed sequence of one meme against the cached root."""
    edges = log_probabilities(CHECKPOINT.model, packed, pictures, prefill_root(CHECKPOINT.model, plan.root))
    return torch.stack([edges[list(places)].sum() for places in plan.label_edges])


def packed_meme(meme: MemeTokens) -> Packed:
    """The meme with all its branches."""
    return pack([meme], PLAN.tree, root=PLAN.root, cached=True, ids=CHECKPOINT.vocabulary.control.written)


def tree_one_position_late(packed: Packed, pictures: Pictures) -> Tensor:
    """Every branch stands one position further away."""
    positions = packed.positions.clone()
    positions[:, :, packed.tree_start :] += 1
    return scored(replace(packed, positions=positions), pictures)


def meme_one_position_late(packed: Packed, pictures: Pictures) -> Tensor:
    """The meme and its branches leave a gap after the root."""
    return scored(replace(packed, positions=packed.positions + 1), pictures)


def picture_in_a_line(packed: Packed, pictures: Pictures) -> Tensor:
    """Image tokens are numbered like text."""
    positions = packed.positions.clone()
    positions[:] = packed.root + torch.arange(positions.shape[-1])
    positions[:, :, packed.tree_start :] = packed.positions[:, :, packed.tree_start :]
    return scored(replace(packed, positions=positions), pictures)


def no_deepstack(packed: Packed, pictures: Pictures) -> Tensor:
    """The vision tower's middle layers don't reach the language model."""
    layers = tuple(tuple(torch.zeros_like(one) for one in layer) for layer in pictures.deepstack)
    return scored(packed, replace(pictures, deepstack=layers))


def another_branch_seen(packed: Packed, pictures: Pictures) -> Tensor:
    """Every branch sees the first one."""
    mask, first = packed.mask.clone(), packed.root + packed.tree_start
    mask[..., packed.tree_start + 1 :, first] = True
    return scored(replace(packed, mask=mask), pictures)


def meme_hidden_in_part(packed: Packed, pictures: Pictures) -> Tensor:
    """The branches don't see the meme's first token."""
    mask = packed.mask.clone()
    mask[..., packed.tree_start :, packed.root] = False
    return scored(replace(packed, mask=mask), pictures)


def no_terminator(packed: Packed, pictures: Pictures) -> Tensor:
    """A label's score ends with its last word."""
    edges = log_probabilities(CHECKPOINT.model, packed, pictures, prefill_root(CHECKPOINT.model, PLAN.root))
    return torch.stack([edges[list(places[:-1])].sum() for places in PLAN.label_edges])


def unlike_root(packed: Packed, pictures: Pictures) -> Tensor:
    """The static text is that of another checkpoint by one token."""
    root = (*PLAN.root[:-2], PLAN.root[-1], PLAN.root[-2])
    edges = log_probabilities(CHECKPOINT.model, packed, pictures, prefill_root(CHECKPOINT.model, root))
    return torch.stack([edges[list(places)].sum() for places in PLAN.label_edges])


@pytest.fixture(scope="module")
def plain() -> Tensor:
    """Every label's score in a sequence of its own."""
    (sheet,) = sheets(MANIFEST, Language.ENGLISH, words)
    return torch.tensor([PLAIN.score(sheet, MEME, one, MANIFEST.terminator) for one in sheet.answers])


@torch.inference_mode()
def test_nothing_mutated_is_exact(plain: Tensor) -> None:
    """With the root in the cache and with the root in the sequence: within 1e-4 for every label."""
    meme, pictures = meme_tokens()
    assert (scored(packed_meme(meme), pictures) - plain).abs().max() < EXACT
    whole = pack([meme], PLAN.tree, root=PLAN.root, cached=False, ids=CHECKPOINT.vocabulary.control.written)
    edges = log_probabilities(CHECKPOINT.model, whole, pictures)
    rooted = torch.stack([edges[list(places)].sum() for places in PLAN.label_edges])
    assert (rooted - plain).abs().max() < EXACT


@pytest.mark.parametrize(
    "mutation",
    [
        tree_one_position_late,
        meme_one_position_late,
        picture_in_a_line,
        no_deepstack,
        another_branch_seen,
        meme_hidden_in_part,
        no_terminator,
        unlike_root,
    ],
)
@torch.inference_mode()
def test_each_mistake_shows(mutation: Callable[[Packed, Pictures], Tensor], plain: Tensor) -> None:
    """A mutated pass is off by at least 1e-2: the exactness tests would fail a hundred times over."""
    meme, pictures = meme_tokens()
    assert (mutation(packed_meme(meme), pictures) - plain).abs().max() > BROKEN
