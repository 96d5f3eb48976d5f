"""Patches embedded by a product are those embedded by transformers' convolution."""

import torch

from memelens.model.patch_projection import project_patches
from memelens.model.scoring import encode_pictures

from .tiny import build_model, patches_of


def test_projected_patches_are_convolved_ones() -> None:
    """Features and deepstack features stay within 1e-5, the weights keep their names."""
    model = build_model()
    patches, grid = patches_of((3, 4), seed=1)
    names = list(model.state_dict())
    with torch.inference_mode():
        before = encode_pictures(model, patches, grid)
        project_patches(model)
        after = encode_pictures(model, patches, grid)
    assert list(model.state_dict()) == names
    torch.testing.assert_close(after.features, before.features, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(after.deepstack, before.deepstack, atol=1e-5, rtol=1e-5)
    assert before.features[0].std() > 1e-2
