"""Log-probabilities of edges: in float32, in parts where all logits would be too many, with the same gradient."""

import pytest
import torch
from torch import Tensor

from memelens.model import scoring
from memelens.model.packing import MemeTokens, Packed, SpecialIds, pack
from memelens.model.scoring import encode_pictures, log_probabilities, logits_of
from memelens.model.trie import MEME, TokenTree, TreeBuilder

from .tiny import build_model, patches_of

MODEL = build_model()
ROOT = (21, 22, 23, 24)
MEMES = (MemeTokens((30,), (2, 3), (31, 32)), MemeTokens((), None, (33, 34, 35)), MemeTokens((30,), (1, 4), (36,)))
GRIDS = ((2, 3), (1, 4))


def tree(shift: int) -> TokenTree:
    """A tree of its own for each meme, as in training: a label, and an explanation after it."""
    builder = TreeBuilder()
    branch = builder.grow(MEME, (41 + shift, 42))
    builder.ask(branch, (51, 9))
    builder.ask(builder.grow(branch, (51, 9, 60)), tuple(range(61, 65 + shift)))
    return builder.build()


def packed() -> Packed:
    """Three memes with their own trees, the root in the sequence."""
    ids = SpecialIds(image=MODEL.config.image_token_id, padding=0)
    return pack(MEMES, [tree(shift) for shift in range(3)], root=ROOT, cached=False, ids=ids)


def edges_and_gradient() -> tuple[Tensor, Tensor]:
    """Log-probabilities, and the gradient of their sum in the embeddings and the head, which are one."""
    patches = [patches_of(grid, seed=number) for number, grid in enumerate(GRIDS)]
    pictures = encode_pictures(MODEL, torch.cat([one for one, _ in patches]), torch.cat([grid for _, grid in patches]))
    edges = log_probabilities(MODEL, packed(), pictures)
    (gradient,) = torch.autograd.grad(edges.sum(), [MODEL.lm_head.weight])
    return edges.detach(), gradient


@pytest.mark.parametrize("rows", [1, 2, 5, 7])
def test_parts_make_the_whole(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few logits are held at a time: the same numbers, the same gradient."""
    whole, gradient = edges_and_gradient()
    monkeypatch.setattr(scoring, "_LOGITS_AT_ONCE", rows * MODEL.lm_head.weight.shape[0])
    parts, gradient_in_parts = edges_and_gradient()
    assert torch.allclose(parts, whole, atol=1e-5)
    assert torch.allclose(gradient_in_parts, gradient, rtol=1e-3, atol=1e-3)


def test_trees_of_their_own_are_exact() -> None:
    """Every edge of every meme is the log-probability of its token in a plain sequence up to its node."""
    edges, _ = edges_and_gradient()
    place, pictures = 0, iter(range(len(GRIDS)))
    for meme, own in zip(MEMES, [tree(shift) for shift in range(3)], strict=True):
        number = next(pictures) if meme.grid else None
        for node, token in own.edges:
            path: list[int] = []
            while node != MEME:
                path.insert(0, own.tokens[node])
                node = own.parents[node]  # noqa: PLW2901  climbs to the meme
            assert edges[place].item() == pytest.approx(_plainly(meme, number, path, token), abs=1e-4)
            place += 1
    assert place == len(edges)


def test_half_precision_states_have_full_logits() -> None:
    """bfloat16 rounds logits to tenths; a sum over label tokens wants better."""
    states = torch.randn(4, 64, generator=torch.Generator().manual_seed(1)).bfloat16()
    weight = MODEL.lm_head.weight.detach().bfloat16()
    found = logits_of(states, weight)
    assert found.dtype is torch.float32
    assert torch.allclose(found, states.double().matmul(weight.double().t()).float(), atol=1e-5)


@torch.inference_mode()
def _plainly(meme: MemeTokens, number: int | None, path: list[int], token: int) -> float:
    image = MODEL.config.image_token_id
    ids = torch.tensor([[*ROOT, *meme.before, *[image] * meme.image_tokens, *meme.after, *path]])
    picture = {}
    if number is not None:
        patches, grid = patches_of(GRIDS[number], seed=number)
        picture = {"pixel_values": patches, "image_grid_thw": grid}
    logits = MODEL(input_ids=ids, mm_token_type_ids=(ids == image).long(), use_cache=False, **picture).logits
    return float(logits[0, -1].log_softmax(-1)[token])
