"""Drawn memes kept in a file, so that they can be judged where no fonts are installed: one JSON object a line."""

import base64
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from ...model.engine import Meme
from ...taxonomy.languages import Language
from .dataset import DrawnMeme, HeldOut
from .scene import Edit, Scene, Scope, Style

__all__ = ["keep", "read_kept"]


def keep(memes: Iterable[DrawnMeme], path: Path) -> None:
    """Write the memes with what is hidden behind them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as lines:
        for one in memes:
            row = {
                "language": one.language,
                "text": one.meme.text,
                "caption": one.meme.caption,
                "pattern": one.pattern,
                "held_out": one.held_out,
                "scene": asdict(one.scene),
                "image": base64.b64encode(one.meme.image or b"").decode(),
            }
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_kept(path: Path) -> list[DrawnMeme]:
    """The memes of a file that `keep` wrote."""
    memes = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        language, hidden = Language(row["language"]), row["scene"]
        kinds = {"scope": Scope(hidden["scope"]), "style": Style(hidden["style"]), "edit": Edit(hidden["edit"])}
        meme = Meme(row["text"], row["caption"], language, base64.b64decode(row["image"]))
        memes.append(DrawnMeme(meme, language, Scene(**{**hidden, **kinds}), row["pattern"], HeldOut(row["held_out"])))
    return memes
