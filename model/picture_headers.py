"""What the first bytes of a file say: its kind, the canvas of a WEBP, the frames of a GIF. Reads, never allocates.

GIF89a specification: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
WebP container: https://developers.google.com/speed/webp/docs/riff_container
"""

import re
from dataclasses import dataclass

__all__ = ["GifFrames", "gif_frames", "recognise", "webp_size"]

_MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\x1aE\xdf\xa3", "a video"),
)
_MARKUP = ((b"<svg", "SVG"), (b"<!doctype html", "HTML"), (b"<html", "HTML"), (b"<?xml", "XML"))
_MOST_FRAMES = 10_000
_MOST_BLOCKS = 200_000
"""Encoders fill blocks with 255 bytes: 50 MB."""

_IMAGE, _END = 0x2C, 0x3B
_BLOCK = re.compile(rb"[\x21\x2c\x3b]")
"""First bytes of an extension, a frame and the end."""


def recognise(data: bytes) -> str | None:
    """Pillow's name of the format (`JPEG`), or words for what it is instead (`a PDF`); None where nobody knows."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        return "AVIF" if data[8:12] in {b"avif", b"avis"} else "a video or HEIF"
    head = data[:1024].lower()
    return next((kind for mark, kind in _MARKUP if mark in head), None)


def webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a WEBP's canvas; None where the header is cut off or of an unknown kind."""
    chunk, body = data[12:16], data[20:30]
    if len(body) < 10:
        return None
    if chunk == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if chunk == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if chunk == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return None


@dataclass(frozen=True, slots=True)
class GifFrames:
    """How many frames a GIF has (counted up to 10,000) and the size that holds its screen and all of them."""

    count: int
    extent: tuple[int, int]


def gif_frames(data: bytes) -> GifFrames:
    """Frames of a GIF, as far as the file is intact. A frame may be larger than the screen, and Pillow follows it.

    Raises:
        ValueError: the file is cut into far more blocks than any encoder writes; to walk them all would take seconds.
    """
    width, height = _uint16(data, 6), _uint16(data, 8)
    position = 13 + _colour_table_bytes(data, 10)
    count = blocks = 0
    while count < _MOST_FRAMES and (found := _BLOCK.search(data, position)):  # what stands between blocks is skipped
        position, block = found.start(), found[0][0]
        if block == _END:
            break
        start = position + 2
        if block == _IMAGE:
            count += 1
            width = max(width, _uint16(data, position + 1) + _uint16(data, position + 5))
            height = max(height, _uint16(data, position + 3) + _uint16(data, position + 7))
            start = position + 11 + _colour_table_bytes(data, position + 9)
        position, passed = _after_blocks(data, start)
        blocks += 1 + passed
        if blocks > _MOST_BLOCKS:
            raise ValueError(f"more than {_MOST_BLOCKS} blocks")
    return GifFrames(max(1, count), (width, height))


def _uint16(data: bytes, position: int) -> int:
    return int.from_bytes(data[position : position + 2], "little")


def _colour_table_bytes(data: bytes, position: int) -> int:
    flags = data[position] if position < len(data) else 0
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_blocks(data: bytes, position: int) -> tuple[int, int]:
    """Position behind a chain of sub-blocks, each with its length before it, ended by an empty one; how many it has."""
    blocks = 0
    while position < len(data) and blocks <= _MOST_BLOCKS and (length := data[position]):
        position += 1 + length
        blocks += 1
    return position + 1, blocks
