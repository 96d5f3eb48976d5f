"""A post that is ready to be judged: decoded, fetched, checked and hashed."""

from dataclasses import dataclass

from ..model.engine import Meme
from .brokers.interface import Record
from .messages import Post

__all__ = ["PreparedPost"]


@dataclass(frozen=True, slots=True)
class PreparedPost:
    """What the later steps need of a post.

    `key` is the key of all its outputs: the record's, else the post id. `image_sha256` (of the original bytes) is None
    without an image; `text_sha256` covers text and caption after NFC and cap. `language` is the tag that is published
    (`ar`, or a language outside the nine such as `tr`; `und` where nothing could be guessed), `language_guessed`
    whether it was. `meme.language` is None outside the nine.
    """

    record: Record
    post: Post
    meme: Meme
    key: bytes
    image_sha256: str | None
    text_sha256: str
    language: str
    language_guessed: bool = False
