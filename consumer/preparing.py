"""From a post to what the model sees: text normalised and capped, the picture checked, both hashed.

CPU only: the picture's bytes are inline in the post, or were fetched before (`images/`).
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from itertools import groupby, islice

from ..model.engine import Meme
from ..model.errors import MemeError
from ..model.pictures import inspect_picture
from .brokers.interface import Record
from .errors import PoisonError
from .language import identify_language
from .messages import Post
from .prepared import PreparedPost

__all__ = ["PreparingLimits", "inline_image", "prepare"]

# Canonical composition joins characters and takes at most three of one (UAX 15), so no more than this is ever read.
_MOST_COMPOSED = 4
_MOST_MARKS = 30
_SHORT_CHARACTERS = 1000  # sorting so few takes no time
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class PreparingLimits:
    """Caps: characters of image text and of caption (after NFC), bytes and pixels of the picture."""

    max_text_characters: int = 4000
    max_image_bytes: int = 16 * 1024 * 1024
    max_image_pixels: int = 50_000_000


def inline_image(post: Post) -> bytes | None:
    """The picture that stands in the post itself; None where it has none or refers to one."""
    return None if post.image is None else post.image.content


def prepare(record: Record, post: Post, image: bytes | None, limits: PreparingLimits) -> PreparedPost:
    """The post, ready to be judged. `image` is its picture: `inline_image(post)`, or what was fetched.

    Text beyond the cap isn't judged.

    Raises:
        PoisonError: `too-large` or `wrong-sha256`, or the kinds of `inspect_picture`: the picture can't be judged.
    """
    text = _clean(post.image_text, limits.max_text_characters)
    caption = _clean(post.caption, limits.max_text_characters)
    language = identify_language(post.language, f"{caption}\n{text}" if caption else text)
    return PreparedPost(
        record=record,
        post=post,
        meme=Meme(text=text, caption=caption, language=language.language, image=image),
        key=post.post_id.encode() if record.key is None else record.key,
        image_sha256=None if image is None else _checked(image, post, limits),
        text_sha256=hashlib.sha256(f"{text}\0{caption}".encode()).hexdigest(),
        language=language.tag,
        language_guessed=language.guessed,
    )


def _clean(text: str | None, cap: int) -> str:
    if not text:
        return ""
    text = text.lstrip()  # before the cap: blanks in front must not push the text out of what is judged
    if not text.isascii():
        text = unicodedata.normalize("NFC", _with_few_marks(text[: _MOST_COMPOSED * cap]))
    if "\0" in text or not text.isprintable():
        text = _UNUSABLE.sub("\ufffd", text)
    return text[:cap].strip()


def _with_few_marks(text: str) -> str:
    """At most thirty combining marks in a row, as in UAX 15's stream-safe format.

    Normalising sorts a run of them in quadratic time: half a second for a text of 32 KB that is made for it.
    """
    if len(text) < _SHORT_CHARACTERS:
        return text
    runs = groupby(text, key=lambda character: unicodedata.combining(character) > 0)
    return "".join(["".join(islice(run, _MOST_MARKS if are_marks else None)) for are_marks, run in runs])


def _checked(image: bytes, post: Post, limits: PreparingLimits) -> str:
    """SHA-256 of a picture that may be opened."""
    if len(image) > limits.max_image_bytes:
        raise PoisonError("too-large", f"the picture has {len(image)} bytes, {limits.max_image_bytes} are allowed")
    digest = hashlib.sha256(image).hexdigest()
    if post.image is not None and post.image.sha256 is not None and post.image.sha256.lower() != digest:
        raise PoisonError("wrong-sha256", "image.sha256: the picture has another hash")
    try:
        inspect_picture(image, max_pixels=limits.max_image_pixels)
    except MemeError as error:
        raise PoisonError(error.kind, error.reason) from error
    return digest
