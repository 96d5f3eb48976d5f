"""Checking a picture by its header, and opening it as one RGB still. Pictures come from strangers.

Nothing is decoded before the pixel cap was checked against every size that the header (of a GIF: of every frame)
announces, and no setting of Pillow is touched, so that any thread may open any picture.
"""

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops

from .errors import MemeError
from .picture_headers import GifFrames, gif_frames, recognise, webp_size

__all__ = ["FORMATS", "UPRIGHT", "PictureInfo", "inspect_picture", "open_picture"]

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
"""What is opened unless a caller says otherwise; more of Pillow's names (`AVIF`, `BMP`, `TIFF`) may be added."""

_WORST_ASPECT = 200  # the vision towers that we serve refuse longer strips
_STILLS = 4  # of an animation, in one sheet
_MOST_SCANS = 100  # encoders write about ten
_FRAMES_WALKED = 240  # decoding the last frame of an animation means decoding all before it
_EXIF_ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How a picture is turned that is stored with an EXIF orientation; any other stands upright."""

_SEE_THROUGH = 224  # alpha below it lets the ground shine through visibly
_SHARE_SEE_THROUGH = 0.01
_WHITE, _BLACK, _BLANK = (255, 255, 255), (0, 0, 0), (128, 128, 128, 255)


@dataclass(frozen=True, slots=True)
class PictureInfo:
    """What a header says. `width` and `height` are in pixels, before `orientation` (EXIF, 1 to 8) is applied."""

    format: str
    width: int
    height: int
    animated: bool
    alpha: bool
    orientation: int


def inspect_picture(data: bytes, *, max_pixels: int, formats: tuple[str, ...] = FORMATS) -> PictureInfo:
    """What a picture's content says it is; its name and declared type don't matter, and no pixel is decoded.

    Raises:
        MemeError: `not-a-picture` (HTML, SVG, PDF, noise …), `broken-picture`, `picture-too-large` (more than
            `max_pixels` in one frame) or `picture-shape` (no pixels, or a strip longer than 200 times its width).
    """
    with _opened(data, max_pixels, formats) as image, _as_meme_errors(image.format):
        width, height = image.size
        kind = "JPEG" if image.format == "MPO" else str(image.format)
        animated = _count_frames(image, data) > 1
        return PictureInfo(kind, width, height, animated, image.has_transparency_data, _orientation(image))


def open_picture(data: bytes, *, max_pixels: int, formats: tuple[str, ...] = FORMATS) -> Image.Image:
    """The picture as one still in mode RGB, upright.

    What is see-through is shown on white and on black, side by side; of an animation up to four frames, evenly spread
    over its first 240 (fewer where they are large), stand in one sheet. At most 2 x `max_pixels` pixels come out.

    Raises:
        MemeError: as for `inspect_picture`; truncated data is a `broken-picture`.
    """
    with _opened(data, max_pixels, formats) as image, _as_meme_errors(image.format):
        frames = _count_frames(image, data)
        return _on_grounds(_still(image) if frames == 1 else _sheet(image, frames, max_pixels))


@contextmanager
def _as_meme_errors(kind: str | None) -> Iterator[None]:
    """Pillow's plug-ins raise whatever their parsers stumble over, sometimes only when a property is read."""
    try:
        yield
    except MemeError:
        raise
    except Exception as error:
        raise MemeError("broken-picture", f"the {kind} file is truncated or damaged") from error


def _opened(data: bytes, max_pixels: int, formats: tuple[str, ...]) -> Image.Image:
    """The picture with its header read and its size checked."""
    kind = recognise(data)
    if kind == "WEBP":  # Pillow would allocate the canvas before anybody could look at its size
        _check_size(*(webp_size(data) or (1, 1)), max_pixels)
    try:
        image = Image.open(io.BytesIO(data), formats=formats)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MemeError("picture-too-large", f"the picture has more than {max_pixels} pixels") from error
    except Exception as error:
        if kind in formats:
            raise MemeError("broken-picture", f"the {kind} file is truncated or damaged") from error
        found = f"this is {kind}" if kind else "this is none of them"
        raise MemeError("not-a-picture", f"pictures may be {', '.join(formats)}; {found}") from error
    _check_size(*image.size, max_pixels)
    if kind == "JPEG":
        _check_scans(data)
    if image.format == "GIF":
        _check_size(*_gif_frames(data).extent, max_pixels)
    return image


def _gif_frames(data: bytes) -> GifFrames:
    try:
        return gif_frames(data)
    except ValueError as error:
        raise MemeError("broken-picture", f"the GIF file is cut into {error}: no encoder writes such a file") from error


