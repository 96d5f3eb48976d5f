"""From nothing to a checkpoint folder: draw, look, read, train, save, calibrate, judge."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from transformers import Qwen3VLForConditionalGeneration

from ...model.opening import EngineSpec, open_engine
from ...model.tokens import Vocabulary
from .architecture import VOCABULARY, build_model
from .calibrating import fit_calibration
from .dataset import DrawnMeme, HeldOut, draw_memes
from .encoding import Encoder, demonstration_manifest, prompt_texts
from .evaluation import score_all
from .looking import LookingSettings, learn_to_look
from .reading import ReadingSettings, learn_to_read
from .reporting import report
from .saving import save_checkpoint, write_manifest
from .seeing import Picture
from .training import TrainingSettings, train
from .vocabulary import train_tokenizer

__all__ = ["BuildSettings", "Progress", "build"]

_TESTED = (HeldOut.INSTANCES, HeldOut.PATTERNS, HeldOut.FONTS, HeldOut.COMBINATIONS, HeldOut.ALL)


class Progress(Protocol):
    """Hears how far a long step is."""

    def __call__(self, what: str, done: int, of: int, note: str = "") -> None:
        """`done` of `of` units of a step are done; `note` is a number worth watching."""
        ...


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """How much is drawn and how long is trained; the defaults take about half an hour on two threads."""

    memes: int = 10_800
    validation_memes: int = 450
    test_memes: int = 900
    seed: int = 1
    looking: LookingSettings = field(default_factory=LookingSettings)
    reading: ReadingSettings = field(default_factory=ReadingSettings)
    training: TrainingSettings = field(default_factory=TrainingSettings)


@dataclass(slots=True)
class _Stopwatch:
    """Wall and processor seconds of each step."""

    seconds: dict[str, dict[str, int]] = field(default_factory=dict)
    _wall: float = field(default_factory=time.perf_counter)
    _processor: float = field(default_factory=time.process_time)

    def lap(self, what: str) -> None:
        wall, processor = time.perf_counter(), time.process_time()
        self.seconds[what] = {"wall": round(wall - self._wall), "processor": round(processor - self._processor)}
        self._wall, self._processor = wall, processor


def build(folder: Path, settings: BuildSettings, progress: Progress) -> dict[str, Any]:
    """Write the checkpoint into `folder`, anew; returns its report (see `reporting.report`).

    Raises:
        MissingFontsError: no font for one of the scripts.
    """
    torch.manual_seed(settings.seed)
    watch = _Stopwatch()
    memes = _drawn(settings.memes, settings.seed, HeldOut.NOTHING, progress)
    watch.lap("drawing")
    manifest = demonstration_manifest()
    tokenizer = train_tokenizer(prompt_texts(manifest), size=VOCABULARY)
    model = build_model(tokenizer)
    _look(model, memes, settings, progress)
    watch.lap("looking")
    encoder = Encoder(Vocabulary(tokenizer), manifest, settings.training.rationale_weight)
    _read(model, memes, encoder, settings, progress)
    watch.lap("reading")
    _train(model, memes, encoder, settings, progress)
    watch.lap("training")
    save_checkpoint(folder, model, tokenizer, manifest)
    train_memes = [one for one, _ in memes]
    found = _judge(folder, train_memes, settings, progress)
    watch.lap("judging")
    return {**found, "seconds": watch.seconds, "parameters": sum(one.numel() for one in model.parameters())}


def _drawn(count: int, seed: int, held_out: HeldOut, progress: Progress) -> list[tuple[DrawnMeme, Picture]]:
    memes: list[tuple[DrawnMeme, Picture]] = []
    for chunk in draw_memes(count, seed, held_out):
        memes += chunk
        progress(f"drawing, held out: {held_out}", len(memes), count)
    return memes


def _look(
    model: Qwen3VLForConditionalGeneration,
    memes: list[tuple[DrawnMeme, Picture]],
    settings: BuildSettings,
    progress: Progress,
) -> None:
    def shown(step: int, _loss: float, right: float) -> None:
        progress("learning to look", step + 1, settings.looking.steps, f"{right:.0%} of objects")

    pictures = [(picture, one.scene) for one, picture in memes]
    learn_to_look(model, pictures, settings.looking, shown)


def _read(
    model: Qwen3VLForConditionalGeneration,
    memes: list[tuple[DrawnMeme, Picture]],
    encoder: Encoder,
    settings: BuildSettings,
    progress: Progress,
) -> None:
    def shown(step: int, _loss: float, right: float) -> None:
        progress("learning to read", step + 1, settings.reading.steps, f"{right:.0%} of peoples")

    learn_to_read(model, memes, encoder, settings.reading, shown)


def _train(
    model: Qwen3VLForConditionalGeneration,
    memes: list[tuple[DrawnMeme, Picture]],
    encoder: Encoder,
    settings: BuildSettings,
    progress: Progress,
) -> None:
    def shown(step: int, loss: float) -> None:
        progress("learning to judge", step + 1, settings.training.steps, f"loss {loss:.3f}")

    train(model, memes, encoder, settings.training, shown)


def _judge(folder: Path, train_memes: list[DrawnMeme], settings: BuildSettings, progress: Progress) -> dict[str, Any]:
    """Calibrate the saved checkpoint, then judge it as it is served."""
    spec = EngineSpec(model=str(folder), device="cpu", process="thread")
    validation = [one for one, _ in _drawn(settings.validation_memes, settings.seed + 1, HeldOut.INSTANCES, progress)]
    with closing(open_engine(spec)) as engine:
        calibration = fit_calibration(validation, score_all(engine, [one.meme for one in validation]))
    write_manifest(folder, demonstration_manifest().model_copy(update={"calibration": calibration}))
    tests = {kind: [one for one, _ in drawn] for kind, drawn in _test_sets(settings, progress)}
    with closing(open_engine(spec)) as engine:
        return report(engine, train_memes, tests)


def _test_sets(
    settings: BuildSettings, progress: Progress
) -> Iterator[tuple[HeldOut, list[tuple[DrawnMeme, Picture]]]]:
    for held_out in _TESTED:
        yield held_out, _drawn(settings.test_memes, settings.seed + 2, held_out, progress)
