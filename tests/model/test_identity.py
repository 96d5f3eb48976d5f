"""A checkpoint's identity: it follows what shapes scores, and nothing else."""

import shutil
from pathlib import Path
from typing import Any

from memelens.model.checkpoint import _read_manifest, load_checkpoint
from memelens.model.checkpoint_files import CheckpointFiles
from memelens.model.manifest import Layout, PromptVersion
from memelens.taxonomy import published_cells

from .disk import change, spec, write_adapter, write_checkpoint


def key(folder: Path, **values: Any) -> str:
    """What scores are cached under."""
    return load_checkpoint(spec(folder, **values)).identity.scores_key


def test_the_scores_key_follows_what_shapes_scores(released: Path, tmp_path: Path) -> None:
    """Weights, adapter, prompt, terminator, label sets, pixel cap and dtype each make another key."""
    adapter = write_adapter(tmp_path / "adapter")
    other_adapter = write_adapter(tmp_path / "other", targets=r".*language_model.*q_proj")
    keys = [
        key(released),
        key(write_checkpoint(tmp_path / "weights", seed=1)),
        key(released, adapter=str(adapter)),
        key(released, adapter=str(other_adapter)),
        key(released, dtype="bfloat16"),
        key(released, max_pixels=16_384),
    ]
    changes: tuple[dict[str, Any], ...] = (
        {"prompt": "full-1"},
        {"terminator": "end-of-turn"},
        {"serve": {"humor": "humor-binary"}},
        {"remove_prior": True},
        {"trained": {"emotion": ["en"]}},
    )
    for number, changed in enumerate(changes):
        place = Path(shutil.copytree(released, tmp_path / f"{number}"))
        change(place / "memelens.json", **changed)
        keys.append(key(place))
    assert len(set(keys)) == len(keys)


def test_the_scores_key_follows_nothing_else(released: Path, tmp_path: Path) -> None:
    """A calibration fitted again, a licence, a name, evidence or another folder leaves every cached score in place."""
    place = Path(shutil.copytree(released, tmp_path / "elsewhere"))
    change(
        place / "memelens.json",
        name="renamed",
        licence="MIT",
        demonstration=True,
        trained={"hateful": ["ar"]},
        calibration={"sets": {"hateful": {"temperature": 3.0}}},
    )
    (place / "README.md").write_text("# About", encoding="utf-8")
    one, other = load_checkpoint(spec(released)), load_checkpoint(spec(place))
    assert one.identity.scores_key == other.identity.scores_key
    assert one.identity.revision == other.identity.revision
    assert one.manifest.calibration.digest != other.manifest.calibration.digest


def test_the_released_models_cells_are_the_published_ones(released: Path) -> None:
    """QCRI/MemeLens-VLM has no manifest: layout, languages and evidence are known by its id."""
    found = _read_manifest(CheckpointFiles(released.parent, "QCRI/MemeLens-VLM", "0"), None, None)
    assert (found.layout, found.prompt) == (Layout.MEMELENS, PromptVersion.RELEASED)
    assert found.trained == published_cells()
    assert sum(map(len, found.trained.values())) == 31
