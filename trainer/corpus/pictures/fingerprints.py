"""What is known of a picture by its content: digest, perceptual hash, size as shown.

The hash is ImageHash's `phash` with 256 bits: the signs of the 16 x 16 lowest frequencies of a grey picture against
their median (http://www.hackerfactor.com/blog/index.php?/archives/432-Looks-Like-It.html). What takes time in it is
shrinking a large picture to 64 x 64, so that is done here: a JPEG is decoded at a fraction of its size, of others whole
pixels are averaged first. On 1,201 memes that changes half a bit of the hash on average and four bits at most, as much
as saving them once more does.
"""

import hashlib
import io
from dataclasses import dataclass

import imagehash
import numpy as np
import PIL
from PIL import Image

from ....model.errors import MemeError
from ....model.pictures import FORMATS as SERVED_FORMATS
from ....model.pictures import UPRIGHT, inspect_picture, open_picture

__all__ = ["FORMATS", "HASH_BYTES", "METHOD", "MOST_PIXELS", "Fingerprint", "fingerprint", "is_large", "shown"]

FORMATS = (*SERVED_FORMATS, "BMP", "AVIF", "TIFF")
"""What the datasets' pictures may be, whatever their files' names say."""

MOST_PIXELS = 50_000_000
"""A larger picture is refused before it is decoded."""

HASH_BYTES = 32

METHOD = f"1 (Pillow {PIL.__version__}, ImageHash {imagehash.__version__})"
"""How fingerprints are taken: those taken in another way may differ by a few bits. Count on where this file changes."""

_SIDE = 64  # what `phash` takes the frequencies of
_LEAST_DECODED = 192  # pixels of the shorter side of a JPEG
_GAP = 3.0  # with 2 the averaged pixels cost a bit of the hash
_LARGE_PIXELS = 4_000_000
_LEAST_CONTRAST = 8  # grey levels; below it saving a picture once more changes ten bits and more


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Of the file: SHA-256 in hexadecimal digits, Pillow's name of the format, size in bytes.

    Of the picture as shown: width and height in pixels, upright, and a hash of `HASH_BYTES` bytes; None where the
    picture is too flat to have one.
    """

    sha256: str
    perceptual_hash: bytes | None
    width: int
    height: int
    format: str
    size_bytes: int


def fingerprint(data: bytes) -> Fingerprint:
    """What is known of the picture in these bytes; all of it is decoded, so that a truncated copy is noticed.

    Raises:
        MemeError: as for `memelens.model.pictures.open_picture`.
    """
    info = inspect_picture(data, max_pixels=MOST_PIXELS, formats=FORMATS)
    lying = info.orientation > 4  # these four swap the sides
    small = _small_jpeg(data, info.orientation) if info.format == "JPEG" else _small(shown(data))
    return Fingerprint(
        sha256=hashlib.sha256(data).hexdigest(),
        perceptual_hash=_perceptual_hash(small),
        width=info.height if lying else info.width,
        height=info.width if lying else info.height,
        format=info.format,
        size_bytes=len(data),
    )


def is_large(data: bytes) -> bool:
    """Whether decoding a picture takes more than about 100 MB; with `MOST_PIXELS` it is up to 1.2 GB.

    Raises:
        MemeError: as for `memelens.model.pictures.inspect_picture`.
    """
    info = inspect_picture(data, max_pixels=MOST_PIXELS, formats=FORMATS)
    return info.format != "JPEG" and info.width * info.height > _LARGE_PIXELS


def shown(data: bytes) -> Image.Image:
    """A picture as a model gets to see it: one RGB still, upright.

    Raises:
        MemeError: as for `memelens.model.pictures.open_picture`.
    """
    return open_picture(data, max_pixels=MOST_PIXELS, formats=FORMATS)


def _small(picture: Image.Image) -> Image.Image:
    return picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, reducing_gap=_GAP)


def _small_jpeg(data: bytes, orientation: int) -> Image.Image:
    """The same of a JPEG, which neither moves nor has see-through parts, from a decoding at 1/2, 1/4 or 1/8."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            drafted = picture.draft(None, (_LEAST_DECODED, _LEAST_DECODED))
            # 701 pixels at 1/4 are 175.25 in 176: without the box the whole picture would be stretched a little
            box = drafted[1] if drafted else (0, 0, *picture.size)
            small = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, box, reducing_gap=_GAP)
    except Exception as error:
        raise MemeError("broken-picture", "the JPEG file is truncated or damaged") from error
    return small.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else small


def _perceptual_hash(small: Image.Image) -> bytes | None:
    if np.ptp(np.asarray(small)) < _LEAST_CONTRAST:
        return None
    return np.packbits(imagehash.phash(small, hash_size=16).hash).tobytes()