def _check_size(width: int, height: int, max_pixels: int) -> None:
    if width < 1 or height < 1:
        raise MemeError("picture-shape", "the picture has no pixels")
    if width * height > max_pixels:
        raise MemeError("picture-too-large", f"{width} x {height} pixels are more than the {max_pixels} allowed")
    if max(width, height) > _WORST_ASPECT * min(width, height):
        raise MemeError("picture-shape", f"{width} x {height} pixels are a strip longer than 1:{_WORST_ASPECT}")


def _check_scans(data: bytes) -> None:
    # Each scan of a progressive file costs a pass over all pixels and can be written in a few bytes: minutes of work in
    # a small file. In the coded data 0xFF is always followed by a zero, so this counts little else.
    scans = data.count(b"\xff\xda")
    if scans > _MOST_SCANS:
        raise MemeError("picture-too-large", f"the JPEG file comes in {scans} scans, {_MOST_SCANS} are allowed")


def _count_frames(image: Image.Image, data: bytes) -> int:
    if image.format == "MPO":  # its further pictures are previews and the other eye's view, not an animation
        return 1
    if image.format == "GIF":  # Pillow would walk through the whole file, and stumble where it is damaged
        return _gif_frames(data).count
    return int(getattr(image, "n_frames", 1))


def _orientation(image: Image.Image) -> int:
    if image.format == "PNG" and "exif" not in image.info:  # asking would decode the picture to look behind its pixels
        return 1
    try:
        value = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - damaged EXIF data is no reason to refuse a picture that can be seen
        return 1
    return value if value in UPRIGHT else 1


def _still(image: Image.Image) -> Image.Image:
    """The current frame, upright, in mode RGB or RGBA."""
    image.load()
    still = _eight_bits(image).convert("RGBA" if image.has_transparency_data else "RGB")
    method = UPRIGHT.get(_orientation(image))
    return still if method is None else still.transpose(method)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey pictures with 16 or 32 bits a pixel, scaled; Pillow's own conversion would clip them to white."""
    if not image.mode.startswith(("I", "F")):
        return image
    values = np.nan_to_num(np.asarray(image).astype(np.float64))
    top = 65535.0 if image.mode.startswith("I") and values.max(initial=0) <= 65535 else max(values.max(initial=0), 1e-9)
    return Image.fromarray((values.clip(0, top) * (255 / top)).astype(np.uint8))


def _on_grounds(image: Image.Image) -> Image.Image:
    """RGB: what is see-through on white and on black, side by side (one above the other where it is wide)."""
    if image.mode != "RGBA":
        return image
    (width, height), alpha = image.size, image.getchannel("A")
    colours = image.convert("RGB")
    see_through = sum(alpha.histogram()[:_SEE_THROUGH]) > _SHARE_SEE_THROUGH * width * height
    second = ((0, height) if width > height else (width, 0)) if see_through else (0, 0)
    shown = Image.new("RGB", (width + second[0], height + second[1]), _WHITE)
    shown.paste(colours, (0, 0), alpha)
    if see_through:
        shown.paste(_BLACK, (*second, *shown.size))
        shown.paste(colours, second, alpha)
    return shown


def _sheet(image: Image.Image, frames: int, max_pixels: int) -> Image.Image:
    """Frames of an animation in rows of two, shrunk so that the sheet stays within `max_pixels`."""
    stills = _sampled(image, frames, max_pixels)
    if len(stills) == 1:
        return stills[0]
    width, height = (max(sizes) for sizes in zip(*(still.size for still in stills), strict=True))
    sheet = Image.new("RGBA", (2 * width, height * math.ceil(len(stills) / 2)), _BLANK)
    for place, still in enumerate(stills):
        sheet.paste(still, (place % 2 * width, place // 2 * height))
    return sheet


def _sampled(image: Image.Image, frames: int, max_pixels: int) -> list[Image.Image]:
    """Different frames, evenly spread, in mode RGBA, each within a quarter of `max_pixels`."""
    budget = max(_STILLS, _STILLS * max_pixels // (image.width * image.height))
    last = min(frames, _FRAMES_WALKED, budget) - 1
    wanted = {round(step * last / (_STILLS - 1)) for step in range(_STILLS)}
    stills: list[Image.Image] = []
    for index in range(last + 1):
        image.seek(index)
        if index in wanted:
            still = _shrunk(_still(image).convert("RGBA"), max_pixels // _STILLS)
            if all(_differ(still, other) for other in stills):
                stills.append(still)
    return stills


def _shrunk(still: Image.Image, max_pixels: int) -> Image.Image:
    scale = math.sqrt(max_pixels / (still.width * still.height))
    if scale >= 1:
        return still
    return still.resize((max(1, int(still.width * scale)), max(1, int(still.height * scale))))


def _differ(one: Image.Image, other: Image.Image) -> bool:
    return one.size != other.size or ImageChops.difference(one, other).getbbox(alpha_only=False) is not None
