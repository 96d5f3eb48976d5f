"""Fonts for the nine scripts, from the packages of the system: found, or asked for by the name of their packages."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from PIL import ImageFont

from ...taxonomy.languages import Language
from ..errors import MissingFontsError

__all__ = ["FONT_FOLDERS", "FontChoice", "find", "font", "font_choices"]

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
_PACKAGES = "fonts-noto-core, fonts-noto-cjk and fonts-dejavu (Debian and Ubuntu: apt install them)"


@dataclass(frozen=True, slots=True)
class FontChoice:
    """A font file by name, and which face of it; `held_out` ones draw no training meme."""

    file: str
    face: int = 0
    held_out: bool = False


def _choices(training: str, held_out: str, face: int = 0) -> tuple[FontChoice, ...]:
    seen = tuple(FontChoice(file, face) for file in training.split())
    return seen + tuple(FontChoice(file, face, held_out=True) for file in held_out.split())


_LATIN_AND_CYRILLIC = _choices(
    "DejaVuSans.ttf DejaVuSans-Bold.ttf NotoSans-Regular.ttf NotoSans-Bold.ttf NotoSerif-Regular.ttf",
    "DejaVuSerif-Bold.ttf NotoSerif-BoldItalic.ttf",
)
_CHOICES: Mapping[Language, tuple[FontChoice, ...]] = MappingProxyType(
    {
        Language.ARABIC: _choices(
            "NotoSansArabic-Regular.ttf NotoSansArabic-Bold.ttf NotoNaskhArabic-Regular.ttf",
            "NotoNaskhArabic-Bold.ttf DejaVuSans-Bold.ttf",
        ),
        Language.BENGALI: _choices(
            "NotoSansBengali-Regular.ttf NotoSansBengali-Bold.ttf", "NotoSerifBengali-Regular.ttf"
        ),
        Language.HINDI: _choices(
            "NotoSansDevanagari-Regular.ttf NotoSansDevanagari-Bold.ttf", "NotoSerifDevanagari-Regular.ttf"
        ),
        # Face 2 of these collections is simplified Chinese.
        Language.CHINESE: _choices("NotoSansCJK-Regular.ttc NotoSansCJK-Bold.ttc", "NotoSerifCJK-Bold.ttc", face=2),
    }
)


def font_choices(language: Language, *, held_out: bool) -> tuple[FontChoice, ...]:
    """Fonts for a language's script that do (or don't) draw training memes only."""
    return tuple(one for one in _CHOICES.get(language, _LATIN_AND_CYRILLIC) if one.held_out == held_out)


@cache
def font(choice: FontChoice, size_pixels: int) -> ImageFont.FreeTypeFont:
    """The font at a size, ready to draw.

    Raises:
        MissingFontsError: the file isn't installed, or Pillow can't shape complex scripts here.
    """
    return ImageFont.truetype(find(choice.file), size_pixels, index=choice.face, layout_engine=ImageFont.Layout.RAQM)


@cache
def find(file: str) -> Path:
    """Where a font file lies.

    Raises:
        MissingFontsError: in none of the font folders, and fontconfig doesn't know it.
    """
    for folder in FONT_FOLDERS:
        found = sorted(folder.rglob(file)) if folder.is_dir() else []
        if found:
            return found[0]
    return _ask_fontconfig(file)


def _ask_fontconfig(file: str) -> Path:
    program = shutil.which("fc-list")
    if program is not None:
        listed = subprocess.run([program, "--format=%{file}\n"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - fixed arguments
        for line in listed.splitlines():
            if Path(line).name == file:
                return Path(line)
    raise MissingFontsError(f"font {file} is not installed; memes are drawn with the packages {_PACKAGES}")
