"""Pictures: what is recognised, what is refused before a pixel is decoded, and what the model gets to see."""

import io
import struct
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from memelens.model.errors import MemeError
from memelens.model.pictures import FORMATS, inspect_picture, open_picture

LIMIT = 1_000_000
RED, GREEN, BLUE = (220, 20, 20), (20, 200, 20), (20, 20, 220)


def quarters(width: int = 64, height: int = 48) -> Image.Image:
    """Red on the left, green on the top right, blue below it: no two ways of turning it look the same."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (width // 2, height // 2, width, height))
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The file of an image."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def animation(kind: str, frames: list[Image.Image]) -> bytes:
    """The file of an animation."""
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def near(image: Image.Image, place: tuple[int, int], colour: tuple[int, int, int]) -> bool:
    """Whether a pixel has a colour, give or take a lossy format."""
    found = image.getpixel(place)
    assert isinstance(found, tuple)
    return max(abs(a - b) for a, b in zip(found, colour, strict=True)) < 40


def png(width: int, height: int, rows: bytes = b"") -> bytes:
    """A PNG whose header says anything."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def refusal(call: Callable[[], object]) -> str:
    """Kind of the error that a call raises."""
    with pytest.raises(MemeError) as caught:
        call()
    assert caught.value.reason
    return caught.value.kind


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_is_described_by_its_content(kind: str) -> None:
    """Format and size come from the header; nothing is said about a file name."""
    info = inspect_picture(encoded(quarters(), kind), max_pixels=LIMIT)
    assert (info.format, info.width, info.height, info.animated, info.orientation) == (kind, 64, 48, False, 1)
    picture = open_picture(encoded(quarters(), kind), max_pixels=LIMIT)
    assert (picture.mode, picture.size) == ("RGB", (64, 48))
    assert near(picture, (8, 8), RED)
    assert near(picture, (56, 8), GREEN)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "AVIF"])
def test_more_of_pillows_formats_are_an_option(kind: str) -> None:
    """A format that isn't listed is refused by name, and opened where a caller lists it."""
    data = encoded(quarters(), kind)
    with pytest.raises(MemeError, match=f"this is {kind}") as caught:
        inspect_picture(data, max_pixels=LIMIT)
    assert caught.value.kind == "not-a-picture"
    assert inspect_picture(data, max_pixels=LIMIT, formats=(*FORMATS, kind)).format == kind
    assert open_picture(data, max_pixels=LIMIT, formats=(*FORMATS, kind)).size == (64, 48)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "none of them"),
        (b"just some words that are no picture", "none of them"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "HTML"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04 ...", "a ZIP archive"),
        (b"\x00\x00\x00\x20ftypisom....", "a video"),
    ],
)
def test_what_only_pretends_is_named(data: bytes, words: str) -> None:
    """A page, a drawing or a document that calls itself a picture is refused with a word for what it is."""
    for call in (inspect_picture, open_picture):
        with pytest.raises(MemeError, match=words) as caught:
            call(data, max_pixels=LIMIT)
        assert caught.value.kind == "not-a-picture"


