"""The vision tower's patch embedding as the matrix product that it is.

transformers writes it as a three-dimensional convolution whose kernel covers exactly one patch: the same numbers, but
by a kernel that is several times as slow as a product on the CPU and, in some versions of cuDNN, slower still in
bfloat16.
"""

from torch import Tensor, nn
from torch.nn.functional import linear
from transformers import Qwen3VLForConditionalGeneration

__all__ = ["project_patches"]


def project_patches(model: Qwen3VLForConditionalGeneration) -> None:
    """Let a model embed patches by a matrix product. Its weights, and their names, stay as they are."""
    tower = model.model.visual
    tower.patch_embed = _PatchProjection(tower.patch_embed.proj)


class _PatchProjection(nn.Module):
    """Patches (patches, values of one) to embeddings (patches, width)."""

    def __init__(self, convolution: nn.Conv3d) -> None:
        super().__init__()
        self.proj = convolution

    def forward(self, patches: Tensor) -> Tensor:
        """Embeddings in the weights' dtype."""
        weight = self.proj.weight
        return linear(patches.to(weight.dtype), weight.flatten(1), self.proj.bias)
