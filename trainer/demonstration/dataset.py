"""Drawn memes: a scene, a language, a sentence pattern and a font make one meme with all its labels.

What is held out of training, each kind on its own and all together: sentence patterns, fonts, combinations of people or
relation and object, and of course every single picture.
"""

import io
import multiprocessing
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

import torch
from PIL import Image

from ...model.engine import Meme
from ...taxonomy.languages import Language
from .drawing import draw_picture
from .fonts import font_choices
from .lettering import Lettering
from .scene import Scene, draw_scene
from .seeing import Picture, see
from .sentences import pattern_indices, sentences

__all__ = ["DrawnMeme", "HeldOut", "draw_meme", "draw_memes"]


_CHUNK = 180


class HeldOut(StrEnum):
    """What of a meme no training meme has; every meme's picture instance is new."""

    NOTHING = "nothing"
    INSTANCES = "instances"
    PATTERNS = "patterns"
    FONTS = "fonts"
    COMBINATIONS = "combinations"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class DrawnMeme:
    """A meme with what is hidden behind it; `pattern` is the place of its sentence among the language's."""

    meme: Meme
    language: Language
    scene: Scene
    pattern: int
    held_out: HeldOut


def draw_meme(
    rng: random.Random, language: Language, held_out: HeldOut, *, side_pixels: int | None = None
) -> DrawnMeme:
    """One meme as JPEG; one in ten has its text beside it. Without a given side, size and quality differ.

    Raises:
        MissingFontsError: no font for the language's script.
    """
    everything = held_out is HeldOut.ALL
    scene = draw_scene(rng, held_out=everything or held_out is HeldOut.COMBINATIONS)
    pattern = rng.choice(pattern_indices(language, held_out=everything or held_out is HeldOut.PATTERNS))
    choice = rng.choice(font_choices(language, held_out=everything or held_out is HeldOut.FONTS))
    text, beside = sentences(language).sentence(scene, pattern), rng.random() < 0.1
    side = side_pixels or rng.choice((112, 128, 160))
    picture = draw_picture(scene, Lettering("" if beside else text, language, choice), rng, side_pixels=side)
    image = _encode(picture, 70 if side_pixels else rng.randint(70, 95))
    meme = Meme("" if beside else text, text if beside else "", language, image)
    return DrawnMeme(meme, language, scene, pattern, held_out)


def draw_memes(
    count: int, seed: int, held_out: HeldOut, *, processes: int = 2
) -> Iterator[Sequence[tuple[DrawnMeme, Picture]]]:
    """Chunks of memes in all nine languages in turn, also as patches; the same for the same count and seed."""
    chunks = [(min(_CHUNK, count - start), f"{seed}/{held_out}/{start}", held_out) for start in range(0, count, _CHUNK)]
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_draw_chunk, chunks)


def _draw_chunk(chunk: tuple[int, str, HeldOut]) -> list[tuple[DrawnMeme, Picture]]:
    count, seed, held_out = chunk
    torch.set_num_threads(1)
    rng, languages = random.Random(seed), list(Language)
    drawn = [draw_meme(rng, languages[place % len(languages)], held_out) for place in range(count)]
    return [(one, see(one.meme.image or b"")) for one in drawn]


def _encode(picture: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