@pytest.mark.parametrize("kind", FORMATS)
def test_half_a_file_is_broken(kind: str) -> None:
    """Truncated data is an error, never half a picture, and Pillow's own switch for that stays off."""
    data = encoded(Image.effect_noise((64, 48), 90), kind)
    assert refusal(lambda: open_picture(data[: len(data) // 2], max_pixels=LIMIT)) == "broken-picture"
    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def webp_canvas(width: int, height: int) -> bytes:
    """A WEBP whose extended header announces a canvas."""
    body = b"\x12\0\0\0" + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + (22).to_bytes(4, "little") + b"WEBPVP8X" + (10).to_bytes(4, "little") + body


def gif_with_frame(width: int, height: int) -> bytes:
    """A small GIF followed by a frame that is larger than the screen."""
    frame = b"\x2c\0\0\0\0" + struct.pack("<HH", width, height) + b"\0\x02\x02\x4c\x01\x00"
    return encoded(quarters(8, 8), "GIF")[:-1] + frame + b";"


@pytest.mark.parametrize(
    "data",
    [png(30_000, 30_000), webp_canvas(16_000, 16_000), gif_with_frame(60_000, 60_000), encoded(quarters(1001, 1000))],
    ids=["png", "webp", "gif-frame", "one-row-too-many"],
)
def test_bombs_are_never_decoded(data: bytes) -> None:
    """A header that announces more pixels than allowed is enough, in any frame."""
    for call in (inspect_picture, open_picture):
        assert refusal(lambda call=call: call(data, max_pixels=LIMIT)) == "picture-too-large"  # type: ignore[misc]


def test_thousands_of_scans_are_refused() -> None:
    """A progressive JPEG may ask for a pass over all its pixels every few bytes; ordinary ones don't."""
    ordinary = encoded(quarters(), "JPEG", progressive=True)
    assert inspect_picture(ordinary, max_pixels=LIMIT).format == "JPEG"
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x01\x01\x00"
    assert refusal(lambda: inspect_picture(ordinary[:-2] + 5000 * scan, max_pixels=LIMIT)) == "picture-too-large"


@pytest.mark.parametrize("size", [(2001, 10), (10, 2001), (0, 10)], ids=["wide", "tall", "empty"])
def test_shapes_that_no_model_takes_are_refused(size: tuple[int, int]) -> None:
    """Strips beyond 1:200 and pictures without pixels."""
    kinds = {"picture-shape"} if all(size) else {"picture-shape", "broken-picture"}
    assert refusal(lambda: inspect_picture(png(*size), max_pixels=LIMIT)) in kinds


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_turned_picture_is_put_upright(kind: str, orientation: int) -> None:
    """All eight EXIF orientations show the same picture as a viewer does."""
    turned = {
        1: lambda image: image,
        2: lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: lambda image: image.rotate(180),
        4: lambda image: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: lambda image: image.transpose(Image.Transpose.TRANSPOSE),
        6: lambda image: image.rotate(90, expand=True),
        7: lambda image: image.transpose(Image.Transpose.TRANSVERSE),
        8: lambda image: image.rotate(270, expand=True),
    }[orientation](quarters())
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(turned, kind, exif=exif)
    assert inspect_picture(data, max_pixels=LIMIT).orientation == orientation
    picture = open_picture(data, max_pixels=LIMIT)
    assert picture.size == (64, 48)
    assert near(picture, (8, 8), RED)
    assert near(picture, (56, 8), GREEN)
    assert near(picture, (56, 40), BLUE)


def test_damaged_exif_is_no_reason_to_refuse() -> None:
    """The picture can be seen all the same."""
    data = encoded(quarters(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert open_picture(data, max_pixels=LIMIT).size == (64, 48)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize(("size", "shown"), [((40, 60), (80, 60)), ((60, 40), (60, 80))], ids=["tall", "wide"])
def test_white_text_on_nothing_can_be_read(kind: str, size: tuple[int, int], shown: tuple[int, int]) -> None:
    """What is see-through stands on white and on black, so that neither white nor black strokes vanish."""
    sticker = Image.new("RGBA", size, (0, 0, 0, 0))
    sticker.paste((255, 255, 255, 255), (10, 10, 30, 30))
    picture = open_picture(
        encoded(sticker, kind, lossless=True) if kind == "WEBP" else encoded(sticker), max_pixels=LIMIT
    )
    assert picture.size == shown
    on_black = (20 + size[0], 20) if shown[0] > size[0] else (20, 20 + size[1])
    assert near(picture, (20, 20), (255, 255, 255))
    assert near(picture, on_black, (255, 255, 255))
    assert near(picture, (on_black[0] - 15, on_black[1] - 15), (0, 0, 0))


def test_a_transparent_corner_doubles_nothing() -> None:
    """Where next to nothing shines through, one ground is enough."""
    image = quarters().convert("RGBA")
    image.putpixel((0, 0), (0, 0, 0, 0))
    assert open_picture(encoded(image), max_pixels=LIMIT).size == (64, 48)


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (quarters().quantize(8), {}),
        (quarters().quantize(8), {"transparency": 0}),
        (quarters().convert("L"), {}),
        (quarters().convert("L"), {"transparency": 5}),
        (quarters().convert("LA"), {}),
        (quarters().convert("1"), {}),
        (quarters(), {"transparency": (1, 2, 3)}),
    ],
    ids=["palette", "palette-transparent", "grey", "grey-transparent", "grey-alpha", "bits", "rgb-transparent"],
)
def test_every_colour_mode_of_png_opens(image: Image.Image, options: dict[str, Any]) -> None:
    """Palettes, grey, bits, alpha of each kind."""
    picture = open_picture(encoded(image, "PNG", **options), max_pixels=LIMIT)
    assert picture.mode == "RGB"
    assert set(picture.size) <= {64, 48, 128, 96}


def test_cmyk_pictures_open() -> None:
    """Print files are JPEGs too."""
    assert near(open_picture(encoded(quarters().convert("CMYK"), "JPEG"), max_pixels=LIMIT), (8, 8), RED)


def test_a_phones_photo_is_one_picture() -> None:
    """The preview that cameras keep behind the picture (MPO) makes it no animation."""
    file = io.BytesIO()
    quarters().save(file, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 48), BLUE)])
    info = inspect_picture(file.getvalue(), max_pixels=LIMIT)
    assert (info.format, info.animated) == ("JPEG", False)
    picture = open_picture(file.getvalue(), max_pixels=LIMIT)
    assert picture.size == (64, 48)
    assert near(picture, (8, 8), RED)


