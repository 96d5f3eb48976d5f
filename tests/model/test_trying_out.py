"""What only judging shows of a checkpoint: an engine that can't judge a plain picture isn't opened."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from memelens.model.engine import Meme, Scores
from memelens.model.errors import CheckpointError
from memelens.model.packed_engine import PackedEngine

from .disk import change, spec


def refusal(folder: Path) -> str:
    """Why a checkpoint isn't opened."""
    with pytest.raises(CheckpointError) as caught:
        PackedEngine.open(spec(folder))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"image_mean": [0.5]},
        {"image_mean": "grey"},
        {"image_std": [0, 0, 0]},
        {"resample": 99},
        {"rescale_factor": "x"},
    ],
    ids=json.dumps,
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_settings_that_fit_no_picture_are_the_operators(folder: Path, values: dict[str, Any]) -> None:
    """Each post with a picture would have become a dead letter for its shape."""
    change(folder / "preprocessor_config.json", **values)
    assert "a plain picture can't be judged" in refusal(folder)


def test_weights_that_are_no_numbers_are_the_operators(folder: Path) -> None:
    """One NaN in a file that is whole, and every post would have become a dead letter."""
    weights = load_file(folder / "model.safetensors")
    next(one for name, one in weights.items() if name.endswith("q_proj.weight"))[0, 0] = torch.nan
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert "the model's scores hold NaN or an infinity" in refusal(folder)


def test_the_released_layout_is_tried_out_with_one_task(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening costs one pass, not twenty, and keeps nothing from being judged afterwards."""
    passes: list[int] = []
    real = PackedEngine._score

    def counted(engine: PackedEngine, memes: Any) -> Any:
        passes.append(len(memes[0].plans))
        return real(engine, memes)

    monkeypatch.setattr(PackedEngine, "_score", counted)
    (answer,) = PackedEngine.open(spec(folder, manifest="released")).score([Meme("at sea")])
    assert isinstance(answer, Scores)
    assert passes == [1, 20]
