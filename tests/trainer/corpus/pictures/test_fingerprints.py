"""Fingerprints: what is known of a picture by its content alone."""

import hashlib

import imagehash
import numpy as np
import pytest
from PIL import Image
from tests.trainer.corpus.pictures.drawn import captioned, encoded, scene

from memelens.model.errors import MemeError
from memelens.trainer.corpus.pictures import fingerprints
from memelens.trainer.corpus.pictures.fingerprints import FORMATS, HASH_BYTES, Fingerprint, fingerprint, is_large, shown


def bits(one: bytes | None, other: bytes | None) -> int:
    """In how many bits two hashes differ."""
    assert one is not None
    assert other is not None
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def hash_of(picture: Image.Image, kind: str = "JPEG") -> bytes | None:
    """Perceptual hash of a picture's file."""
    return fingerprint(encoded(picture, kind)).perceptual_hash


def refusal(data: bytes) -> str:
    """Kind of the error that says why a file has no fingerprint."""
    with pytest.raises(MemeError) as caught:
        fingerprint(data)
    return caught.value.kind


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_is_told_by_its_content(kind: str) -> None:
    """Digest and size are the file's, format and sides the picture's, the hash is the same as of any other format."""
    data = encoded(scene(1, 300, 200), kind)
    found = fingerprint(data)
    assert found == Fingerprint(hashlib.sha256(data).hexdigest(), found.perceptual_hash, 300, 200, kind, len(data))
    assert found.perceptual_hash is not None
    assert len(found.perceptual_hash) == HASH_BYTES
    assert bits(found.perceptual_hash, hash_of(scene(1, 300, 200), "PNG")) <= 8


@pytest.mark.parametrize("size", [(701, 701), (1537, 1537), (1600, 901), (190, 999), (64, 64), (50, 31)], ids=str)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_hash_is_that_of_the_whole_picture(kind: str, size: tuple[int, int]) -> None:
    """Decoding a part of the detail, and averaging pixels first, costs few bits whatever the sides."""
    data = encoded(scene(2, *size), kind)
    whole = np.packbits(imagehash.phash(shown(data), hash_size=16).hash).tobytes()
    assert bits(fingerprint(data).perceptual_hash, whole) <= 4


def test_copies_are_near_and_others_far() -> None:
    """Saved worse or smaller a picture keeps its hash within ten bits; another one is a hundred away."""
    one = captioned(scene(3), "what a day")
    for copy in (encoded(one, quality=40), encoded(one.resize((200, 200))), encoded(one.resize((700, 650)), "WEBP")):
        assert bits(hash_of(one), fingerprint(copy).perceptual_hash) <= 10
    assert bits(hash_of(one), hash_of(scene(4))) > 80


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_is_hashed_as_it_is_shown(kind: str, orientation: int) -> None:
    """One that is stored lying down has the sides and the hash of what a viewer sees."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(scene(5, 420, 300), kind, exif=exif.tobytes())
    upright = shown(data)
    found = fingerprint(data)
    assert (found.width, found.height) == upright.size
    assert bits(found.perceptual_hash, hash_of(upright, "PNG")) <= 4


def test_a_flat_picture_has_no_hash() -> None:
    """One colour, or contrasts that don't survive being saved, aren't near to any other picture."""
    assert hash_of(Image.new("RGB", (300, 200), (90, 20, 160))) is None
    faint = scene(6).convert("L").point(lambda level: 120 + level // 50)
    assert hash_of(faint, "PNG") is None
    assert hash_of(captioned(Image.new("RGB", (500, 500), "white"), "hello")) is not None


def test_colours_for_print_and_see_through_parts_are_shown() -> None:
    """A CMYK JPEG is its RGB picture; what is see-through stands on white and on black, as a model sees it."""
    assert bits(hash_of(scene(7).convert("CMYK")), hash_of(scene(7))) <= 6
    half = scene(8)
    half.putalpha(Image.linear_gradient("L").resize(half.size))
    data = encoded(half, "PNG")
    found = fingerprint(data)
    assert (found.width, found.height) == half.size
    assert bits(found.perceptual_hash, hash_of(shown(data), "PNG")) == 0
    assert shown(data).mode == "RGB"


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.97])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_half_a_copy_is_noticed(kind: str, kept: float) -> None:
    """The whole file is decoded, so that one that was cut off has no fingerprint."""
    data = encoded(scene(9, 800, 700), kind)
    assert refusal(data[: int(kept * len(data))]) == "broken-picture"


def test_what_is_no_picture_is_refused() -> None:
    """A page that was saved in a picture's place, an empty file."""
    assert refusal(b"<!doctype html><title>404</title>") == "not-a-picture"
    assert refusal(b"") == "not-a-picture"


def test_a_huge_picture_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its header is enough."""
    monkeypatch.setattr(fingerprints, "MOST_PIXELS", 10_000)
    assert refusal(encoded(scene(1, 101, 100))[:700]) == "picture-too-large"
    assert fingerprint(encoded(scene(1, 100, 100))).width == 100


def test_large_is_what_takes_memory() -> None:
    """A JPEG is decoded small, whatever its size."""
    ground = Image.new("RGB", (2100, 2000))
    assert is_large(encoded(ground, "PNG"))
    assert not is_large(encoded(ground, "JPEG"))
    assert not is_large(encoded(ground.crop((0, 0, 1900, 2000)), "PNG"))
