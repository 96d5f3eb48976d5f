"""The packed sequence as tensors: positions are those of Qwen3-VL, masks let no branch see another."""

import numpy as np
import pytest
import torch

from memelens.model.packing import MemeTokens, Packed, SpecialIds, chain_positions, pack
from memelens.model.trie import MEME, TokenTree, TreeBuilder

from .tiny import build_model

MODEL = build_model()
IDS = SpecialIds(image=MODEL.config.image_token_id, padding=0)
ROOT = (21, 22, 23)
TEXT = MemeTokens((), None, (31, 32, 33, 34))
WIDE = MemeTokens((30,), (2, 5), (31, 32))
TALL = MemeTokens((30,), (4, 1), (31,))


def tree() -> TokenTree:
    """Two branches, of two labels each."""
    builder = TreeBuilder()
    for opening in ((41, 42), (43,)):
        branch = builder.grow(MEME, opening)
        for label in ((51, 9), (51, 52, 9)):
            builder.ask(branch, label)
    return builder.build()


def packed(*memes: MemeTokens, cached: bool = True) -> Packed:
    """A batch under the tree above."""
    return pack(memes, tree(), root=ROOT, cached=cached, ids=IDS)


@pytest.mark.parametrize("meme", [TEXT, WIDE, TALL], ids=["text", "wide", "tall"])
def test_positions_are_those_of_the_model(meme: MemeTokens) -> None:
    """Root and meme are numbered as transformers numbers the same tokens."""
    ids = [*ROOT, *meme.before, *[IDS.image] * meme.image_tokens, *meme.after]
    tokens = torch.tensor([ids])
    grid = torch.tensor([[1, 2 * meme.grid[0], 2 * meme.grid[1]]]) if meme.grid else None
    theirs, _ = MODEL.model.get_rope_index(
        tokens, mm_token_type_ids=(tokens == IDS.image).long(), image_grid_thw=grid, video_grid_thw=None
    )
    ours = chain_positions(meme, head=len(ROOT))
    assert np.array_equal(ours, theirs[:, 0].numpy())
    assert len(meme) == ours.shape[1] - len(ROOT)


@pytest.mark.parametrize("cached", [True, False])
def test_branches_go_on_from_the_meme(cached: bool) -> None:
    """Every branch and leaf is numbered as if it alone followed the meme's last token, wherever it lies in the row."""
    batch = packed(TEXT, WIDE, cached=cached)
    for row in range(2):
        last = int(batch.positions[:, row, : batch.chains[row]].max())
        found = batch.positions[:, row, batch.tree_start :]
        assert torch.equal(found, (last + 1 + torch.from_numpy(tree().depths)).expand(3, -1))
        assert batch.ends[row] == last + 1


@pytest.mark.parametrize("cached", [True, False])
def test_rows_see_their_own_past(cached: bool) -> None:
    """Chains are causal; tree rows see root, meme and their own path: no padding, no sibling."""
    batch, small = packed(TEXT, WIDE, TALL, cached=cached), tree()
    for row, chain in enumerate(batch.chains):
        mask = batch.mask[row, 0]
        assert bool(mask[:, : batch.root].all())
        own = mask[:, batch.root :]
        assert torch.equal(own[:chain, :chain], torch.ones(chain, chain).tril().bool())
        assert not own[:chain, chain:].any()
        assert torch.equal(own[batch.tree_start :, batch.tree_start :], torch.from_numpy(small.sees))
        assert bool(own[batch.tree_start :, :chain].all())
        assert not own[batch.tree_start :, chain : batch.tree_start].any()
    assert bool(batch.mask.any(-1).all()), "a row that sees nothing is NaN"


def test_memes_of_one_shape_share_a_mask() -> None:
    """One mask for all of them, the same as each would have."""
    batch = packed(TEXT, TEXT)
    assert batch.mask.shape[0] == 1
    assert torch.equal(batch.mask, packed(TEXT).mask)


def test_edges_point_at_the_rows_that_predict_them() -> None:
    """Each edge of each meme: the row of its node and its token."""
    batch, small = packed(TEXT, WIDE), tree()
    rows = batch.rows[batch.edge_rows].tolist()
    assert rows == [[meme, batch.tree_start + node] for meme in range(2) for node, _ in small.edges]
    assert batch.edge_tokens.tolist() == [token for _ in range(2) for _, token in small.edges]
    assert len({tuple(row) for row in batch.rows.tolist()}) == len(batch.rows)


def test_memes_may_have_trees_of_their_own() -> None:
    """As training packs them: shorter trees are padded, and nothing sees the padding."""
    builder = TreeBuilder()
    builder.ask(builder.grow(MEME, (43,)), (51, 9))
    batch = pack([TEXT, WIDE], [tree(), builder.build()], root=ROOT, cached=False, ids=IDS)
    short = batch.tree_start + 2
    assert batch.ids[1, short:].tolist() == [IDS.padding] * (len(tree()) - 2)
    assert not batch.mask[1, 0, :short, short:].any()
    assert batch.ids[0, :3].tolist() == list(ROOT)
    with pytest.raises(ValueError, match="1 trees for 2 memes"):
        pack([TEXT, WIDE], [tree()], root=ROOT, cached=False, ids=IDS)
