"""Preparing: from a post to what the model sees."""

import hashlib
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from memelens.consumer.brokers.interface import Partition, Record
from memelens.consumer.errors import PoisonError
from memelens.consumer.messages import Post, PostImage
from memelens.consumer.prepared import PreparedPost
from memelens.consumer.preparing import PreparingLimits, inline_image, prepare
from memelens.taxonomy import Language

LIMITS = PreparingLimits(max_text_characters=20, max_image_bytes=10_000, max_image_pixels=10_000)


def png(size: tuple[int, int] = (20, 10)) -> bytes:
    """A picture."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (200, 100, 0)).save(buffer, "PNG")
    return buffer.getvalue()


def prepared(post: Post, image: bytes | None = None, key: bytes | None = b"k") -> PreparedPost:
    """A post, prepared."""
    return prepare(Record(Partition("memes.posts", 0), 1, key, b"{}"), post, image, LIMITS)


def test_a_post_becomes_a_meme() -> None:
    """Text and caption are normalised, trimmed and capped, the picture goes along untouched."""
    image = png()
    post = Post(post_id="p", image_text=" cafe\u0301 ", caption="x" * 50, language="ro", image=PostImage(content=image))
    result = prepared(post, inline_image(post))
    assert (result.meme.text, result.meme.caption) == ("café", "x" * 20)
    assert result.meme.image is image
    assert result.meme.language is Language.ROMANIAN
    assert (result.language, result.language_guessed) == ("ro", False)
    assert result.image_sha256 == hashlib.sha256(image).hexdigest()


def test_the_key_of_outputs_is_the_records_else_the_post_id() -> None:
    """An empty key is a key."""
    post = Post(post_id="p", caption="hello")
    assert prepared(post).key == b"k"
    assert prepared(post, key=b"").key == b""
    assert prepared(post, key=None).key == b"p"


def test_the_hash_covers_what_is_judged() -> None:
    """Spelling of the same characters and text beyond the cap make no difference; the border of the two texts does."""

    def text_hash(image_text: str, caption: str) -> str:
        return prepared(Post(post_id="p", image_text=image_text, caption=caption, language="en")).text_sha256

    assert text_hash("cafe\u0301", "a") == text_hash("café", "a")
    assert text_hash("\ufb01ne", "a") != text_hash("fine", "a")
    assert text_hash("x" * 20, "a") == text_hash("x" * 20 + "y", "a")
    assert text_hash("ab", "c") != text_hash("a", "bc")
    assert text_hash("a", "") != text_hash("", "a")


@pytest.mark.parametrize("blank", [" ", "\n", "\u3000", "\u00a0"])
def test_blanks_do_not_hide_the_text(blank: str) -> None:
    """However many stand in front, the cap counts from the first character that can be seen."""
    post = Post(post_id="p", image_text=blank * 500 + "words", caption="", language="en")
    assert prepared(post).meme.text == "words"


def test_a_tower_of_marks_is_cut() -> None:
    """Marks without end on one letter would be sorted for seconds; what can be read of them, and of the rest, stays."""
    tower = "a" + "\u0301" * 5000 + "\u0323" * 5000
    long = PreparingLimits(max_text_characters=4000)
    post = Post(post_id="p", image_text=f"{tower} words {tower}", language="en")
    text = prepare(Record(Partition("memes.posts", 0), 1, b"k", b"{}"), post, None, long).meme.text
    assert text.startswith("á" + "\u0301" * 29 + " words á")
    assert len(text) < 100


@given(text=st.text(max_size=60))
def test_any_text_is_clean_afterwards(text: str) -> None:
    """NFC, within the cap, encodable, without NULs, and preparing it again changes nothing."""
    post = Post(post_id="p", image_text=text, caption="a", language="en")
    once = prepared(post).meme.text
    assert len(once) <= 20
    assert unicodedata.is_normalized("NFC", once)
    assert "\0" not in once
    assert prepared(post.model_copy(update={"image_text": once})).meme.text == once
    once.encode()


def test_a_language_outside_the_nine_is_published_and_judged() -> None:
    """It is asked in English; nothing is refused for it."""
    result = prepared(Post(post_id="p", caption="merhaba", language="tr-TR"))
    assert (result.language, result.meme.language, result.language_guessed) == ("tr", None, False)


def test_a_missing_language_is_guessed_from_both_texts() -> None:
    """And marked as a guess."""
    result = prepared(Post(post_id="p", image_text="2026", caption="кошка снова спит"))
    assert (result.language, result.meme.language, result.language_guessed) == ("ru", Language.RUSSIAN, True)


def test_a_picture_with_another_hash_is_refused() -> None:
    """Whoever writes the hash in capitals means the same."""
    image = png()
    digest = hashlib.sha256(image).hexdigest()
    good = Post(post_id="p", image=PostImage(uri="https://x", sha256=digest.upper()))
    assert prepared(good, image).image_sha256 == digest
    with pytest.raises(PoisonError) as caught:
        prepared(Post(post_id="p", image=PostImage(uri="https://x", sha256="0" * 64)), image)
    assert caught.value.kind == "wrong-sha256"


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (b"", "not-a-picture"),
        (b"<html>", "not-a-picture"),
        (png()[:20], "broken-picture"),
        (png((101, 100)), "picture-too-large"),
        (png((2001, 1)), "picture-shape"),
        (b"x" * 10_001, "too-large"),
    ],
)
def test_pictures_are_checked_by_their_header(image: bytes, kind: str) -> None:
    """Whatever the model would stumble over is a dead letter before it gets there."""
    with pytest.raises(PoisonError) as caught:
        prepared(Post(post_id="p", image=PostImage(content=image)), image)
    assert caught.value.kind == kind