def test_sixteen_bits_of_grey_keep_their_shades() -> None:
    """A dark and a bright half stay dark and bright instead of both turning white."""
    values = np.zeros((20, 40), dtype=np.uint16)
    values[:, :20], values[:, 20:] = 16_000, 48_000
    picture = open_picture(encoded(Image.fromarray(values)), max_pixels=LIMIT)
    assert near(picture, (5, 5), (62, 62, 62))
    assert near(picture, (35, 5), (187, 187, 187))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_an_animation_becomes_one_sheet(kind: str) -> None:
    """Its first and last frame are in it, and two between them."""
    colours = [RED, GREEN, BLUE, (200, 200, 20), (20, 200, 200), (200, 20, 200), (255, 255, 255)]
    data = animation(kind, [Image.new("RGB", (40, 30), colour) for colour in colours])
    assert inspect_picture(data, max_pixels=LIMIT).animated
    picture = open_picture(data, max_pixels=LIMIT)
    assert picture.size == (80, 60)
    assert near(picture, (10, 10), RED)
    assert near(picture, (50, 10), BLUE)
    assert near(picture, (70, 50), (255, 255, 255))


def test_frames_that_come_again_are_shown_once() -> None:
    """Of a picture that blinks, each face has one place in the sheet."""
    data = animation("GIF", [quarters(), quarters().rotate(180)] * 5)
    sheet = open_picture(data, max_pixels=LIMIT)
    assert sheet.size == (128, 48)
    assert near(sheet, (8, 8), RED)
    assert near(sheet, (120, 8), RED)


def test_a_header_that_promises_more_frames_costs_nothing() -> None:
    """Billions of announced frames are not walked; an animation that ends before its end is broken."""
    data = animation("PNG", [quarters(), quarters().rotate(180)])
    at = data.index(b"acTL")
    chunk = b"acTL" + struct.pack(">II", 2**31 - 1, 0)
    lying = data[:at] + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[at + 16 :]
    assert inspect_picture(lying, max_pixels=LIMIT).animated
    assert refusal(lambda: open_picture(lying, max_pixels=LIMIT)) == "broken-picture"


@pytest.mark.parametrize("frames", [2, 3, 5, 300])
def test_sheets_stay_within_the_pixel_cap(frames: int) -> None:
    """However many frames there are, no more pixels come out than of the largest allowed picture."""
    pictures = [Image.effect_noise((100, 90), 10 + index % 50).convert("P") for index in range(frames)]
    picture = open_picture(animation("GIF", pictures), max_pixels=10_000)
    assert picture.width * picture.height <= 10_000


def test_any_thread_may_open_any_picture() -> None:
    """Eight threads at once get what one gets."""
    files = [encoded(quarters(), kind) for kind in FORMATS] * 8
    alone = [open_picture(data, max_pixels=LIMIT).tobytes() for data in files]
    barrier = threading.Barrier(8)

    def opened(data: bytes) -> bytes:
        if data is files[0]:
            barrier.wait(timeout=10)
        return open_picture(data, max_pixels=LIMIT).tobytes()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(opened, [files[0]] * 8 + files)) == [alone[0]] * 8 + alone


_FILES = [
    encoded(quarters(16, 12), "JPEG"),
    encoded(quarters(16, 12), "JPEG", progressive=True),
    encoded(quarters(16, 12)),
    encoded(quarters(16, 12).quantize(4), transparency=0),
    encoded(quarters(16, 12), "WEBP"),
    encoded(quarters(16, 12), "WEBP", lossless=True),
    animation("GIF", [quarters(16, 12), quarters(16, 12).rotate(180)]),
    animation("WEBP", [quarters(16, 12), quarters(16, 12).rotate(180)]),
    animation("PNG", [quarters(16, 12), quarters(16, 12).rotate(180)]),
]


@pytest.mark.slow
@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(
    data=st.sampled_from(_FILES),
    edits=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), max_size=5),
    cut=st.floats(0, 1),
    drop=st.booleans(),
)
def test_damaged_files_open_or_say_so(data: bytes, edits: list[tuple[float, bytes]], cut: float, drop: bool) -> None:
    """Three thousand damaged files: an RGB picture within bounds, or a MemeError with kind and reason."""
    damaged = bytearray(data)
    for place, replacement in edits:
        at = int(place * len(damaged))
        damaged[at : at + len(replacement)] = replacement
    if drop:
        del damaged[int(cut * len(damaged)) :]
    try:
        inspect_picture(bytes(damaged), max_pixels=LIMIT)
        picture = open_picture(bytes(damaged), max_pixels=LIMIT)
    except MemeError as error:
        outcome: tuple[str, int] = (error.kind, 0)
    else:
        outcome = (picture.mode, picture.width * picture.height)
    kinds = {"not-a-picture", "broken-picture", "picture-too-large", "picture-shape"}
    assert outcome[0] in kinds or (outcome[0] == "RGB" and outcome[1] <= 2 * LIMIT)
