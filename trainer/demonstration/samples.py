"""The sample posts of `memelens demo`: three invented memes in each language, a calm one among them, and words alone.

Run as `python -m memelens.trainer.demonstration samples`; the same every time.
"""

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...taxonomy import Task, served_set
from ...taxonomy.languages import Language
from .drawing import draw_picture
from .fonts import font_choices
from .lettering import Lettering
from .scene import JOINT_TASKS, OBJECTS, Edit, Scene, Style, draw_scene, labels
from .sentences import sentences

__all__ = ["write_samples"]

_SIDE_PIXELS = 448
_SEED = 20
_WRONG = (*JOINT_TASKS, Task.HARMFUL, Task.DEEPFAKE, Task.VULGAR)
_STYLES = (Style.SHADED, Style.FLAT, Style.SHADED, Style.OUTLINE, Style.FLAT, Style.SKETCH)


def write_samples(folder: Path) -> int:
    """Write `posts.jsonl` and its pictures; returns the number of posts.

    Raises:
        MissingFontsError: no font for one of the scripts.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng, posts = random.Random(_SEED), list[dict[str, Any]]()
    objects = rng.sample(OBJECTS, len(OBJECTS))
    for place, language in enumerate([*Language] * 3):
        calm = (place + place // len(Language)) % 3 == 1
        scene = _calm(rng) if calm else _scene(rng, objects[place % len(objects)], _STYLES[place % len(_STYLES)])
        text = sentences(language).sentence(scene, rng.randrange(len(sentences(language).patterns)))
        number = place // len(Language) + 1
        lettering = Lettering(text, language, rng.choice(font_choices(language, held_out=False)))
        post: dict[str, Any] = {
            "schema_version": 1,
            "post_id": f"sample-{language}-{number}",
            "language": language.value,
            "posted_at": f"2026-11-0{number}T{8 + place % 9:02}:00:00Z",
            "image_text": text,
        }
        if place == len(Language) * 2 + 3:
            post["image"] = f"{language}-{number}.gif"
            _save_moving(folder / post["image"], scene, lettering)
        else:
            post["image"] = f"{language}-{number}.jpg"
            picture = draw_picture(scene, lettering, rng, side_pixels=_SIDE_PIXELS)
            picture.save(folder / post["image"], "JPEG", quality=80, optimize=True)
        posts.append(post)
    words = sentences(Language.ENGLISH).sentence(_scene(rng, OBJECTS[0], Style.FLAT), 3)
    posts.append({"schema_version": 1, "post_id": "sample-en-words", "language": "en", "caption": words})
    lines = [json.dumps(post, ensure_ascii=False) + "\n" for post in posts]
    (folder / "posts.jsonl").write_text("".join(lines), encoding="utf-8")
    return len(posts)


def _scene(rng: random.Random, thing: str, style: Style) -> Scene:
    """A scene about this object; edited pictures are the exception, as in life."""
    edit = rng.choice((Edit.REAL, Edit.REAL, Edit.REAL, Edit.FAKE, Edit.DEEPFAKE))
    return replace(draw_scene(rng), object=thing, style=style, edit=edit)


def _calm(rng: random.Random) -> Scene:
    """A scene with which nothing is wrong: none of its labels for the tasks that say so flags."""
    while True:
        scene = draw_scene(rng)
        found = labels(scene, Language.ENGLISH)
        if not any(found[task] in served_set(task, Language.ENGLISH).flagging for task in _WRONG):
            return scene


def _save_moving(path: Path, scene: Scene, lettering: Lettering) -> None:
    """Three frames of the same scene, sketched anew each time from the same starting point."""
    frames = [
        draw_picture(replace(scene, style=style), lettering, random.Random(_SEED), side_pixels=256).quantize(48)
        for style in (Style.FLAT, Style.SHADED, Style.FLAT)
    ]
    frames[0].save(path, "GIF", save_all=True, append_images=frames[1:], duration=300, loop=0, optimize=True)
