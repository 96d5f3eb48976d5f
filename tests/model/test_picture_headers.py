"""Headers read without an image library: whatever the bytes, an answer at once and no error."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from memelens.model.picture_headers import gif_frames, recognise, webp_size


def saved(kind: str, size: tuple[int, int] = (40, 24), **options: object) -> bytes:
    """A file of a format."""
    buffer = io.BytesIO()
    Image.effect_noise(size, 50).convert("RGBA" if options.pop("alpha", False) else "RGB").save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF"])
def test_formats_are_known_by_their_first_bytes(kind: str) -> None:
    """By Pillow's names, as its own files begin."""
    assert recognise(saved(kind)) == kind


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", None),
        (b"a teapot", None),
        (b"\x1f\x8b\x08", "a gzip file"),
        (b"\x1aE\xdf\xa3", "a video"),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"\n\n <!DocType HTML>", "HTML"),
        (b"<?xml version='1.0'?><note/>", "XML"),
        (b"\0\0\0\x18ftypheic", "a video or HEIF"),
    ],
)
def test_other_things_have_names_for_people(data: bytes, kind: str | None) -> None:
    """So that a dead letter can say what came in place of a picture."""
    assert recognise(data) == kind


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"alpha": True}, {"exif": b"Exif\0\0"}], ids=str)
@pytest.mark.parametrize("size", [(1, 1), (40, 24), (16_383, 2)])
def test_the_canvas_of_a_webp_is_read(size: tuple[int, int], options: dict[str, object]) -> None:
    """From the lossy, the lossless and the extended header."""
    assert webp_size(saved("WEBP", size, **options)) == size


@pytest.mark.parametrize("count", [1, 2, 7])
def test_frames_of_a_gif_are_counted(count: int) -> None:
    """As Pillow counts them, with colour tables of their own."""
    frames = [Image.effect_noise((20 + number, 12), 90) for number in range(count)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=50)
    found = gif_frames(buffer.getvalue())
    assert found.count == Image.open(buffer).n_frames == count  # type: ignore[attr-defined]  # of GIF's own class
    assert found.extent >= (20, 12)


def test_a_frame_beyond_the_screen_counts() -> None:
    """The extent holds what Pillow would allocate."""
    frame = b"\x2c" + struct.pack("<HHHH", 10, 20, 500, 600) + b"\0\x02\x02\x4c\x01\x00"
    assert gif_frames(saved("GIF")[:-1] + frame + b";").extent == (510, 620)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_to_their_end(noise: bytes) -> None:
    """Headers cut off or made up raise nothing, and counting ends."""
    for start in (
        b"",
        b"GIF89a",
        saved("GIF")[:40],
        b"RIFF\0\0\0\0WEBPVP8X",
        b"RIFF\0\0\0\0WEBPVP8L",
        saved("WEBP")[:25],
    ):
        recognise(start + noise)
        webp_size(start + noise)
        found = gif_frames(start + noise)
        assert 1 <= found.count <= 10_000


def test_a_gif_of_countless_blocks_is_refused() -> None:
    """Blocks of a byte, and files that are nothing between blocks, cost no time; the first is told as what it is."""
    head = saved("GIF")[:-1]
    with pytest.raises(ValueError, match="more than 200000 blocks"):
        gif_frames(head + b"\x21\xfe" + b"\x01\x00" * 1_000_000)
    assert gif_frames(head + bytes(16_000_000)).count == 1
