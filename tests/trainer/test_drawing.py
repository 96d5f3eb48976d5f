"""Pictures show what is in the scene; lettering works in every script, or asks for the fonts by package name."""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from memelens.taxonomy import Language
from memelens.trainer.demonstration import fonts
from memelens.trainer.demonstration.drawing import draw_picture
from memelens.trainer.demonstration.fonts import FontChoice, font_choices
from memelens.trainer.demonstration.lettering import Lettering
from memelens.trainer.demonstration.scene import OBJECTS, Edit, Scene, Style, draw_scene
from memelens.trainer.demonstration.sentences import sentences
from memelens.trainer.errors import MissingFontsError

_NO_FONT = FontChoice("none-needed.ttf")


def _plain(scene: Scene) -> NDArray[np.int16]:
    picture = draw_picture(scene, Lettering("", Language.ENGLISH, _NO_FONT), random.Random(4), side_pixels=96)
    return np.asarray(picture, dtype=np.int16)


@pytest.mark.parametrize("style", Style)
def test_every_object_looks_different(style: Style) -> None:
    """In each style, any two of the 24 objects differ in at least one pixel of a hundred."""
    scene = replace(draw_scene(random.Random(5)), style=style, hat=False, glasses=False, edit=Edit.REAL)
    drawn = [_plain(replace(scene, object=one)) for one in OBJECTS]
    for place, one in enumerate(drawn):
        for other in drawn[:place]:
            assert (np.abs(one - other).max(axis=2) > 40).mean() > 0.01


@pytest.mark.parametrize("thing", OBJECTS)
def test_everything_a_label_looks_at_is_seen(thing: str) -> None:
    """Hat, glasses, night, style and edit each change the picture of every object."""
    scene = replace(
        draw_scene(random.Random(6)),
        object=thing,
        hat=False,
        glasses=False,
        night=False,
        edit=Edit.REAL,
        style=Style.FLAT,
    )
    before = _plain(scene)
    changes = (
        replace(scene, hat=True),
        replace(scene, glasses=True),
        replace(scene, night=True),
        replace(scene, style=Style.OUTLINE),
        replace(scene, edit=Edit.FAKE),
        replace(scene, edit=Edit.DEEPFAKE),
    )
    for change in changes:
        assert (np.abs(_plain(change) - before).max(axis=2) > 30).mean() > 0.005, change


def test_the_same_seed_draws_the_same_picture() -> None:
    """Drawing depends on nothing but the scene and the random numbers."""
    scene = draw_scene(random.Random(7))
    assert (_plain(scene) == _plain(scene)).all()


@pytest.mark.parametrize("held_out", [False, True], ids=["training", "held-out"])
@pytest.mark.parametrize("language", Language)
def test_every_script_is_lettered(language: Language, held_out: bool) -> None:
    """Each font of a language has the letters of its sentences and puts ink on the picture."""
    choices = font_choices(language, held_out=held_out)
    assert choices
    scene = draw_scene(random.Random(8))
    text = sentences(language).sentence(scene, 0)
    for choice in choices:
        try:
            face = fonts.font(choice, 40)
        except MissingFontsError as error:
            if os.environ.get("MEMELENS_TEST_FONTS") == "required":
                raise
            pytest.skip(str(error))
        nothing = face.getmask("\uffff").getbbox()
        letters = [letter for letter in text if letter.isalpha()]
        assert not [letter for letter in letters if face.getmask(letter).getbbox() == nothing]
        lettered = draw_picture(scene, Lettering(text, language, choice), random.Random(9), side_pixels=96)
        bare = draw_picture(scene, Lettering("", language, choice), random.Random(9), side_pixels=96)
        assert (np.asarray(lettered) != np.asarray(bare)).any()


@pytest.fixture
def no_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine without fonts and without fontconfig."""
    monkeypatch.setattr(fonts, "FONT_FOLDERS", (tmp_path,))
    monkeypatch.setenv("PATH", str(tmp_path))
    fonts.font.cache_clear()
    fonts.find.cache_clear()
    yield
    fonts.font.cache_clear()
    fonts.find.cache_clear()


@pytest.mark.usefixtures("no_fonts")
@pytest.mark.parametrize("language", Language)
def test_missing_fonts_are_asked_for(language: Language) -> None:
    """Without fonts the error names the file and the packages to install."""
    choice = font_choices(language, held_out=False)[0]
    with pytest.raises(MissingFontsError, match=f"{choice.file}.*fonts-noto-core.*fonts-noto-cjk.*fonts-dejavu"):
        draw_picture(
            draw_scene(random.Random(1)), Lettering("text", language, choice), random.Random(1), side_pixels=64
        )
